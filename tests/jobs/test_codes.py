"""A batch of ten thousand codes whose worker is killed halfway: none is missing, none is there twice (Z-S7)."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from app.access import everything
from app.domain.codes import MOST_AT_ONCE, BatchProgress
from app.domain.roles import Role
from app.domain.venues import VenueKind
from app.extensions import db
from app.jobs import codes as jobs
from app.models import Venue
from app.services import code_pool
from tests.factories import Factories
from tests.jobs.conftest import START_SECONDS, Workers
from tests.runtime.places import wait_until


def made() -> int:
    db.session.rollback()
    return db.session.execute(select(func.count(Venue.batch_number.distinct()))).scalar_one()


def test_a_killed_worker_loses_and_doubles_no_code(queue_app: Flask, workers: Workers, make: Factories) -> None:
    batch = code_pool.generate(kind=VenueKind.BUS, size=MOST_AT_ONCE, remark="", account=make.account(Role.CITY_ADMIN))
    workers.start(code_pool.QUEUE)
    wait_until(made, within_seconds=START_SECONDS, what="the job is at work")
    workers.kill_all()
    assert made() < MOST_AT_ONCE, "the job was killed too late"
    with everything("the next turn"):
        jobs.generate(batch.id)
    assert made() == MOST_AT_ONCE == db.session.execute(select(func.count(Venue.code.distinct()))).scalar_one()
    assert batch.state is BatchProgress.FINISHED
