"""Batches that nobody works on any more though somebody should: found by their silence, started again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from app import clock
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import BatchState, ImportBatch
from app.services.imports import enqueue_later
from app.services.imports_checking import fail
from app.services.transaction import transactional

_BEATS = 5
MOST_ATTEMPTS = 5
_RUNNING = [state for state in BatchState if state.is_running]


def _silent_since() -> datetime:
    """Whoever was not heard of since then is gone."""
    return clock.now() - timedelta(seconds=_BEATS * current_app.config["IMPORT_BEAT_SECONDS"])


def silent_batches() -> Sequence[ImportBatch]:
    """Batches that are worked on and have not been heard of."""
    query = select(ImportBatch).where(ImportBatch.state.in_(_RUNNING), ImportBatch.heartbeat_at < _silent_since())
    return db.session.execute(query).scalars().all()


@transactional
def revive(batch_id: int) -> None:
    """The batch is in the queue again; after too many attempts it has failed instead.

    Nothing happens for one that was heard of meanwhile. Whoever still holds a lease on it writes nothing any more.
    """
    batch = db.session.get_one(ImportBatch, batch_id, with_for_update=True, populate_existing=True)
    if not batch.state.is_running or batch.heartbeat_at >= _silent_since():
        return
    if batch.attempts >= MOST_ATTEMPTS:
        fail(batch_id, DomainError(N_("多次尝试后仍未完成，请重新上传"), code="attempts"))
        return
    batch.attempts += 1
    batch.lease += 1
    batch.heartbeat_at = batch.updated_at = clock.now()
    enqueue_later(batch)
