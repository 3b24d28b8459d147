"""An area as somebody writes it, 湖北省武汉市武昌区 or 湖北 武汉 武昌, made the code of a district (Z-S2)."""

from __future__ import annotations

from functools import lru_cache

from flask import current_app

from app.domain.areas import AreaLevel, parent_code
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.text import without_blanks
from app.profiles import load_areas, load_profile

_ENDINGS = (
    "特别行政区",
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "自治区",
    "自治州",
    "地区",
    "盟",
    "省",
    "市",
    "区",
    "县",
)
_SHORTEST = 2
_SEPARATORS = str.maketrans("", "", "/、,，·-")

Names = tuple[str, ...]


def district_code(text: str, *, field: str = "origin_district") -> str:
    """Return the code of the one district that `text` names. Errors, at `field`: origin_unknown, origin_ambiguous."""
    typed = without_blanks(text).translate(_SEPARATORS)
    found = [code for code, path in _paths(current_app.config["REGION"]) if _names(typed, path)]
    if not found:
        raise DomainError(N_("没有找到这个地方，请写明省、市、区县"), code="origin_unknown", field=field)
    if len(found) > 1:
        raise DomainError(N_("有同名的地方，请写明省、市、区县"), code="origin_ambiguous", field=field)
    return found[0]


def _names(typed: str, path: tuple[Names, ...]) -> bool:
    """Whether `typed` is the district's name, with the areas above it before it or without."""
    *above, own = path
    rests = {typed}
    for names in above:
        rests |= {rest[len(name) :] for rest in rests for name in names if rest.startswith(name)}
    return bool(rests & set(own))


@lru_cache(maxsize=4)
def _paths(region: str) -> tuple[tuple[str, tuple[Names, ...]], ...]:
    """Every district with the ways to write it and each area above it."""
    records = load_areas(load_profile(region))
    spelled = {record.code: _spellings(record.name) for record in records}
    found = []
    for record in records:
        if record.level is AreaLevel.DISTRICT:
            city = parent_code(record.code) or ""
            found.append((record.code, (spelled[city[:2]], spelled[city], spelled[record.code])))
    return tuple(found)


def _spellings(name: str) -> Names:
    short = next((name.removesuffix(ending) for ending in _ENDINGS if name.endswith(ending)), name)
    return (name, short) if len(short) >= _SHORTEST else (name,)
