"""Evidence by hand: a ground, a second person, a deadline, an alarm (X3, issue 2.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.access import scope_of, using_scope
from app.domain.colors import Color
from app.domain.errors import DomainError
from app.domain.health import EvidenceKind
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, AuditEvent, Evidence, EvidenceSource, EvidenceState, OutgoingMessage
from app.services import evidence, health_colors
from app.services.audit import SYSTEM
from tests.factories import Factories
from tests.health import DISTRICT, known

GROUND = "medical_report"


def propose(account: Account, **details: Any) -> Evidence:
    new = known(EvidenceKind.CLOSE_CONTACT, source_kind=EvidenceSource.MANUAL, **details)
    with using_scope(scope_of(account)):
        return evidence.propose(new, ground=GROUND, text="疾控中心流调报告", account=account)


def color(row: Evidence) -> Color:
    return health_colors.color_of(row.document_index, clock.now()).color


def test_a_proposal_colors_nobody_until_a_second_person_approves(app: Flask, make: Factories) -> None:
    row = propose(make.account(Role.DISTRICT_ADMIN, DISTRICT))
    assert color(row) is Color.GREEN
    other = make.account(Role.DISTRICT_ADMIN, DISTRICT)
    with using_scope(scope_of(other)):
        evidence.approve(row.id, account=other)
    assert color(row) is Color.RED and row.decided_by_id == other.id
    with pytest.raises(DomainError, match="已批准"):
        evidence.approve(row.id, account=make.account(Role.CITY_ADMIN))


@pytest.mark.parametrize(
    ("role", "area", "code"),
    [
        (None, DISTRICT, "own"),
        (Role.STREET_ADMIN, DISTRICT + "001", "area"),
        (Role.DISTRICT_ADMIN, "410103", "area"),
        (Role.MEDICAL_INSTITUTION, DISTRICT, "role"),
        (Role.SECTOR_ADMIN, "4101", "role"),
    ],
)
def test_nobody_approves_their_own_or_a_higher_levels(
    app: Flask, make: Factories, role: Role | None, area: str, code: str
) -> None:
    own = make.account(Role.DISTRICT_ADMIN, DISTRICT)
    row = propose(own)
    with pytest.raises(DomainError) as refused:
        evidence.approve(row.id, account=make.account(role, area) if role else own)
    assert refused.value.code == code and color(row) is Color.GREEN


def test_a_lower_level_does_not_approve_even_in_its_own_area(app: Flask, make: Factories) -> None:
    row = propose(make.account(Role.CITY_ADMIN), area_code=DISTRICT + "001")
    with pytest.raises(DomainError) as refused:
        evidence.approve(row.id, account=make.account(Role.STREET_ADMIN, DISTRICT + "001"))
    assert refused.value.code == "level"


def test_another_area_does_not_even_see_a_proposal(app: Flask, make: Factories) -> None:
    row = propose(make.account(Role.DISTRICT_ADMIN, DISTRICT))
    number, stranger = row.id, make.account(Role.DISTRICT_ADMIN, "410103")
    db.session.commit()
    with using_scope(scope_of(stranger)), pytest.raises(DomainError) as refused:
        evidence.approve(number, account=stranger)
    assert refused.value.code == "evidence"


def test_without_approval_a_proposal_lapses(app: Flask, make: Factories) -> None:
    row, other = propose(make.account(Role.CITY_ADMIN)), make.account(Role.CITY_ADMIN)
    assert row.approve_by is not None and row.approve_by - row.created_at == timedelta(hours=24)
    assert evidence.lapse_unapproved(row.approve_by - timedelta(seconds=1)) == 0
    row.approve_by = clock.now()
    db.session.commit()
    with pytest.raises(DomainError) as refused:
        evidence.approve(row.id, account=other)  # though no job has run
    assert refused.value.code == "lapsed"
    assert [evidence.lapse_unapproved(clock.now()) for _ in range(2)] == [1, 0]
    assert row.state is EvidenceState.LAPSED and color(row) is Color.GREEN


def test_a_rejected_proposal_says_why(app: Flask, make: Factories) -> None:
    row, other = propose(make.account(Role.CITY_ADMIN)), make.account(Role.CITY_ADMIN)
    db.session.commit()
    with pytest.raises(DomainError, match="理由"):
        evidence.reject(row.id, reason=" ", account=other)
    evidence.reject(row.id, reason="依据不足", account=other)
    assert (row.state, row.decision_reason) == (EvidenceState.REJECTED, "依据不足")


@pytest.mark.parametrize(
    ("details", "code"),
    [({"ground": "because"}, "ground"), ({"text": " "}, "text"), ({"text": "长" * 1001}, "text")],
)
def test_a_proposal_needs_a_legal_ground_and_a_text(
    app: Flask, make: Factories, details: dict[str, str], code: str
) -> None:
    new = known(EvidenceKind.CLOSE_CONTACT, source_kind=EvidenceSource.MANUAL)
    with pytest.raises(DomainError) as refused:
        evidence.propose(new, **({"ground": GROUND, "text": "x"} | details), account=make.account(Role.CITY_ADMIN))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("role", "area", "code"), [(Role.COMPOUND_ADMIN, DISTRICT, "role"), (Role.DISTRICT_ADMIN, "410103", "area")]
)
def test_only_administrators_propose_and_in_their_own_area(
    app: Flask, make: Factories, role: Role, area: str, code: str
) -> None:
    new = known(EvidenceKind.CLOSE_CONTACT, source_kind=EvidenceSource.MANUAL)
    with pytest.raises(DomainError) as refused:
        evidence.propose(new, ground=GROUND, text="x", account=make.account(role, area))
    assert refused.value.code == code


def test_the_twenty_first_entry_in_an_hour_is_stopped_and_raises_an_alarm(app: Flask, make: Factories) -> None:
    district, watcher = make.account(Role.DISTRICT_ADMIN, DISTRICT), make.account(Role.CITY_ADMIN)
    rows = [propose(district) for _ in range(20)]
    for _ in range(2):
        with pytest.raises(DomainError) as stopped:
            propose(district)
        assert stopped.value.code == "too_many"
    alarms = select(AuditEvent).where(AuditEvent.action == "alarm_manual_evidence")
    assert {event.subject_id for event in db.session.execute(alarms).scalars()} == {str(district.id)}
    sent = db.session.execute(select(OutgoingMessage)).scalars().all()
    assert [message.phone for message in sent] == [watcher.phone]
    propose(make.account(Role.DISTRICT_ADMIN, DISTRICT))  # others go on
    rows[0].created_at -= timedelta(hours=1)
    propose(district)


def test_by_hand_there_is_no_other_way_than_a_proposal(app: Flask) -> None:
    with pytest.raises(DomainError) as refused:
        evidence.bring(known(EvidenceKind.CONFIRMED_CASE, source_kind=EvidenceSource.MANUAL), actor=SYSTEM)
    assert refused.value.code == "by_hand"


def test_what_is_on_record_names_nobody(app: Flask, make: Factories) -> None:
    row = propose(make.account(Role.CITY_ADMIN))
    evidence.approve(row.id, account=make.account(Role.CITY_ADMIN))
    evidence.end(row.id, reason="误报", actor=SYSTEM)
    told = str([event.changes for event in db.session.execute(select(AuditEvent)).scalars()])
    assert row.document_number not in told and row.name not in told and "疾控" not in told
    assert "CLOSE_CONTACT" in told
