"""Batches of codes and prints that nobody works on though somebody should: found by their silence, started again."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app import clock
from app.domain.codes import BatchProgress
from app.extensions import db
from app.models import CodeBatch, CodePrint
from app.services import code_pool, code_prints
from app.services.queueing import enqueue_later
from app.services.transaction import transactional

SILENCE = timedelta(minutes=5)
MOST_ATTEMPTS = 5


@transactional
def revive_silent() -> int:
    """Return how many are in the queue again; after too many attempts one has failed instead."""
    return sum(_revive(model) for model in (CodeBatch, CodePrint))


def _revive(model: type[CodeBatch] | type[CodePrint]) -> int:
    moment = clock.now()
    query = select(model).where(model.state == BatchProgress.RUNNING, model.heartbeat_at < moment - SILENCE)
    silent = db.session.execute(query.with_for_update(skip_locked=True)).scalars().all()
    for each in silent:
        if each.attempts >= MOST_ATTEMPTS:
            each.state, each.updated_at = BatchProgress.FAILED, moment
            continue
        each.attempts, each.heartbeat_at = each.attempts + 1, moment
        enqueue_later(code_pool.job_of(each) if isinstance(each, CodeBatch) else code_prints.job_of(each))
    return len(silent)
