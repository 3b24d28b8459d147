"""Looks at the whole audit trail: asked for by those who read it, or made every night; what was found stands on record."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from sqlalchemy import Select, func, select

from app import clock
from app.access import everything
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import Account, AuditCheck
from app.profiles import load_profile
from app.services import audit
from app.services.audit import SYSTEM, Actor
from app.services.queueing import QueuedJob, enqueue_later
from app.services.transaction import transactional

QUEUE = "statistics"
_JOB = "app.jobs.audit.verify"
_JOB_SECONDS = 4 * 3600
# A look that has not ended by then has lost its worker for good.
_LOST = timedelta(hours=4)
_REASON = "the chain is looked at as a whole, whoever asked"


def standing() -> tuple[AuditCheck | None, AuditCheck | None]:
    """Return the last look that has ended, and the one that is being made; asked in one statement, for a list shows it."""
    ended = select(func.max(AuditCheck.id)).where(AuditCheck.finished_at.is_not(None))
    wanted = AuditCheck.id.in_([ended.scalar_subquery(), _running_id().scalar_subquery()])
    found = {row.finished_at is None: row for row in db.session.execute(select(AuditCheck).where(wanted)).scalars()}
    return found.get(False), found.get(True)


def running() -> AuditCheck | None:
    """Return the look that is being made."""
    return standing()[1]


def _running_id() -> Select[int]:
    since = clock.now() - _LOST
    return select(func.max(AuditCheck.id)).where(AuditCheck.finished_at.is_(None), AuditCheck.started_at >= since)


@transactional
def ask(account: Account) -> AuditCheck:
    """Return the look that a job makes now. Error: check_running."""
    if running() is not None:
        raise DomainError(N_("正在校验，请稍后查看结果"), code="check_running")
    return _begin(Actor.of(account), account)


@transactional
def begin_nightly() -> None:
    """The nightly look is under way, unless one is already."""
    with everything(_REASON):
        if running() is None:
            _begin(SYSTEM, None)


def _begin(actor: Actor, account: Account | None) -> AuditCheck:
    made = AuditCheck(asked_by_id=account.id if account else None, started_at=clock.now(), checked=0)
    db.session.add(made)
    db.session.flush()
    audit.record(actor, "audit.ask_check", subject=made, area_code=_region())
    enqueue_later(QueuedJob(QUEUE, _JOB, made.id, f"audit-check-{made.id}", _JOB_SECONDS))
    return made


def _region() -> str:
    return load_profile(current_app.config["REGION"]).area_code


def make(check_id: int) -> None:
    """The look has ended. For a job: killed, it begins anew; one that has ended stays as it is."""
    with everything(_REASON):
        found = db.session.get(AuditCheck, check_id)
        if found is None or found.finished_at is not None:
            return
        count, fault = audit.verify()
        _finish(check_id, count, fault)


@transactional
def _finish(check_id: int, count: int, fault: audit.ChainFault | None) -> None:
    found = db.session.get_one(AuditCheck, check_id, with_for_update=True, populate_existing=True)
    if found.finished_at is not None:
        return
    found.checked, found.finished_at = count, clock.now()
    if fault is not None:
        found.fault_event_id, found.problem = fault.event_id, fault.problem
    # Who removes the finding from its table has not removed it from the trail.
    changes = {"events": count, "fault": fault.event_id if fault else None, "problem": fault.problem if fault else None}
    audit.record(SYSTEM, "audit.checked", subject=found, area_code=_region(), changes=changes)
