"""The area tree of a profile: official records, with the profile's own areas worked in (Z-A1, D17)."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from app.domain.areas import AreaLevel, area_level, code_at
from app.domain.dispatch import DistrictNames, StreetNames
from app.profiles.model import OwnArea, Profile
from app.profiles.reading import ProfileError

DIRECTORY = Path(__file__).parent / "areas"


@dataclass(frozen=True)
class AreaRecord:
    """An area. `code` is ours, hierarchical by prefix; `official_code` is the published one, None for own areas."""

    code: str
    official_code: str | None
    name: str
    level: AreaLevel
    parent_code: str | None
    aliases: tuple[str, ...] = ()


@lru_cache
def load_areas(profile: Profile) -> tuple[AreaRecord, ...]:
    """Every province, city and district of the country, and the region's streets and communities.

    Parents come before their children. Streets that the profile gives to an area of its own have moved below it
    and carry codes that start with its code.
    """
    sources = profile.areas
    records = [*_read(DIRECTORY / sources.country_file), *_read(DIRECTORY / sources.city_file)]
    records.extend(_own_record(area) for area in sources.own_areas)
    moves = {street: area.code for area in sources.own_areas for street in area.streets}
    placed = sorted((_moved(record, moves) for record in records), key=lambda record: (len(record.code), record.code))
    _check_tree(placed)
    _check_known({*moves, *sources.aliases}, records, place=profile.name)
    return tuple(replace(record, aliases=sources.aliases.get(record.code, ())) for record in placed)


def district_names(profile: Profile) -> DistrictNames:
    """The names that sheets use for the region's districts, for dispatch (Z-T1)."""
    return DistrictNames((record.code, record.name, record.aliases) for record in districts(profile))


def street_names(profile: Profile) -> StreetNames:
    """The names that sheets use for the region's streets, for dispatch (Z-T3)."""
    streets = (
        (record.code, record.name)
        for record in load_areas(profile)
        if record.level is AreaLevel.STREET and record.code.startswith(profile.area_code)
    )
    return StreetNames(streets, district_names(profile))


def districts(profile: Profile) -> tuple[AreaRecord, ...]:
    """The region's districts, in the order of their codes."""
    return tuple(
        record
        for record in load_areas(profile)
        if record.level is AreaLevel.DISTRICT and record.code.startswith(profile.area_code)
    )


def _read(path: Path) -> Iterator[AreaRecord]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            level = AreaLevel[row["level"].upper()]
            code = row["code"]
            if area_level(code) is not level:
                raise ProfileError(f"{path.name}: {code} is no code of a {row['level']}")
            yield AreaRecord(code, code, row["name"], level, row["parent_code"] or None)


def _own_record(area: OwnArea) -> AreaRecord:
    level = area_level(area.code)
    return AreaRecord(area.code, None, area.name, level, code_at(area.code, AreaLevel.CITY))


def _moved(record: AreaRecord, moves: dict[str, str]) -> AreaRecord:
    """`record` below the district that its street was given to, or as it is."""
    street = code_at(record.code, AreaLevel.STREET)
    district = moves.get(street) if street else None
    if district is None:
        return record
    code = district + record.code[len(district) :]
    parent = district if record.level is AreaLevel.STREET else code_at(code, AreaLevel.STREET)
    return replace(record, code=code, parent_code=parent)


def _check_tree(records: Iterable[AreaRecord]) -> None:
    seen: set[str] = set()
    for record in records:
        if record.code in seen:
            raise ProfileError(f"area {record.code} is there twice")
        parent = record.parent_code
        if parent is not None and (parent not in seen or not record.code.startswith(parent)):
            raise ProfileError(f"area {record.code} does not lie in {parent}")
        seen.add(record.code)


def _check_known(codes: Iterable[str], records: Iterable[AreaRecord], *, place: str) -> None:
    known = {record.code for record in records}
    if unknown := sorted(set(codes) - known):
        raise ProfileError(f"{place}: no area has the code {', '.join(unknown)}")
