"""Scheduled jobs: each may run twice for one turn, and runs without a request."""

from __future__ import annotations

import importlib
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access import current_scope
from app.clock import now
from app.domain.quarantine import QuarantineStatus
from app.domain.roles import Role
from app.domain.screening import ScreeningKind
from app.extensions import db
from app.jobs import partitions, quarantine, retention, statistics
from app.jobs.schedule import SCHEDULE
from app.models import AuditEvent, BatchState, EntryHourTotal, ImportBatch, StoredFile, StoredPiece
from app.services.quarantine import today
from tests.factories import Factories


@pytest.mark.parametrize("dotted", [entry.dotted for entry in SCHEDULE])
def test_what_is_scheduled_is_there(dotted: str) -> None:
    module, _, name = dotted.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


def _outside(app: Flask, job) -> None:
    """Run a job as a worker does: in a context of its own, to which nobody gave a scope."""
    db.session.commit()
    with app.app_context():
        assert current_scope().is_closed
        job()


def test_hours_are_counted_once(app: Flask, make: Factories) -> None:
    make.entry(make.residency(), at=now() - timedelta(days=2))
    for _ in range(2):
        _outside(app, statistics.count_hours)
    assert db.session.execute(select(func.sum(EntryHourTotal.entries))).scalar() == 1


def test_a_finished_quarantine_ends_once_and_by_the_system(app: Flask, make: Factories) -> None:
    tie = make.residency(status=QuarantineStatus.CONFIRMED, since=today() - timedelta(days=14))
    for _ in range(2):
        _outside(app, quarantine.release_finished)
    db.session.expire_all()
    assert tie.status is QuarantineStatus.RELEASED
    assert db.session.execute(select(AuditEvent.actor_label)).scalars().all() == ["系统"]


def test_partitions_are_made_once(app: Flask) -> None:
    for _ in range(2):
        _outside(app, partitions.ensure)


@pytest.fixture
def batch(make: Factories):
    """Return a function (state, days) -> a batch with a file of one piece that expires in so many days."""

    def build(state: BatchState, days: int) -> ImportBatch:
        moment = now()
        file = StoredFile(name="名单.xlsx", created_at=moment, expires_at=moment + timedelta(days=days))
        db.session.add(file)
        db.session.flush()
        db.session.add(StoredPiece(file_id=file.id, position=0, sealed=b"sealed"))
        found = ImportBatch(
            kind=next(iter(ScreeningKind)),
            state=state,
            file_id=file.id,
            file_name=file.name,
            created_by_id=make.account(Role.CITY_ADMIN).id,
            area_code="4101",
            heartbeat_at=moment,
            created_at=moment,
            updated_at=moment,
        )
        db.session.add(found)
        db.session.flush()
        return found

    return build


def _files() -> int:
    return db.session.execute(select(func.count(StoredFile.id))).scalar_one()


def test_a_file_goes_when_its_time_is_over_and_its_batch_stays(app: Flask, batch) -> None:
    old, young = batch(BatchState.IMPORTED, -1), batch(BatchState.IMPORTED, 1)
    for _ in range(2):
        _outside(app, retention.purge_expired)
    db.session.expire_all()
    assert (old.file_id is None, young.file_id is None) == (True, False)
    assert _files() == 1
    assert db.session.execute(select(func.count()).select_from(StoredPiece.__table__)).scalar_one() == 1


def test_a_file_that_a_job_reads_is_not_taken_from_it(app: Flask, batch) -> None:
    batch(BatchState.IMPORTING, -1)
    _outside(app, retention.purge_expired)
    assert _files() == 1
