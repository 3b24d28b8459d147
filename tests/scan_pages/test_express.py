"""The express lane does what the long way does, and nothing else (issue 1.5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import EnvironBuilder

from app import clock
from app.domain.health import EvidenceKind
from app.domain.quarantine import QuarantineStatus, is_in_quarantine
from app.domain.risk import RiskLevel
from app.domain.roles import Role
from app.domain.screening import EntryOrigin, ScreeningKind
from app.domain.venues import VenueFamily, VenueKind
from app.extensions import db
from app.models import (
    EntryRecord,
    Person,
    Registration,
    RememberedIdentity,
    Residency,
    RiskArea,
    RiskAreaList,
    RiskAreaSource,
    RiskListState,
    Venue,
)
from app.scan_pages import express, form_token
from app.services import evidence, quarantine, screening
from app.services.audit import SYSTEM
from tests.factories import Factories, id_card
from tests.factories import phone as number
from tests.health import known
from tests.scan_pages.phone import GOOD_FORM, RETURN, Phone, forms_of

DIFFERING = {
    "id", "person_id", "registration_id", "document_index", "phone_index", "device_index", "document_number", "phone",
    "recorded_at", "created_at", "updated_at", "last_used_at",
}  # fmt: skip


@pytest.fixture
def compound(make: Factories):
    venue = make.venue(name="幸福小区")
    db.session.commit()
    return venue


def is_taken(app: Flask, phone: Phone, venue: Venue, values: dict[str, str]) -> bool:
    """Put a submission into the lane alone; return whether it answered."""
    device = phone.client.get_cookie("device").value
    builder = EnvironBuilder(
        path=f"/s/{venue.code}", method="POST", data=values, headers={"Cookie": f"device={device}"}
    )
    return express.answer(app, builder.get_environ(), lambda *_: lambda _: None) is not None  # type: ignore[arg-type]


def typed(phone: Phone, venue: Venue, **details: str) -> dict[str, str]:
    return {**forms_of(phone.scan(venue, "?form=1"))[0].values, **GOOD_FORM, **details}


def tap_of(phone: Phone, venue: Venue) -> dict[str, str]:
    return {**forms_of(phone.scan(venue))[0].values, "action": "register"}


def rows(model: Any) -> list[dict[str, Any]]:
    found = db.session.execute(model.__table__.select().order_by(model.__table__.c.id)).mappings()
    return [{name: value for name, value in row.items() if name not in DIFFERING} for row in found]


def test_a_sound_form_and_a_tap_are_taken(app: Flask, phone: Phone, compound) -> None:
    assert is_taken(app, phone, compound, typed(phone, compound))
    assert is_taken(app, phone, compound, tap_of(phone, compound))


def test_what_needs_more_than_new_rows_is_left_to_the_long_way(app: Flask, phone: Phone, compound, make) -> None:
    assert not is_taken(app, phone, compound, typed(phone, compound, name=""))
    assert not is_taken(app, phone, compound, typed(phone, compound, **RETURN, arrival_date="2020-01-01"))
    assert not is_taken(app, phone, compound, {**typed(phone, compound), "form_token": "1.x"})
    assert db.session.query(Person).count() == 0
    phone.fill_in(compound)
    assert not is_taken(app, phone, compound, typed(phone, compound))
    assert not is_taken(app, phone, compound, {**tap_of(phone, compound), "action": "forget"})
    db.session.query(Residency).delete()
    db.session.commit()
    assert not is_taken(app, phone, compound, tap_of(phone, compound))
    assert db.session.query(EntryRecord).count() == 1


@pytest.mark.parametrize("token", ["f" * 3900, "-1." + "0" * 32, "１." + "0" * 32, "1_0." + "0" * 32, ".", "1.é"])
def test_a_token_that_nobody_issued_is_an_expired_page_however_long(phone: Phone, compound, token: str) -> None:
    answer = phone.post(compound, {**typed(phone, compound), "form_token": token})
    assert answer.status_code == 200 and "页面已过期" in answer.text
    assert db.session.query(Person).count() == 0


KINDS = (VenueKind.COMPOUND, VenueKind.TESTING_SITE, VenueKind.AIRPORT, VenueKind.BUS)
# Where somebody known fills in a form as often as somebody new, and quickly too.
TAKE_KNOWN = (VenueKind.AIRPORT, VenueKind.BUS)
JOURNEY = {"is_from_abroad": "no", "origin_province": "44", "origin_city": "4401", "origin_district": "440106"}


def sound_at(venue: Venue, **details: str) -> dict[str, str]:
    """What somebody types there who is taken at once."""
    journey = JOURNEY if venue.kind.family is VenueFamily.CHECKPOINT else {}
    return {"plate_number": "豫A12345", **journey, **details}


@pytest.mark.parametrize("kind", KINDS)
def test_both_ways_leave_the_same_rows(
    app: Flask, new_phone: Callable[[], Phone], make: Factories, kind: VenueKind
) -> None:
    venue, lane = make.venue(kind, "410102"), app.express_lane  # type: ignore[attr-defined]
    db.session.commit()
    for serial, way in enumerate((lane, None)):
        app.express_lane = way  # type: ignore[attr-defined]
        phone = new_phone()
        for again in range(2 if kind in TAKE_KNOWN else 1):  # the second time with a new number
            mobile = number(serial + 10 * again)
            phone.fill_in(venue, **sound_at(venue, document_number=id_card(serial), phone_number=mobile))
        if kind.family is not VenueFamily.CHECKPOINT:
            phone.tap(venue)
    app.express_lane = lane  # type: ignore[attr-defined]
    for model in (Person, Registration, RememberedIdentity, *([Residency] if kind.binds else [])):
        found = rows(model)
        assert found[: len(found) // 2] == found[len(found) // 2 :]
    entries = rows(EntryRecord)
    assert len(entries) == (6 if kind is VenueKind.BUS else 4)
    assert all(entry == entries[0] for entry in entries)
    people = db.session.query(Person).order_by(Person.id).all()
    assert [one.document_number for one in people] == [id_card(0), id_card(1)]
    last = 10 if kind in TAKE_KNOWN else 0
    assert [(one.phone, one.updated_at > one.created_at) for one in people] == [
        (number(serial + last), kind in TAKE_KNOWN) for serial in range(2)
    ]
    remembered = db.session.query(RememberedIdentity).order_by(RememberedIdentity.id).all()
    forms = db.session.query(Registration.id).filter(Registration.person_id == people[0].id)
    assert remembered[0].registration_id == max(forms)[0]


@pytest.fixture
def airport(make: Factories) -> Venue:
    venue = make.venue(VenueKind.AIRPORT, "410102")
    db.session.commit()
    return venue


def test_an_arrival_of_which_nothing_follows_is_taken(app: Flask, phone: Phone, airport: Venue) -> None:
    assert is_taken(app, phone, airport, typed(phone, airport, **JOURNEY))


@pytest.mark.parametrize(
    "details",
    [
        {"origin_province": "42", "origin_city": "4201", "origin_district": "420102"},
        {"is_from_abroad": "yes", "origin_country": "SG"},
        {"origin_district": ""},
    ],
    ids=["key area", "abroad", "no origin"],
)
def test_an_arrival_that_may_oblige_is_left_to_the_long_way(
    app: Flask, phone: Phone, airport: Venue, details: dict[str, str]
) -> None:
    assert not is_taken(app, phone, airport, typed(phone, airport, **{**JOURNEY, **details}))


@pytest.mark.parametrize("listed", ["440106", "44", "440106001"])
def test_an_arrival_from_where_a_place_is_listed_is_left_to_the_long_way(
    app: Flask, phone: Phone, airport: Venue, make: Factories, listed: str
) -> None:
    moment = clock.now()
    risk_list = RiskAreaList(source=RiskAreaSource.MANUAL, state=RiskListState.IN_FORCE, published_at=moment,
        file_name="", created_by_id=make.account(Role.CITY_ADMIN).id, created_at=moment)  # fmt: skip
    names = {"province": "广东省", "city": "广州市", "county": "天河区"}
    since = moment - timedelta(days=1)
    row = RiskArea(risk_list=risk_list, level=RiskLevel.LOW, matched_code=listed, in_force_from=since, **names)
    db.session.add(row)
    db.session.commit()
    assert not is_taken(app, phone, airport, typed(phone, airport, **JOURNEY))


@pytest.mark.parametrize("is_numbered", [True, False])
def test_an_arrival_of_a_reported_returnee_is_left_to_the_long_way(
    app: Flask, phone: Phone, airport: Venue, is_numbered: bool
) -> None:
    person = {"name": GOOD_FORM["name"], "phone": GOOD_FORM["phone_number"]}
    if is_numbered:
        person["document_number"] = GOOD_FORM["document_number"]
    screening.add_entry(ScreeningKind.OVERSEAS_RETURNEE, person, area_code="410102", source=EntryOrigin.REPORT)
    db.session.commit()
    assert not is_taken(app, phone, airport, typed(phone, airport, **JOURNEY))


@pytest.fixture
def known_here(phone: Phone, compound: Venue) -> Residency:
    """Whoever holds the phone lives in the compound."""
    phone.fill_in(compound)
    return db.session.query(Residency).one()


@pytest.mark.parametrize("kind", TAKE_KNOWN)
@pytest.mark.usefixtures("known_here")
def test_a_known_persons_form_is_taken_once_for_each_page(
    app: Flask, new_phone: Callable[[], Phone], make: Factories, kind: VenueKind
) -> None:
    venue, other = make.venue(kind, "410102"), new_phone()
    db.session.commit()
    for _ in range(2):
        sent = typed(other, venue, **sound_at(venue))
        assert is_taken(app, other, venue, sent)
        assert not is_taken(app, other, venue, sent)
    assert db.session.query(EntryRecord).filter_by(venue_id=venue.id).count() == 2
    assert (db.session.query(Person).count(), db.session.query(RememberedIdentity).count()) == (1, 2)


@pytest.mark.parametrize("status", QuarantineStatus, ids=lambda status: status.name)
def test_a_known_traveller_who_must_quarantine_is_left_to_the_long_way(
    app: Flask, phone: Phone, airport: Venue, known_here: Residency, status: QuarantineStatus
) -> None:
    known_here.status = status
    known_here.quarantine_since = None if status is QuarantineStatus.NOT_REQUIRED else quarantine.today()
    db.session.commit()
    sent = typed(phone, airport, **JOURNEY)
    assert is_taken(app, phone, airport, sent) is not is_in_quarantine(status)
    known_here.ended_at = clock.now()  # a tie that was ended obliges nobody
    db.session.commit()
    assert is_taken(app, phone, airport, typed(phone, airport, **JOURNEY))


@pytest.mark.usefixtures("known_here")
def test_a_known_document_under_another_name_is_left_to_the_long_way(app: Flask, phone: Phone, airport: Venue) -> None:
    assert not is_taken(app, phone, airport, typed(phone, airport, **JOURNEY, name="别的人"))
    assert db.session.query(Person.name).scalar() == GOOD_FORM["name"]


@pytest.mark.usefixtures("known_here")
def test_a_known_traveller_about_whom_there_is_evidence_is_left_to_the_long_way(
    app: Flask, phone: Phone, airport: Venue
) -> None:
    new = known(EvidenceKind.FEVER_CLINIC, name=GOOD_FORM["name"], document_number=GOOD_FORM["document_number"])
    evidence.bring(new, actor=SYSTEM)
    assert not is_taken(app, phone, airport, typed(phone, airport, **JOURNEY))


def test_nobody_taps_through_a_checkpoint(app: Flask, phone: Phone, compound, airport: Venue) -> None:
    phone.fill_in(compound)
    tap = tap_of(phone, compound)
    key = phone.client.get_cookie("device").value
    phone.scan(airport)
    token = form_token.issue(clock.now(), code=airport.code, device=key, subject=tap["identity"])
    assert not is_taken(app, phone, airport, {**tap, "form_token": token})


def test_a_connection_that_broke_loses_no_scan(app: Flask, phone: Phone, compound) -> None:
    phone.fill_in(compound)
    phone.tap(compound)
    if db.engine.dialect.name == "postgresql":
        others = "pid <> pg_backend_pid() AND datname = current_database()"
        db.session.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
        db.session.commit()
    assert "登记成功" in phone.tap(compound).text
    assert db.session.query(EntryRecord).count() == 3
