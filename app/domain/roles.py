"""Roles, where each stands in the area tree, and who appoints whom (Z-A2, Z-A6, Z-A7)."""

from typing import Self

from app.domain.areas import AreaLevel
from app.domain.labels import N_, Labelled


class Role(Labelled):
    """A role: its title and the level of the area that its accounts stand at.

    No level: such an account's rows are those of what it holds (compounds, an institution, a unit),
    which is less than any area.
    """

    level: AreaLevel | None

    CITY_ADMIN = N_("市管理员"), AreaLevel.CITY
    DISTRICT_ADMIN = N_("区县管理员"), AreaLevel.DISTRICT
    STREET_ADMIN = N_("街道管理员"), AreaLevel.STREET
    COMMUNITY_ADMIN = N_("社区管理员"), AreaLevel.COMMUNITY
    COMPOUND_ADMIN = N_("小区管理员"), None
    SECTOR_ADMIN = N_("行业管理员"), AreaLevel.CITY
    FLIGHT_TEAM = N_("航班专班"), AreaLevel.CITY
    HIGH_SPEED_RAIL_TEAM = N_("高铁专班"), AreaLevel.CITY
    RAILWAY_TEAM = N_("火车专班"), AreaLevel.CITY
    DATA_REPORTER = N_("数据上报员"), AreaLevel.CITY
    MEDICAL_INSTITUTION = N_("医疗机构"), None
    UNIT_ADMIN = N_("单位管理员"), None
    SCANNER = N_("扫码员"), None
    AUDITOR = N_("审计员"), AreaLevel.CITY
    SYSTEM_ADMIN = N_("系统管理员"), AreaLevel.CITY

    def __new__(cls, label: str, level: AreaLevel | None) -> Self:
        member = object.__new__(cls)
        member._value_ = label
        member.level = level
        return member

    @property
    def appoints(self) -> "frozenset[Role]":
        """The roles whose accounts this one creates, changes and suspends, within its own area."""
        return _APPOINTS.get(self, frozenset())

    @property
    def is_of_appointer(self) -> bool:
        """Whether accounts of this role are those of the very account that made them: a unit's are no other unit's."""
        return self is Role.SCANNER

    def can_appoint(self, role: "Role") -> bool:
        """Whether this role creates accounts of `role`."""
        return role in self.appoints


# Compound managers are made by all three levels above them (Z-A6); for the rest each level makes the one below.
_APPOINTS: dict[Role, frozenset[Role]] = {
    Role.SYSTEM_ADMIN: frozenset({Role.CITY_ADMIN, Role.UNIT_ADMIN}),
    Role.CITY_ADMIN: frozenset(
        {
            Role.DISTRICT_ADMIN,
            Role.SECTOR_ADMIN,
            Role.FLIGHT_TEAM,
            Role.HIGH_SPEED_RAIL_TEAM,
            Role.RAILWAY_TEAM,
            Role.DATA_REPORTER,
            Role.AUDITOR,
        }
    ),
    Role.DISTRICT_ADMIN: frozenset({Role.STREET_ADMIN, Role.COMPOUND_ADMIN, Role.MEDICAL_INSTITUTION}),
    Role.STREET_ADMIN: frozenset({Role.COMMUNITY_ADMIN, Role.COMPOUND_ADMIN}),
    Role.COMMUNITY_ADMIN: frozenset({Role.COMPOUND_ADMIN}),
    Role.UNIT_ADMIN: frozenset({Role.SCANNER}),
}
