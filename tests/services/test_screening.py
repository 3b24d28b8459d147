"""Work on screening lists: outcomes and dispatch by hand (Z-T1, Z-T4)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from app.access import scope_of, using_scope
from app.access.scope import ScopeViolation
from app.domain.errors import DomainError
from app.domain.roles import Role
from app.extensions import db
from app.models import AuditEvent, ScreeningEntry
from app.services import imports, screening
from app.services.audit import SYSTEM, Actor
from tests.factories import Factories
from tests.lists import FOLDER, import_list


@pytest.fixture
def entry(app: Flask, make: Factories) -> ScreeningEntry:
    import_list("telecom", FOLDER / "telecom.xls", make.account(Role.CITY_ADMIN))
    query = select(ScreeningEntry).where(ScreeningEntry.area_code == "410105").limit(1)
    return db.session.execute(query).scalar_one()


@pytest.fixture
def waiting(entry: ScreeningEntry) -> ScreeningEntry:
    query = select(ScreeningEntry).where(ScreeningEntry.dispatched_at.is_(None)).limit(1)
    return db.session.execute(query).scalar_one()


def test_a_new_row_is_pending_with_its_district(entry: ScreeningEntry) -> None:
    assert (entry.status, entry.is_dispatched, entry.worked_at) == ("PENDING", True, None)


def test_an_outcome_is_kept_with_those_before_it(entry: ScreeningEntry) -> None:
    screening.record_outcome(entry, status="UNREACHABLE", remark="", actor=SYSTEM)
    screening.record_outcome(entry, status="NORMAL", remark="第二次联系上", actor=SYSTEM)
    assert [outcome.status for outcome in screening.outcomes_of(entry)] == ["NORMAL", "UNREACHABLE"]
    assert (entry.status, entry.remark) == ("NORMAL", "第二次联系上")


@pytest.mark.parametrize("status", ["PENDING", "TESTED_NEGATIVE", ""])
def test_only_outcomes_of_the_list_are_recorded(entry: ScreeningEntry, status: str) -> None:
    screening.record_outcome(entry, status="NORMAL", remark="", actor=SYSTEM)
    with pytest.raises(DomainError) as refusal:
        screening.record_outcome(entry, status=status, remark="", actor=SYSTEM)
    assert refusal.value.code == "outcome"


def test_an_editor_who_saw_an_older_row_is_refused(entry: ScreeningEntry) -> None:
    seen = entry.version
    screening.record_outcome(entry, status="NORMAL", remark="", actor=SYSTEM)
    with pytest.raises(StaleDataError):
        screening.record_outcome(entry, status="UNREACHABLE", remark="", actor=SYSTEM, version=seen)


def test_the_trail_holds_no_remark(entry: ScreeningEntry) -> None:
    screening.record_outcome(entry, status="NORMAL", remark="住在他表姐王某家", actor=SYSTEM)
    event = db.session.execute(select(AuditEvent).where(AuditEvent.action == "record_outcome")).scalar_one()
    assert event.changes == {"outcome": ["待反馈", "已联系，情况正常"], "has_remark": True}


def test_a_waiting_row_is_dispatched_once(waiting: ScreeningEntry) -> None:
    assert waiting.undispatched_reason
    screening.dispatch(waiting, district_code="410102", actor=SYSTEM)
    assert (waiting.area_code, waiting.undispatched_reason, waiting.is_dispatched) == ("410102", None, True)
    with pytest.raises(DomainError) as refusal:
        screening.dispatch(waiting, district_code="410103", actor=SYSTEM)
    assert refusal.value.code == "dispatched"


def test_a_row_goes_to_districts_of_the_region_only(waiting: ScreeningEntry) -> None:
    with pytest.raises(DomainError) as refusal:
        screening.dispatch(waiting, district_code="411002", actor=SYSTEM)
    assert refusal.value.code == "district"


def test_no_district_works_on_a_row_of_another(entry: ScreeningEntry, make: Factories) -> None:
    other = make.account(Role.DISTRICT_ADMIN, "410102")
    db.session.commit()
    db.session.refresh(entry)
    with using_scope(scope_of(other)), pytest.raises(ScopeViolation):
        screening.record_outcome(entry, status="NORMAL", remark="", actor=Actor.of(other))


def test_a_batch_is_taken_back_only_while_nobody_worked_on_it(entry: ScreeningEntry, make: Factories) -> None:
    city = make.account(Role.CITY_ADMIN)
    screening.record_outcome(entry, status="NORMAL", remark="", actor=SYSTEM)
    with pytest.raises(DomainError) as refusal:
        imports.undo(entry.batch, account=city)
    assert str(refusal.value) == "这一批已有 1 条被排查过，不能撤回"
    assert len(db.session.execute(select(ScreeningEntry.id)).all()) == 61
