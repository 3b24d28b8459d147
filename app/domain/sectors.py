"""The sector kinds side by side: what each is activated with, edited in and searched by (SPEC section 5, Z-S7, Z-V1).

Titles and leads of their public pages, with the verbs of D12, are the profile's (`Profile.pages`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from app.domain.documents import check_phone, check_plate
from app.domain.errors import DomainError
from app.domain.labels import N_, Labelled
from app.domain.social_credit import check_social_credit_code
from app.domain.text import clean
from app.domain.venues import VenueFamily, VenueKind


class Particular(Enum):
    """What is known of a sector's venue; the value is the name of the venue's column."""

    LINE = "line"
    NAME = "name"
    COMPANY = "company"
    PLATE = "plate"
    SUBTYPE = "subtype"
    SOCIAL_CREDIT_CODE = "social_credit_code"
    DISTRICT = "area_code"
    CONTACT_NAME = "contact_name"
    CONTACT_PHONE = "contact_phone"


class VenueSubtype(Labelled):
    """What 其他 consists of (checklist Z94)."""

    CONSTRUCTION_SITE = N_("工地")
    INDUSTRIAL_PARK = N_("园区")
    FACTORY = N_("工厂")
    ENTERPRISE = N_("企业")
    CULTURE_AND_TOURISM = N_("文化旅游")
    TECHNICAL_SERVICE = N_("科技服务")
    OFFICE_BUILDING = N_("办公楼")
    SMALL_SHOP = N_("五小门店")


class CodeState(Labelled):
    """The life of a code: made in advance, handed out, activated on the spot; revoked at any time (Z-S7)."""

    GENERATED = N_("待下发")
    HANDED_OUT = N_("已下发，待激活")
    ACTIVE = N_("已激活")
    REVOKED = N_("已作废")

    @property
    def awaits_activation(self) -> bool:
        return self in (CodeState.GENERATED, CodeState.HANDED_OUT)


@dataclass(frozen=True)
class SectorField:
    """A field of a kind's activation and edit form; every one must be filled (checklist Z96).

    `column` is what tables call it and `hint` what stands in its search field, where the manual has other words (Z86).
    """

    particular: Particular
    label: str
    column: str = ""
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Sector:
    """One kind. `named_by` are the particulars of which the name that everybody reads is made."""

    kind: VenueKind
    fields: tuple[SectorField, ...]
    statistics_by: tuple[Particular, ...]
    list_by: tuple[Particular, ...]
    named_by: tuple[Particular, ...] = (Particular.NAME,)

    @property
    def particulars(self) -> tuple[Particular, ...]:
        return tuple(field.particular for field in self.fields)

    def field(self, particular: Particular) -> SectorField:
        """What this kind calls `particular`."""
        return next(field for field in self.fields if field.particular is particular)

    def name_of(self, values: Mapping[Particular, str]) -> str:
        """The venue's name: a bus is 「1路 豫A12345」, whatever has a name of its own is called by it."""
        return " ".join(values[particular] for particular in self.named_by)


_LINE = SectorField(Particular.LINE, N_("公交线路"))
_COMPANY = SectorField(Particular.COMPANY, N_("公司名称"))
_PLATE = SectorField(Particular.PLATE, N_("车牌号"))
_CREDIT_CODE = SectorField(Particular.SOCIAL_CREDIT_CODE, N_("统一社会信用代码"))
_DISTRICT = SectorField(Particular.DISTRICT, N_("所属区县"))
_REGION = SectorField(Particular.DISTRICT, N_("区域名称"))
_STATION = SectorField(Particular.NAME, N_("地铁站名"), column=N_("站名"), hint=N_("请输入站名"))
_SUBTYPE = SectorField(Particular.SUBTYPE, N_("类型"))
_CONTACT = (
    SectorField(Particular.CONTACT_NAME, N_("联系人姓名")),
    SectorField(Particular.CONTACT_PHONE, N_("联系人手机号")),
)
_BY_CONTACT = (Particular.CONTACT_NAME, Particular.CONTACT_PHONE)
_NAME_AND_DISTRICT = (Particular.NAME, Particular.DISTRICT)


