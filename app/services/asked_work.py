"""Work that an account asked for and a job does: found by its silence when its worker is gone, removed after its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app import clock
from app.domain.comparison import ComparisonState
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import AccountImport, AccountImportState, Comparison, ExportFile, ExportState
from app.services import account_import_run, account_imports, comparison_run, comparisons, exports
from app.services.queueing import QueuedJob, enqueue_later
from app.services.transaction import transactional

SILENCE = timedelta(minutes=2)
MOST_ATTEMPTS = 5


@dataclass(frozen=True)
class AskedWork:
    """A kind of work: its rows, the state in which a job is at them, its job, and how it fails after too many turns."""

    model: Any
    running: Any
    job_of: Callable[[Any], QueuedJob]
    fail: Callable[[int, DomainError], None]
    failure: str


_KINDS = (
    AskedWork(
        Comparison,
        ComparisonState.RUNNING,
        comparisons.job_of,
        comparison_run.fail,
        N_("多次尝试后仍未完成，请重新上传"),
    ),
    AskedWork(ExportFile, ExportState.RUNNING, exports.job_of, exports.fail, N_("多次尝试后仍未完成，请重新导出")),
    AskedWork(
        AccountImport,
        AccountImportState.RUNNING,
        account_imports.job_of,
        account_import_run.fail,
        N_("多次尝试后仍未完成，请重新上传"),
    ),
)


@transactional
def revive_silent() -> int:
    """Return how many are in the queue again; after too many attempts one has failed instead."""
    return sum(_revive(kind, clock.now()) for kind in _KINDS)


def _revive(kind: AskedWork, moment: datetime) -> int:
    row = kind.model
    query = select(row).where(row.state == kind.running, row.heartbeat_at < moment - SILENCE)
    silent = db.session.execute(query.with_for_update(skip_locked=True)).scalars().all()
    for each in silent:
        if each.attempts >= MOST_ATTEMPTS:
            kind.fail(each.id, DomainError(kind.failure, code="attempts"))
            continue
        each.attempts, each.heartbeat_at = each.attempts + 1, moment
        enqueue_later(kind.job_of(each))
    return len(silent)


def purge(moment: datetime) -> int:
    """Return how many results were removed whose time is over at `moment`."""
    return comparisons.purge(moment) + exports.purge(moment) + account_imports.purge(moment)
