"""Where a journey began: the country's areas down to the district, and the other countries (Z-S2)."""

from __future__ import annotations

from functools import lru_cache

from flask import current_app

from app.domain.areas import AreaLevel
from app.profiles import load_areas, load_profile
from babel import Locale

Choice = tuple[str, str]

# What the locale data call otherwise than the forms of the field do.
_OVERRIDES = {
    "zh": {"HK": "中国香港", "MO": "中国澳门", "TW": "中国台湾"},
    "en": {"HK": "Hong Kong, China", "MO": "Macao, China", "TW": "Taiwan, China"},
}
_HOME = "CN"
# Codes that ISO 3166 does not list as countries.
_NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"})
_CODE_LENGTH = 2


@lru_cache(maxsize=4)
def _children(region: str) -> dict[str, tuple[Choice, ...]]:
    """Every area's children down to the district; provinces stand under the empty code."""
    found: dict[str, list[Choice]] = {}
    for record in load_areas(load_profile(region)):
        if record.level in (AreaLevel.PROVINCE, AreaLevel.CITY, AreaLevel.DISTRICT):
            found.setdefault(record.parent_code or "", []).append((record.code, record.name))
    return {parent: tuple(choices) for parent, choices in found.items()}


def areas_below(code: str) -> tuple[Choice, ...]:
    """Return code and name of the areas right below `code` (empty: the provinces); none below a district."""
    return _children(current_app.config["REGION"]).get(code, ())


def is_area(code: str) -> bool:
    """Return whether `code` is a province, city or district."""
    return any(code == child for child, _ in areas_below(_parent(code)))


def _parent(code: str) -> str:
    return code[:-_CODE_LENGTH]


@lru_cache(maxsize=4)
def countries(language: str) -> tuple[Choice, ...]:
    """Return code and name of all countries but our own; Chinese names in the order of their pinyin."""
    territories = Locale(language).territories
    named = {
        code: str(_OVERRIDES[language].get(code, name))
        for code, name in territories.items()
        if len(code) == _CODE_LENGTH and code.isalpha() and code not in _NO_COUNTRIES and code != _HOME
    }
    return tuple(sorted(named.items(), key=lambda item: item[1].encode("gb18030")))
