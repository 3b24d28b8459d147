"""The sector kinds side by side (SPEC section 5), and the number of an organisation."""

from __future__ import annotations

import pytest

from app.domain.errors import DomainError
from app.domain.sectors import SECTORS, Particular, check_particular, has_code_pool
from app.domain.social_credit import check_social_credit_code
from app.domain.venues import VenueFamily, VenueKind

P = Particular
CONTACT = (P.CONTACT_NAME, P.CONTACT_PHONE)
MARKET = (P.NAME, P.DISTRICT), (P.NAME, P.DISTRICT), (P.NAME, *CONTACT, P.DISTRICT)


def test_every_kind_of_the_family_is_declared_and_nothing_else() -> None:
    assert tuple(SECTORS) == VenueFamily.SECTOR.kinds
    assert {kind for kind in VenueKind if has_code_pool(kind)} == set(SECTORS)


@pytest.mark.parametrize(
    ("kind", "fields", "statistics_by", "list_by"),
    [
        (VenueKind.BUS, (P.LINE, P.PLATE), (P.PLATE,), (P.LINE, *CONTACT, P.PLATE)),
        (VenueKind.METRO_STATION, (P.NAME,), (P.NAME,), (P.NAME, *CONTACT)),
        (VenueKind.TAXI, (P.COMPANY, P.PLATE), (P.PLATE, P.COMPANY), (P.COMPANY, *CONTACT, P.PLATE)),
        (
            VenueKind.RETAIL_STORE,
            (P.NAME, P.SOCIAL_CREDIT_CODE, P.DISTRICT),
            (P.NAME, P.DISTRICT, P.SOCIAL_CREDIT_CODE),
            (P.NAME, *CONTACT, P.SOCIAL_CREDIT_CODE),
        ),
        (
            VenueKind.PUBLIC_SERVICE,
            (P.NAME, P.SOCIAL_CREDIT_CODE, P.DISTRICT),
            (P.NAME, P.DISTRICT, P.SOCIAL_CREDIT_CODE),
            (P.NAME, *CONTACT, P.SOCIAL_CREDIT_CODE),
        ),
        (VenueKind.COMPANY_SHUTTLE, (P.COMPANY, P.PLATE), (P.PLATE,), (P.COMPANY, *CONTACT, P.PLATE)),
        (VenueKind.MEDICAL_INSTITUTION, (P.NAME, P.DISTRICT), (P.NAME,), (P.NAME, *CONTACT, P.DISTRICT)),
        (VenueKind.FARMERS_MARKET, *MARKET),
        (VenueKind.SPECIALTY_MARKET, *MARKET),
        (VenueKind.SCENIC_SPOT, *MARKET),
        (VenueKind.OTHER, (P.SUBTYPE, P.NAME, P.DISTRICT), (P.NAME, P.DISTRICT), (P.NAME, *CONTACT, P.DISTRICT)),
    ],
)
def test_a_kind_is_activated_and_searched_as_the_table_says(
    kind: VenueKind, fields: tuple[P, ...], statistics_by: tuple[P, ...], list_by: tuple[P, ...]
) -> None:
    sector = SECTORS[kind]
    assert sector.particulars == (*fields, *CONTACT)
    assert (sector.statistics_by, sector.list_by) == (statistics_by, list_by)


def test_whatever_a_kind_is_searched_by_is_among_its_fields() -> None:
    for sector in SECTORS.values():
        assert {*sector.statistics_by, *sector.list_by, *sector.named_by} <= set(sector.particulars)


def test_a_bus_is_called_by_line_and_plate_and_a_market_by_its_name() -> None:
    assert SECTORS[VenueKind.BUS].name_of({P.LINE: "1路", P.PLATE: "豫A12345"}) == "1路 豫A12345"
    assert SECTORS[VenueKind.FARMERS_MARKET].name_of({P.NAME: "碧沙农贸市场"}) == "碧沙农贸市场"
    assert SECTORS[VenueKind.FARMERS_MARKET].field(P.NAME).label == "市场名称"


@pytest.mark.parametrize(
    ("particular", "value", "code"),
    [
        (P.NAME, " ", "missing"),
        (P.NAME, "字" * 101, "too_long"),
        (P.CONTACT_PHONE, "1380013800", "phone"),
        (P.SOCIAL_CREDIT_CODE, "91410100MA3X", "credit_code"),
        (P.SOCIAL_CREDIT_CODE, "91350100M000100Y44", "credit_code_check"),
    ],
)
def test_what_is_not_sound_is_refused_by_its_field(particular: P, value: str, code: str) -> None:
    field = next(one for one in SECTORS[VenueKind.RETAIL_STORE].fields if one.particular is particular)
    with pytest.raises(DomainError) as refused:
        check_particular(field, value)
    assert refused.value.code == code


# The first three are the standard's and widely published ones.
@pytest.mark.parametrize("number", ["91350100M000100Y43", "91110000600037341L", "9144030071526726XG"])
def test_published_social_credit_codes_pass(number: str) -> None:
    assert check_social_credit_code(f" {number[:8].lower()} {number[8:]}") == number
