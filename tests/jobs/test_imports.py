"""Jobs of the imports queue survive what kills their workers (issue 1.4)."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from rq import Queue
from sqlalchemy import func, select, update

from app import clock
from app.domain.roles import Role
from app.extensions import db, redis_connection
from app.jobs import imports as jobs
from app.models import Account, BatchState, ImportBatch, ImportRow, ScreeningEntry
from app.services import imports
from app.services.imports_recovery import MOST_ATTEMPTS
from app.services.lists import list_named
from tests.factories import Factories
from tests.jobs.conftest import Workers
from tests.lists import FOLDER
from tests.runtime.places import wait_until
from tests.telecom_sheet import Truth, write_csv

ROWS = 6000
SECONDS_TO_END = 60
SWEEP_SECONDS = 1.0


def upload(path: Path, account: Account, *, in_queue: bool = True) -> ImportBatch:
    with path.open("rb") as stream:
        return imports.upload(list_named("telecom"), stream, name=path.name, account=account, in_queue=in_queue)


def again(batch: ImportBatch) -> ImportBatch:
    """The batch as it is in the database now."""
    db.session.rollback()
    return db.session.get_one(ImportBatch, batch.id, populate_existing=True)


def wait_for(batch: ImportBatch, state: BatchState) -> float:
    """Seconds until the batch was in that state; the sweep runs meanwhile, as the scheduler would have it."""
    swept = time.monotonic()

    def is_there() -> bool:
        nonlocal swept
        if time.monotonic() - swept > SWEEP_SECONDS:
            jobs.sweep_stalled()
            swept = time.monotonic()
        return again(batch).state is state

    return wait_until(is_there, within_seconds=SECONDS_TO_END, what=state.name)


def kill_in_the_middle(batch: ImportBatch, workers: Workers) -> None:
    """Every worker is killed as soon as one of them has taken the batch; another one has started."""
    taken = again(batch).lease
    workers.start("imports")
    workers.await_all()
    wait_until(lambda: again(batch).lease > taken, within_seconds=SECONDS_TO_END, what="taken")
    workers.kill_all()
    workers.start("imports")
    workers.await_all()  # a busy machine takes its time to load the application, and 60 s count from here


def count(model: type) -> int:
    return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def assert_true(batch: ImportBatch, truth: Truth) -> None:
    counts = again(batch).counts
    assert counts["new"] == truth.new == count(ScreeningEntry)
    assert counts["duplicates"] == truth.duplicates
    assert counts["rejected"] == truth.rejected
    assert sum(counts["undispatched"].values()) == truth.undispatched
    assert sum(counts["dispatched"].values()) == truth.new - truth.undispatched
    assert count(ImportRow) == 0


def test_a_killed_import_enters_once_and_whole(
    queue_app: Flask, workers: Workers, make: Factories, tmp_path: Path
) -> None:
    """A killed check is test_killed_checks.py's, random moments and other victims are kill_rounds.py's."""
    city = make.account(Role.CITY_ADMIN)
    db.session.commit()
    truth = write_csv(tmp_path / "list.csv", ROWS)
    batch = upload(tmp_path / "list.csv", city, in_queue=False)
    jobs.check(batch.id)
    imports.confirm(again(batch), account=city)
    kill_in_the_middle(batch, workers)
    wait_for(batch, BatchState.IMPORTED)
    assert_true(batch, truth)
    assert imports.undo(again(batch), account=city) == truth.new


def test_a_batch_whose_job_is_nowhere_is_found_and_ends(queue_app: Flask, workers: Workers, make: Factories) -> None:
    city = make.account(Role.CITY_ADMIN)
    db.session.commit()
    batch = upload(FOLDER / "telecom.xlsx", city)
    redis_connection().flushall()
    jobs.sweep_stalled()
    assert not Queue("imports", connection=redis_connection()).job_ids  # it was heard of a moment ago
    fall_silent(batch)
    jobs.sweep_stalled()
    jobs.sweep_stalled()
    assert Queue("imports", connection=redis_connection()).job_ids == [f"check-{batch.id}-1"]
    workers.start("imports")
    workers.await_all()
    wait_for(batch, BatchState.CHECKED)
    assert again(batch).counts["new"] == 601


def fall_silent(batch: ImportBatch) -> None:
    table: Any = ImportBatch.__table__
    long_ago = clock.now() - timedelta(minutes=5)
    db.session.execute(update(table).where(table.c.id == batch.id).values(heartbeat_at=long_ago))
    db.session.commit()


def test_a_batch_that_waits_in_the_queue_is_not_put_there_twice(queue_app: Flask, make: Factories) -> None:
    city = make.account(Role.CITY_ADMIN)
    batch = upload(FOLDER / "telecom.xls", city)
    fall_silent(batch)
    jobs.sweep_stalled()
    assert Queue("imports", connection=redis_connection()).job_ids == [f"check-{batch.id}-0"]


def test_a_batch_that_never_ends_fails_with_a_message(queue_app: Flask, make: Factories) -> None:
    city = make.account(Role.CITY_ADMIN)
    batch = upload(FOLDER / "telecom.xls", city)
    for _attempt in range(MOST_ATTEMPTS + 1):
        redis_connection().flushall()
        fall_silent(batch)
        jobs.sweep_stalled()
    found = again(batch)
    assert found.state is BatchState.FAILED
    assert found.failure is not None and found.failure["message"] == "多次尝试后仍未完成，请重新上传"


@pytest.mark.parametrize("times", [2, 3])
def test_jobs_that_run_again_change_nothing(queue_app: Flask, make: Factories, times: int) -> None:
    city = make.account(Role.CITY_ADMIN)
    batch = upload(FOLDER / "telecom.xlsx", city)
    for _time in range(times):
        jobs.check(batch.id)
    imports.confirm(again(batch), account=city)
    for _time in range(times):
        jobs.import_batch(batch.id)
    assert (again(batch).state, again(batch).counts["new"], count(ScreeningEntry)) == (BatchState.IMPORTED, 601, 601)
