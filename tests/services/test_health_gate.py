"""The gate shows the worse of the quarantine's and the code's colour, with its sentence, and changes nothing (X1, X3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.domain.colors import Color
from app.domain.health import EvidenceKind
from app.domain.labels import Text
from app.domain.quarantine import QuarantineStatus
from app.extensions import db
from app.models import EntryRecord, Evidence, HealthState, Person, RememberedIdentity, Venue
from app.models.entry import new_entry_id
from app.scan_pages import rendering
from app.services import evidence, first_forms, known_scans, registration, scan_venues
from app.services.audit import SYSTEM
from app.services.evidence import NewEvidence
from app.services.registration import FilledForm
from app.services.scan_entries import Scan, ScanResult
from tests.factories import Factories
from tests.health import known

PHONE = b"0123456789abcdef"


def scan_at(venue: Venue, moment: datetime | None = None) -> Scan:
    moment = moment or clock.now()
    place = scan_venues.of(venue)
    return Scan(entry_id=new_entry_id(moment), venue=place, device_index=PHONE, moment=moment)


def about(person: Person, kind: EvidenceKind, **details: object) -> NewEvidence:
    return known(kind, document_number=person.document_number, name=person.name, **details)


def remembered(make: Factories, person: Person, venue: Venue) -> int:
    moment = clock.now()
    form = make.registration(person, venue)
    identity = RememberedIdentity(
        device_index=PHONE, person_id=person.id, registration_id=form.id, created_at=moment, last_used_at=moment
    )
    db.session.add(identity)
    db.session.commit()
    return identity.id


@pytest.mark.parametrize(
    ("kind", "color"), [(EvidenceKind.POSITIVE_TEST, Color.RED), (EvidenceKind.FEVER_CLINIC, Color.YELLOW)]
)
def test_a_tap_shows_the_health_color_and_says_why(
    app: Flask, make: Factories, kind: EvidenceKind, color: Color
) -> None:
    venue, person = make.venue(), make.person()
    make.residency(person, venue)
    evidence.bring(about(person, kind), actor=SYSTEM)
    scan = scan_at(venue)
    result = known_scans.record_plain(remembered(make, person, venue), scan)
    assert result is not None and result.color is color and isinstance(result.reason, Text)
    assert db.session.get_one(EntryRecord, scan.entry_id).color is color


def test_the_worse_of_the_two_colors_counts(app: Flask, make: Factories) -> None:
    venue, person = make.venue(), make.person()
    long_ago = clock.now().date() - timedelta(days=9)
    make.residency(person, venue, status=QuarantineStatus.CONFIRMED, since=long_ago)
    evidence.bring(about(person, EvidenceKind.FEVER_CLINIC), actor=SYSTEM)
    result = known_scans.record_plain(remembered(make, person, venue), scan_at(venue))
    assert result is not None and result.color is Color.RED and not result.reason


def test_a_color_that_has_ended_is_green_at_the_gate_though_no_job_ran(app: Flask, make: Factories) -> None:
    venue, person = make.venue(), make.person()
    make.residency(person, venue)
    new = about(person, EvidenceKind.CLOSE_CONTACT)
    evidence.bring(new, actor=SYSTEM)
    number = remembered(make, person, venue)
    state = db.session.get_one(HealthState, new.document_index)
    assert state.changes_at is not None
    scan = scan_at(venue, state.changes_at)
    assert known_scans.record_plain(number, scan) is None
    result = known_scans.register_known(number, scan)
    assert result is not None and result.color is Color.GREEN


def form_of(new: NewEvidence) -> FilledForm:
    return FilledForm(
        name=new.name,
        document_type=new.document_type,
        document_number=new.document_number,
        phone="13800138000",
        address="幸福小区1号楼",
    )


def test_whoever_stands_on_a_list_is_red_at_the_first_form(app: Flask, make: Factories) -> None:
    new = known(EvidenceKind.POLICE_KEY_PERSON)
    evidence.bring(new, actor=SYSTEM)
    scan, form = scan_at(make.venue()), form_of(new)
    db.session.commit()
    assert first_forms.record_plain(form, scan) is None
    result = registration.register(form, scan)
    assert result.color is Color.RED
    assert isinstance(result.reason, Text) and "重点人员" in result.reason.zh
    again = registration.register(form, replace(scan, moment=clock.now()))
    assert (again.color, again.reason) == (result.color, result.reason)


def test_another_name_with_the_number_learns_the_color_only(app: Flask, make: Factories) -> None:
    new = known(EvidenceKind.POSITIVE_TEST)
    evidence.bring(new, actor=SYSTEM)
    result = registration.register(replace(form_of(new), name="别人"), scan_at(make.venue()))
    assert result.color is Color.RED and not result.reason


def test_a_scan_changes_no_color_and_brings_no_evidence(app: Flask, make: Factories) -> None:
    venue, person = make.venue(), make.person()
    make.residency(person, venue)
    evidence.bring(about(person, EvidenceKind.CLOSE_CONTACT), actor=SYSTEM)
    number = remembered(make, person, venue)
    before = [tuple(row) for row in db.session.execute(select(HealthState.__table__))]
    for kept in (number, number):
        known_scans.register_known(kept, scan_at(venue))
    assert [tuple(row) for row in db.session.execute(select(HealthState.__table__))] == before
    assert db.session.execute(select(func.count()).select_from(Evidence)).scalar_one() == 1


def test_an_orange_code_has_its_word_and_sign_and_tint_at_the_gate(app: Flask, make: Factories) -> None:
    venue, moment = scan_venues.of(make.venue()), clock.now()
    told = {"is_refused": False, "is_key_area": False, "recorded_at": moment}
    page = rendering.result_text(ScanResult(name="何晓明", color=Color.ORANGE, **told), venue, "zh", "nonce").decode()
    red = rendering.result_text(ScanResult(name="何晓明", color=Color.RED, **told), venue, "zh", "nonce").decode()
    assert "橙码" in page and "tint-orange" in page and "禁止出入" in page
    assert page.split("<path")[1].split("/>")[0] != red.split("<path")[1].split("/>")[0]
    assert ".tint-orange {" in (Path(app.root_path) / "static" / "scan.css").read_text(encoding="utf-8")
