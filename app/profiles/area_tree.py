"""An area tree as work asks for it: its nodes, their names, and how sheets call its districts, streets and communities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from app.domain.areas import AreaLevel
from app.domain.dispatch import DistrictNames, PlaceNames, StreetNames
from app.profiles.area_records import AreaRecord


class AreaTree:
    """The country down to its districts and the region `region` in full; `names` hold what is over or has moved, too."""

    def __init__(self, records: Iterable[AreaRecord], *, region: str, former: Mapping[str, str] | None = None) -> None:
        self.records = tuple(records)
        self.by_code = {record.code: record for record in self.records}
        self.names = {record.code: record.name for record in self.records} | dict(former or {})
        self._region = region

    def of_level(self, level: AreaLevel) -> tuple[AreaRecord, ...]:
        """The region's areas of one level, in the order of their codes."""
        return tuple(one for one in self.records if one.level is level and one.code.startswith(self._region))

    @cached_property
    def districts(self) -> tuple[AreaRecord, ...]:
        """The region's districts, in the order of their codes."""
        return self.of_level(AreaLevel.DISTRICT)

    @cached_property
    def district_names(self) -> DistrictNames:
        """The names that sheets use for the region's districts (Z-T1)."""
        return DistrictNames((record.code, record.name, record.aliases) for record in self.districts)

    @cached_property
    def street_names(self) -> StreetNames:
        """The names that sheets use for the region's streets (Z-T3)."""
        return StreetNames(((one.code, one.name) for one in self.of_level(AreaLevel.STREET)), self.district_names)

    @cached_property
    def place_names(self) -> PlaceNames:
        """The region's streets and communities by name below their parent."""
        levels = (AreaLevel.STREET, AreaLevel.COMMUNITY)
        return PlaceNames((one.code, str(one.parent_code), one.name) for one in self.records if one.level in levels)
