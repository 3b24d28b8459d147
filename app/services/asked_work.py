"""Work that an account asked for and a job does: found by its silence when its worker is gone, removed after its time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from app import clock
from app.domain.comparison import ComparisonState
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import Comparison, ExportFile, ExportState
from app.services import comparison_run, comparisons, exports
from app.services.queueing import enqueue_later
from app.services.transaction import transactional

SILENCE = timedelta(minutes=2)
MOST_ATTEMPTS = 5


@transactional
def revive_silent() -> int:
    """Return how many are in the queue again; after too many attempts one has failed instead."""
    return _revive_comparisons(clock.now()) + _revive_exports(clock.now())


def _revive_comparisons(moment: datetime) -> int:
    running = Comparison.state == ComparisonState.RUNNING
    query = select(Comparison).where(running, Comparison.heartbeat_at < moment - SILENCE)
    silent = db.session.execute(query.with_for_update(skip_locked=True)).scalars().all()
    for each in silent:
        if each.attempts >= MOST_ATTEMPTS:
            comparison_run.fail(each.id, DomainError(N_("多次尝试后仍未完成，请重新上传"), code="attempts"))
            continue
        each.attempts, each.heartbeat_at = each.attempts + 1, moment
        enqueue_later(comparisons.job_of(each))
    return len(silent)


def _revive_exports(moment: datetime) -> int:
    running = ExportFile.state == ExportState.RUNNING
    query = select(ExportFile).where(running, ExportFile.heartbeat_at < moment - SILENCE)
    silent = db.session.execute(query.with_for_update(skip_locked=True)).scalars().all()
    for each in silent:
        if each.attempts >= MOST_ATTEMPTS:
            exports.fail(each.id, DomainError(N_("多次尝试后仍未完成，请重新导出"), code="attempts"))
            continue
        each.attempts, each.heartbeat_at = each.attempts + 1, moment
        enqueue_later(exports.job_of(each))
    return len(silent)


def purge(moment: datetime) -> int:
    """Return how many results were removed whose time is over at `moment`."""
    return comparisons.purge(moment) + exports.purge(moment)
