"""What holds for the poster of every family: one entry for a page, a word for each fault, a page when it is closed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app import clock
from app.domain.venues import VenueFamily, VenueKind
from app.extensions import db
from app.models import EntryRecord, Venue
from tests.factories import Factories
from tests.scan_pages.phone import GOOD_FORM, Phone, forms_of

JOURNEY = {"is_from_abroad": "no", "origin_province": "44", "origin_city": "4401", "origin_district": "440106"}
COMPOUNDS = tuple(kind for kind in VenueFamily.COMPOUND.kinds)
KINDS = (*COMPOUNDS, *VenueFamily.CHECKPOINT.kinds, *VenueFamily.SECTOR.kinds)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def venue(request: pytest.FixtureRequest, make: Factories) -> Venue:
    found = make.venue(request.param, "410102001002" if request.param in COMPOUNDS else "410102")
    db.session.commit()
    return found


def filled(phone: Phone, venue: Venue) -> dict[str, str]:
    page = forms_of(phone.scan(venue, "?form=1"))[0].values
    return {**page, **GOOD_FORM, **(JOURNEY if venue.kind.family is VenueFamily.CHECKPOINT else {})}


def entries() -> int:
    return db.session.query(EntryRecord).count()


def test_a_form_or_a_tap_sent_twice_is_one_entry(phone: Phone, venue: Venue) -> None:
    page = filled(phone, venue)
    first, second = phone.post(venue, page), phone.post(venue, page)
    assert (first.status_code, second.status_code, entries()) == (200, 200, 1)
    assert "登记成功" in first.text and "登记成功" in second.text
    if venue.kind.family is not VenueFamily.CHECKPOINT:
        tap = {**forms_of(phone.scan(venue))[0].values, "action": "register"}
        assert all("登记成功" in phone.post(venue, tap).text for _ in range(2))
        assert entries() == 2


@pytest.mark.parametrize("kind", [VenueKind.COMPOUND, VenueKind.AIRPORT, VenueKind.METRO_STATION])
def test_a_venue_that_closed_meanwhile_registers_nobody(
    phone: Phone, new_phone: Callable[[], Phone], make: Factories, kind: VenueKind
) -> None:
    venue = make.venue(kind, "410102")
    db.session.commit()
    open_page = filled(phone, venue)
    venue.closed_at = venue.updated_at = clock.now()
    db.session.commit()
    for answer in (phone.post(venue, open_page), new_phone().scan(venue), phone.scan(venue, "?lang=en")):
        assert answer.status_code == 410
    assert "此场所已停用" in new_phone().scan(venue).text
    assert entries() == 0