def _vehicle(kind: VenueKind, statistics_by: tuple[Particular, ...]) -> Sector:
    return Sector(
        kind=kind,
        fields=(_COMPANY, _PLATE, *_CONTACT),
        statistics_by=statistics_by,
        list_by=(Particular.COMPANY, *_BY_CONTACT, Particular.PLATE),
        named_by=(Particular.COMPANY, Particular.PLATE),
    )


def _organisation(kind: VenueKind, name: str) -> Sector:
    return Sector(
        kind=kind,
        fields=(SectorField(Particular.NAME, name), _CREDIT_CODE, _REGION, *_CONTACT),
        statistics_by=(*_NAME_AND_DISTRICT, Particular.SOCIAL_CREDIT_CODE),
        list_by=(Particular.NAME, *_BY_CONTACT, Particular.SOCIAL_CREDIT_CODE),
    )


def _place(
    kind: VenueKind, name: str, *more: SectorField, statistics_by: tuple[Particular, ...] = _NAME_AND_DISTRICT
) -> Sector:
    return Sector(
        kind=kind,
        fields=(*more, SectorField(Particular.NAME, name), _DISTRICT, *_CONTACT),
        statistics_by=statistics_by,
        list_by=(Particular.NAME, *_BY_CONTACT, Particular.DISTRICT),
    )


_DECLARED = (
    Sector(
        kind=VenueKind.BUS,
        fields=(_LINE, _PLATE, *_CONTACT),
        statistics_by=(Particular.PLATE,),
        list_by=(Particular.LINE, *_BY_CONTACT, Particular.PLATE),
        named_by=(Particular.LINE, Particular.PLATE),
    ),
    Sector(
        kind=VenueKind.METRO_STATION,
        fields=(_STATION, *_CONTACT),
        statistics_by=(Particular.NAME,),
        list_by=(Particular.NAME, *_BY_CONTACT),
    ),
    _vehicle(VenueKind.TAXI, (Particular.PLATE, Particular.COMPANY)),
    _organisation(VenueKind.RETAIL_STORE, N_("商超名称")),
    _organisation(VenueKind.PUBLIC_SERVICE, N_("单位名称")),
    _vehicle(VenueKind.COMPANY_SHUTTLE, (Particular.PLATE,)),
    _place(VenueKind.MEDICAL_INSTITUTION, N_("医疗机构名称"), statistics_by=(Particular.NAME,)),
    _place(VenueKind.FARMERS_MARKET, N_("市场名称")),
    _place(VenueKind.SPECIALTY_MARKET, N_("市场名称")),
    _place(VenueKind.OTHER, N_("名称"), _SUBTYPE),
    # Ours (D12): a kind of page and code of its own, in the back office built like 其他.
    _place(VenueKind.SCENIC_SPOT, N_("景区名称")),
)
SECTORS: dict[VenueKind, Sector] = {sector.kind: sector for sector in _DECLARED}


def has_code_pool(kind: VenueKind) -> bool:
    """Whether codes of `kind` are made in advance and activated on the spot (Z-S7)."""
    return kind.family is VenueFamily.SECTOR


_LONGEST = {
    Particular.LINE: 60,
    Particular.NAME: 100,
    Particular.COMPANY: 100,
    Particular.CONTACT_NAME: 64,
}
_CHECKS: Mapping[Particular, Callable[[str], str]] = {
    Particular.PLATE: check_plate,
    Particular.SOCIAL_CREDIT_CODE: check_social_credit_code,
    Particular.CONTACT_PHONE: check_phone,
}


def check_particular(field: SectorField, value: str) -> str:
    """`value` as it is stored. Errors: missing, too_long, and those of plates, phones and credit codes.

    A district and a subtype are chosen from a list, which is the list's business.
    """
    key = field.particular
    text = clean(value)
    if not text:
        raise DomainError(N_("请填写%(label)s"), code="missing", field=key.value, label=field.label)
    if len(text) > _LONGEST.get(key, len(text)):
        most = _LONGEST[key]
        raise DomainError(
            N_("%(label)s不能超过%(most)s个字"), code="too_long", field=key.value, label=field.label, most=most
        )
    return _CHECKS[key](text) if key in _CHECKS else text
