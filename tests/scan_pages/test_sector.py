"""Sectors: eight fields once, then no form anywhere in the city (Z-S8); codes in every state of their life (Z-S7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.domain.colors import Color
from app.domain.sectors import CodeState
from app.domain.venues import VenueFamily, VenueKind
from app.extensions import db
from app.models import EntryRecord, Registration, Venue
from app.profiles import load_profile
from app.scan_pages import form_token, rendering
from app.services import scan_venues, venues
from app.services.scan_entries import ScanResult
from tests.factories import Factories, id_card
from tests.scan_pages.phone import GOOD_FORM, RETURN, Phone, forms_of


@pytest.fixture
def market(make: Factories) -> Venue:
    venue = make.venue(VenueKind.FARMERS_MARKET, "410102", name="碧沙农贸市场")
    db.session.commit()
    return venue


def entries() -> list[EntryRecord]:
    return db.session.query(EntryRecord).order_by(EntryRecord.id).all()


@pytest.mark.parametrize("kind", VenueFamily.SECTOR.kinds)
def test_every_kind_has_its_title_and_the_eight_fields(phone: Phone, make: Factories, kind: VenueKind) -> None:
    venue = make.venue(kind, "410102")
    db.session.commit()
    page = phone.scan(venue)
    assert load_profile("zhengzhou").page(kind).title.zh in page.text
    assert "承诺书告知书" in page.text
    asked = forms_of(page)[0].values
    assert not {"address", "plate_number", "transport", "quarantine_method"} & set(asked)


def test_a_local_needs_no_date_and_no_origin(phone: Phone, market: Venue) -> None:
    page = phone.fill_in(market, address="", is_returnee="no")
    assert (page.status_code, "绿码" in page.text) == (200, True)
    form = db.session.query(Registration).one()
    assert (form.address, form.arrival_date, form.transport) == (None, None, None)


def test_a_returnee_gives_date_and_origin_only(phone: Phone, market: Venue) -> None:
    refused = phone.fill_in(market, is_returnee="yes", is_from_abroad="no")
    assert "请选择来郑日期" in refused.text
    assert "交通方式" not in refused.text
    today = clock.local_date(clock.now(), load_profile("zhengzhou").zone).isoformat()
    page = phone.fill_in(market, **{**RETURN, "arrival_date": today})
    assert "重点地区归来人员" in page.text


def test_who_registered_at_a_compound_passes_every_sector_without_a_form(
    phone: Phone, market: Venue, make: Factories
) -> None:
    compound, bus = make.venue(), make.venue(VenueKind.BUS, "4101")
    db.session.commit()
    phone.fill_in(compound)
    for venue in (market, bus):
        assert "data-goes-on" in phone.scan(venue).text
        assert "绿码" in phone.tap(venue).text
    assert [entry.venue_id for entry in entries()] == [compound.id, market.id, bus.id]


def test_two_people_on_a_phone_are_asked_which(phone: Phone, market: Venue) -> None:
    phone.fill_in(market)
    phone.fill_in(market, name="赵六", document_number=id_card(9, birth="19850607"))
    page = phone.scan(market)
    assert page.text.count("此身份登记") == 2
    assert "data-goes-on" not in page.text
    assert "为他人登记" in phone.tap(market).text


def test_a_first_scan_at_a_compound_still_asks_where_one_lives(phone: Phone, market: Venue, make: Factories) -> None:
    compound = make.venue()
    db.session.commit()
    phone.fill_in(market)
    page = phone.tap(compound)
    assert "首次在小区登记，请填写现住地址等信息" in page.text
    assert len(entries()) == 1


def test_an_edited_name_shows_at_the_next_tap_whoever_remembers_the_old_one(
    app: Flask, phone: Phone, market: Venue
) -> None:
    phone.fill_in(market)
    page = forms_of(phone.scan(market))[0].values
    market.name, market.updated_at = "碧沙岗农贸市场", clock.now()
    db.session.commit()
    assert "碧沙岗农贸市场" in phone.post(market, {**page, "action": "register"}).text


def test_a_closed_place_takes_no_tap_of_a_page_that_was_open(phone: Phone, market: Venue, make: Factories) -> None:
    phone.fill_in(market)
    page = forms_of(phone.scan(market))[0].values
    market.closed_at = market.updated_at = clock.now()
    db.session.commit()
    assert phone.post(market, {**page, "action": "register"}).status_code == 410
    assert len(entries()) == 1


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        (CodeState.GENERATED, 403, "此二维码尚未下发"),
        (CodeState.HANDED_OUT, 200, "二维码激活"),
        (CodeState.REVOKED, 410, "此二维码已作废"),
    ],
)
def test_a_code_that_is_not_active_says_what_it_is(
    phone: Phone, make: Factories, state: CodeState, code: int, words: str
) -> None:
    venue = make.venue(VenueKind.TAXI, "4101", code_state=state)
    db.session.commit()
    page = phone.scan(venue)
    assert (page.status_code, words in page.text) == (code, True)
    assert phone.post(venue, GOOD_FORM).status_code in (code, 422)
    assert entries() == []


# -- the result page ----------------------------------------------------------------------------------------------


def shown(venue: Venue, **details: Any) -> str:
    """The result page of a scan in Chinese."""
    values = {"color": Color.GREEN, "is_refused": False, "is_key_area": False, "recorded_at": clock.now(), **details}
    return rendering.result_text(ScanResult(name="何晓明", **values), scan_venues.of(venue), "zh", "nonce").decode()


@pytest.mark.parametrize("color", [Color.GREEN, Color.YELLOW, Color.RED])
def test_a_guard_sees_word_sign_hint_and_the_rule_of_temperature_whatever_the_colour(
    app: Flask, market: Venue, color: Color
) -> None:
    page, hints = shown(market, color=color), load_profile("zhengzhou").guard_hints
    for told in (f"{color.label}码", '<svg class="sign"', hints.by_color[color].zh, hints.temperature.zh):
        assert told in page
    assert "何*" in page and "何晓明" not in page
    assert "data-alarm" not in page


# -- remote scans -------------------------------------------------------------------------------------------------


def test_who_does_not_know_the_number_on_the_poster_is_marked_as_remote(phone: Phone, make: Factories) -> None:
    venue = make.venue(VenueKind.BUS, "4101", poster_pin="4711")
    db.session.commit()
    for typed in ("", "4712", "4711"):
        page = phone.fill_in(venue, poster_pin=typed)
        assert ("疑似远程扫码" in page.text) == (typed != "4711")
    assert [entry.is_remote for entry in entries()] == [True, True, False]
    tap = forms_of(phone.scan(venue))[0]
    assert "poster_pin" in tap.values
    phone.post(venue, {**tap.values, "action": "register", "poster_pin": "4711"})
    assert entries()[-1].is_remote is False


def test_a_page_from_earlier_is_marked_as_remote(phone: Phone, market: Venue) -> None:
    phone.fill_in(market)
    page = forms_of(phone.scan(market))[0].values
    device = phone.client.get_cookie("device").value
    early = clock.now() - timedelta(minutes=20)
    token = form_token.issue(early, code=market.code, device=device, subject=page["identity"])
    answer = phone.post(market, {**page, "action": "register", "form_token": token})
    assert "疑似远程扫码" in answer.text
    assert [entry.is_remote for entry in entries()] == [True, False]  # in the order of their pages


@pytest.mark.parametrize("late", [-1, 1])
def test_a_result_that_is_opened_again_later_is_marked_as_remote(app: Flask, market: Venue, late: int) -> None:
    age = timedelta(minutes=load_profile("zhengzhou").remote_after_minutes + late)
    recorded_at = clock.now() - age
    page = shown(market, recorded_at=recorded_at)
    assert ("疑似远程扫码" in page) == (late > 0)
    registered = recorded_at.astimezone(load_profile("zhengzhou").zone).strftime("%Y-%m-%d %H:%M:%S")
    assert registered in page  # the guard sees it too, beside the clock that runs (Z46)


def test_every_kinds_code_starts_with_letters_of_its_own() -> None:
    assert len({venues.new_code(kind)[:2] for kind in VenueKind}) == len(VenueKind)
