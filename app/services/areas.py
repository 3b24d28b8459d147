"""The area tree in the database, loaded from the profile's official files (Z-A1)."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import func, insert, select

from app.domain.areas import AreaLevel, code_at
from app.extensions import db
from app.models import Area
from app.profiles import Profile, load_areas, load_profile
from app.services import area_tree
from app.services.transaction import transactional

_CHUNK = 500


@transactional
def load(profile: Profile) -> int:
    """Make the area table what the profile's files say, if it is empty; return how many nodes it has."""
    present = db.session.execute(select(func.count()).select_from(Area.__table__)).scalar_one()
    if present:
        return present
    records = [
        {
            "code": record.code,
            "official_code": record.official_code,
            "name": record.name,
            "level": record.level.name.lower(),
            "parent_code": record.parent_code,
            "aliases": list(record.aliases),
        }
        for record in load_areas(profile)
    ]
    for start in range(0, len(records), _CHUNK):
        db.session.execute(insert(Area.__table__), records[start : start + _CHUNK])
    area_tree.changed()
    return len(records)


def full_name(code: str, *, top: AreaLevel = AreaLevel.CITY) -> str:
    """Return the name of an area with those of the areas above it up to `top`, as one text: 郑州市中原区.

    Of an area above `top` it is the name alone.
    From the tree that the process remembers: a list names the area of every row without a statement.
    """
    names = area_tree.current().names
    first = min(top.code_length, len(code))
    lengths = [level.code_length for level in AreaLevel if first <= level.code_length <= len(code)]
    return "".join(names.get(code[:length], "") for length in lengths)


def name_of(code: str) -> str:
    """Return the name of an area alone, empty for a code that nobody knows."""
    return area_tree.current().names.get(code, "")


def name_at(code: str, level: AreaLevel) -> str:
    """Return the name of the area of `level` that `code` lies in, empty where `code` is above that level."""
    return area_tree.current().names.get(code[: level.code_length], "") if code_at(code, level) else ""


def codes_named(text: str, level: AreaLevel, within: str) -> list[str]:
    """Return the codes of the areas of `level` below `within` whose names begin with `text`."""
    return [
        code
        for code, name in area_tree.current().names.items()
        if len(code) == level.code_length and code.startswith(within) and name.startswith(text)
    ]


def codes_of_name(text: str) -> list[str]:
    """Return the codes of the region's areas whose names begin with `text`, whatever their level."""
    region = load_profile(current_app.config["REGION"]).area_code
    names = area_tree.current().names
    return [code for code, name in names.items() if code.startswith(region) and name.startswith(text)]
