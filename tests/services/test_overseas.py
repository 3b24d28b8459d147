"""What happens to a returnee's row by itself, and who may do what to it (Z-S5, Z-T8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.access import scope_of, using_scope
from app.domain.errors import DomainError
from app.domain.quarantine import QuarantineStatus
from app.domain.roles import Role
from app.domain.screening import ScreeningKind
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import AuditEvent, ScreeningEntry
from app.services import attention, overseas, person_card, quarantine, screening
from app.services.audit import SYSTEM, Actor
from app.services.standing import Risk, risk_of
from tests.factories import COMMUNITY, Factories, id_card, phone
from tests.returnees import row_of

KIND = ScreeningKind.OVERSEAS_RETURNEE


@pytest.fixture
def entry(app: Flask) -> ScreeningEntry:
    return row_of(KIND)


@pytest.fixture
def person(entry: ScreeningEntry, make: Factories):
    return make.person(document_number=id_card(7, birth="19850607"), phone=phone(7))


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (VenueKind.FORWARD_TEAM, "ARRIVED_IN_BEIJING"),
        (VenueKind.QUARANTINE_SITE, "CENTRALIZED"),
        (VenueKind.TESTING_SITE, "PENDING"),
        (VenueKind.COMPOUND, "PENDING"),
    ],
)
def test_a_scan_changes_a_returnee_where_it_tells_something(entry, person, kind: VenueKind, status: str) -> None:
    overseas.note_scan(person.id, kind, clock.now())
    assert entry.status == status
    if status != "PENDING":
        event = db.session.execute(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).scalar_one()
        assert (event.actor_label, event.subject_id) == ("系统", str(entry.id))


def test_a_compound_that_confirms_isolation_puts_the_returnee_at_home(entry, person, make: Factories) -> None:
    venue = make.venue()
    tie = make.residency(person, venue, status=QuarantineStatus.PENDING)
    manager = make.account(Role.COMPOUND_ADMIN, COMMUNITY, venues=[venue])
    db.session.commit()
    with using_scope(scope_of(manager)):
        quarantine.confirm(tie, Actor.of(manager))
    assert entry.status == "HOME"
    actions = db.session.execute(select(AuditEvent.action).where(AuditEvent.actor_label == "系统")).scalars().all()
    assert "confirmed_by_compound" in actions


def test_what_a_district_has_judged_no_scan_changes(entry, person) -> None:
    screening.record_outcome(entry, status="LEFT_CITY", remark="", actor=SYSTEM)
    overseas.note_scan(person.id, VenueKind.QUARANTINE_SITE, clock.now())
    assert entry.status == "LEFT_CITY"


def test_a_report_without_a_number_is_found_by_phone_and_name_alone(app: Flask, make: Factories) -> None:
    unnumbered = row_of(KIND, document_number=None, name="何晓明")
    relative = make.person("何建国", phone=phone(7))
    overseas.note_scan(relative.id, VenueKind.QUARANTINE_SITE, clock.now())
    assert unnumbered.status == "PENDING"
    own = make.person("何晓明", phone=phone(7))
    overseas.note_scan(own.id, VenueKind.QUARANTINE_SITE, clock.now())
    assert unnumbered.status == "CENTRALIZED"


def test_four_hours_after_a_checkpoint_an_untouched_returnee_is_marked(entry, person) -> None:
    overseas.note_scan(person.id, VenueKind.RAILWAY_STATION, clock.now() - timedelta(hours=5))
    assert attention.count() == 1
    screening.receive(entry, actor=SYSTEM)
    db.session.flush()
    assert attention.count() == 0


def test_what_the_database_marks_is_what_the_rule_marks(app: Flask) -> None:
    now = clock.now()
    states: list[tuple[str, int | None, int, int | None]] = [
        ("PENDING", 1, 1, None),
        ("PENDING", 25, 1, None),
        ("PENDING", None, 1, None),
        ("PENDING", None, 25, None),
        ("PENDING", 1, 1, 5),
        ("FEVER_TO_HOSPITAL", 30, 40, None),
        ("FEVER_TO_HOSPITAL", None, 40, None),
        ("COLLECTED_BY_DISTRICT", 3, 40, None),
        ("CENTRALIZED", 90, 95, 90),
        ("ARRIVED_IN_BEIJING", 23, 40, 10),
    ]
    rows = [row_of(KIND, serial) for serial in range(len(states))]
    for row, (status, worked, created, arrived) in zip(rows, states, strict=True):
        row.status, row.created_at = status, now - timedelta(hours=created)
        row.worked_at = now - timedelta(hours=worked) if worked else None
        row.arrived_at = now - timedelta(hours=arrived) if arrived else None
    row_of(ScreeningKind.TELECOM, 90).created_at = now - timedelta(hours=90)
    db.session.flush()
    marked = {row.id for row in rows if attention.reason_of(row, now)}
    assert len(marked) == attention.count() == 5
    query = select(ScreeningEntry.id).where(ScreeningEntry.kind == KIND)
    assert set(db.session.execute(query.where(attention.is_marked(now))).scalars()) == marked
    others = set(db.session.execute(query.where(~attention.is_marked(now))).scalars())
    assert others == {row.id for row in rows} - marked


@pytest.mark.parametrize(
    ("role", "way", "count"),
    [
        (Role.FLIGHT_TEAM, "飞机", 1),
        (Role.FLIGHT_TEAM, "火车", 0),
        (Role.RAILWAY_TEAM, "火车", 1),
        (Role.HIGH_SPEED_RAIL_TEAM, "高铁", 1),
        (Role.FLIGHT_TEAM, "自驾", 0),
        (Role.DISTRICT_ADMIN, "自驾", 1),
        (Role.MEDICAL_INSTITUTION, "飞机", 0),
        (Role.DATA_REPORTER, "飞机", 0),
    ],
)
def test_a_report_comes_to_the_hub_team_of_its_way_of_return(
    app: Flask, make: Factories, role: Role, way: str, count: int
) -> None:
    row_of(KIND, way=way)
    account = make.account(role, COMMUNITY[:6] if role is Role.DISTRICT_ADMIN else "4101")
    with using_scope(scope_of(account)):
        assert len(db.session.execute(select(ScreeningEntry)).scalars().all()) == count


def test_a_hub_team_receives_before_it_records_and_judges_nobody(entry: ScreeningEntry) -> None:
    def record(status: str) -> None:
        screening.record_outcome(entry, status=status, remark="", actor=SYSTEM, role=Role.FLIGHT_TEAM)

    with pytest.raises(DomainError, match="已接收"):
        record("ARRIVED")
    screening.receive(entry, actor=SYSTEM)
    with pytest.raises(DomainError) as refused:
        record("CENTRALIZED")
    assert refused.value.code == "outcome"
    record("COLLECTED_BY_DISTRICT")
    with pytest.raises(DomainError) as again:
        screening.receive(entry, actor=SYSTEM)
    assert again.value.code == "received"


def test_a_row_handed_on_is_the_other_districts_alone(entry: ScreeningEntry, make: Factories) -> None:
    giver, taker = make.account(Role.DISTRICT_ADMIN, "410102"), make.account(Role.DISTRICT_ADMIN, "410105")
    with using_scope(scope_of(giver)):
        screening.reassign(entry, district_code="410105", remark="住在金水区", actor=Actor.of(giver))
        assert db.session.execute(select(ScreeningEntry.id)).all() == []
    with using_scope(scope_of(taker)):
        (found,) = db.session.execute(select(ScreeningEntry)).scalars()
    assert (found.area_code, found.venue_id, found.remark) == ("410105", None, "住在金水区")
    with pytest.raises(DomainError):
        screening.reassign(entry, district_code="410105", remark="", actor=SYSTEM)


def test_one_person_on_three_lists_is_one_card_the_last_contact_first(app: Flask) -> None:
    telecom = row_of(ScreeningKind.TELECOM, document_number=None)
    fever, other = row_of(ScreeningKind.FEVER), row_of(ScreeningKind.FEVER, 8)
    returnee = row_of(KIND)
    screening.record_outcome(fever, status="WATCHED", remark="", actor=SYSTEM)
    card = person_card.rows_of_person(returnee, list(ScreeningKind))
    assert [row.id for row in card] == [fever.id, returnee.id, telecom.id]
    assert other.id not in [row.id for row in card]


@pytest.mark.parametrize(
    ("status", "days", "risk"),
    [
        (QuarantineStatus.CONFIRMED, 8, Risk.HIGH),
        (QuarantineStatus.CONFIRMED, 7, Risk.MEDIUM),
        (QuarantineStatus.NOT_REQUIRED, None, Risk.LOW),
        (None, None, Risk.LOW),
    ],
)
def test_a_fever_patients_risk_goes_by_the_days_of_isolation(
    person, make: Factories, status: QuarantineStatus | None, days: int | None, risk: Risk
) -> None:
    fever, today = row_of(ScreeningKind.FEVER), quarantine.today()
    if status:
        make.residency(person, status=status, since=today - timedelta(days=days) if days else None)
    assert risk_of(fever, today) is risk
