"""Kinds of places that carry a code (SPEC section 0)."""

from typing import Self

from app.domain.labels import N_, Labelled


class VenueFamily(Labelled):
    """What a scan there asks for and leads to (Z-S1)."""

    COMPOUND = N_("小区类")
    CHECKPOINT = N_("卡口")
    SECTOR = N_("行业场所")
    SERVICE_POINT = N_("服务点")

    @property
    def kinds(self) -> "tuple[VenueKind, ...]":
        """The kinds of this family, in the manual's order."""
        return tuple(kind for kind in VenueKind if kind.family is self)


class VenueKind(Labelled):
    """A kind: its text, its family, and two letters that start its codes (a number alone tells nobody the kind)."""

    family: VenueFamily
    abbr: str

    COMPOUND = N_("小区"), VenueFamily.COMPOUND, "XQ"
    VILLAGE = N_("村"), VenueFamily.COMPOUND, "CZ"
    VIRTUAL_COMPOUND = N_("虚拟小区"), VenueFamily.COMPOUND, "XN"
    QUARANTINE_SITE = N_("隔离点"), VenueFamily.COMPOUND, "GL"
    TESTING_SITE = N_("核酸检测点"), VenueFamily.COMPOUND, "HS"
    FORWARD_TEAM = N_("北京专班"), VenueFamily.COMPOUND, "ZB"
    AIRPORT = N_("机场"), VenueFamily.CHECKPOINT, "JC"
    HIGH_SPEED_STATION = N_("高铁站"), VenueFamily.CHECKPOINT, "GT"
    RAILWAY_STATION = N_("火车站"), VenueFamily.CHECKPOINT, "HC"
    BUS = N_("公交"), VenueFamily.SECTOR, "GJ"
    METRO_STATION = N_("地铁"), VenueFamily.SECTOR, "DT"
    TAXI = N_("出租车"), VenueFamily.SECTOR, "TX"
    RETAIL_STORE = N_("商超"), VenueFamily.SECTOR, "SC"
    PUBLIC_SERVICE = N_("公共服务"), VenueFamily.SECTOR, "GF"
    COMPANY_SHUTTLE = N_("公司班车"), VenueFamily.SECTOR, "BC"
    MEDICAL_INSTITUTION = N_("医疗机构"), VenueFamily.SECTOR, "YL"
    FARMERS_MARKET = N_("农贸市场"), VenueFamily.SECTOR, "NM"
    SPECIALTY_MARKET = N_("专业市场"), VenueFamily.SECTOR, "ZY"
    OTHER = N_("其他"), VenueFamily.SECTOR, "QT"
    SCENIC_SPOT = N_("景区"), VenueFamily.SECTOR, "JQ"
    SERVICE_POINT = N_("服务点"), VenueFamily.SERVICE_POINT, "FW"

    def __new__(cls, label: str, family: VenueFamily, abbr: str) -> Self:
        member = object.__new__(cls)
        member._value_ = label
        member.family = family
        member.abbr = abbr
        return member

    @property
    def binds(self) -> bool:
        """Whether a first scan ties the resident to the place, and others are refused (Z-S4, D4)."""
        return self in _BINDING


_BINDING = frozenset({VenueKind.COMPOUND, VenueKind.VILLAGE, VenueKind.VIRTUAL_COMPOUND})
