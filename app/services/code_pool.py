"""The pool of sector codes: made in batches, handed out, revoked, replaced (Z-S7)."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from app import clock
from app.access import everything
from app.domain.codes import PIN_DIGITS, BatchProgress, check_size
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.sectors import CodeState, has_code_pool
from app.domain.text import clean
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import Account, CodeBatch, Venue
from app.services import audit
from app.services.audit import Actor
from app.services.queueing import QueuedJob, enqueue_later
from app.services.transaction import transactional
from app.services.venues import new_code

GENERATE_JOB = "app.jobs.codes.generate"
QUEUE = "exports"
_JOB_SECONDS = 900
_AT_ONCE = 500
_VENUES = Venue.__table__


@transactional
def generate(*, kind: VenueKind, size: int | None, remark: str, account: Account) -> CodeBatch:
    """Return a batch whose codes a job makes. Errors: code_kind, batch_size."""
    if not has_code_pool(kind) or account.venue_kind not in (None, kind):
        raise DomainError(N_("请选择行业类型"), code="code_kind", field="kind")
    moment = clock.now()
    batch = CodeBatch(
        kind=kind,
        size=check_size(size),
        state=BatchProgress.RUNNING,
        remark=clean(remark) or None,
        area_code=account.area_code or "",
        created_by_id=account.id,
        heartbeat_at=moment,
        created_at=moment,
        updated_at=moment,
    )
    db.session.add(batch)
    db.session.flush()
    changes = {"kind": kind.name, "size": batch.size}
    audit.record(Actor.of(account), "generate_codes", subject=batch, area_code=batch.area_code, changes=changes)
    enqueue_later(job_of(batch))
    return batch


def job_of(batch: CodeBatch) -> QueuedJob:
    """Return the job that makes the codes of `batch`, another with every attempt."""
    return QueuedJob(QUEUE, GENERATE_JOB, batch.id, f"codes-{batch.id}-{batch.attempts}", _JOB_SECONDS)


def make_codes(batch_id: int) -> None:
    """All codes of the batch are there. For a job: killed at any moment it goes on, run twice it makes none twice."""
    while _make_some(batch_id):
        pass


@transactional
def _make_some(batch_id: int) -> bool:
    """Make the next codes under the batch's lock; return whether some are left."""
    batch = db.session.get_one(CodeBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch.state is not BatchProgress.RUNNING:
        return False
    moment = clock.now()
    last = min(batch.made + _AT_ONCE, batch.size)
    rows = [_code(batch, number, moment) for number in range(batch.made + 1, last + 1)]
    db.session.execute(insert(_VENUES), rows)
    batch.made, batch.heartbeat_at, batch.updated_at = last, moment, moment
    if last == batch.size:
        batch.state, batch.finished_at = BatchProgress.FINISHED, moment
    return last < batch.size


def _code(batch: CodeBatch, number: int, moment: datetime) -> dict[str, Any]:
    # 49 random bits: a clash fails the lot on the unique index, and the job's next turn draws again.
    return {
        "code": new_code(batch.kind),
        "kind": batch.kind,
        "name": f"{batch.kind.label}{batch.id}-{number:05d}",
        "area_code": batch.area_code,
        "code_state": CodeState.GENERATED,
        "batch_id": batch.id,
        "batch_number": number,
        "created_at": moment,
        "updated_at": moment,
    }


@transactional
def hand_out(batch: CodeBatch, *, to: str, first: int | None, last: int | None, actor: Actor) -> int:
    """Return how many codes of the batch, from number to number, are now somebody's to activate.

    Errors: recipient, range, nothing_to_hand_out.
    """
    to = clean(to)
    if not to:
        raise DomainError(N_("请填写领取人"), code="recipient", field="to")
    start, end = first or 1, last or batch.size
    if not 1 <= start <= end <= batch.size:
        raise DomainError(
            N_("编号应在1到%(size)s之间，且起始编号不大于结束编号"), code="range", field="first", size=batch.size
        )
    moment = clock.now()
    chosen = (
        _VENUES.c.batch_id == batch.id,
        _VENUES.c.batch_number.between(start, end),
        _VENUES.c.code_state == CodeState.GENERATED,
    )
    given = {"code_state": CodeState.HANDED_OUT, "handed_out_at": moment, "handed_out_to": to, "updated_at": moment}
    with everything("the codes of a batch that was fetched in scope"):
        count: int = db.session.execute(update(_VENUES).where(*chosen).values(given)).rowcount
    if not count:
        raise DomainError(N_("这些编号的二维码都已下发"), code="nothing_to_hand_out", field="first")
    changes = {"first": start, "last": end, "codes": count}
    audit.record(actor, "hand_out_codes", subject=batch, area_code=batch.area_code, changes=changes)
    return count


def states_of(batch: CodeBatch) -> dict[CodeState, int]:
    """Return how many codes of the batch are in which state."""
    query = select(_VENUES.c.code_state, func.count()).where(_VENUES.c.batch_id == batch.id)
    return {state: count for state, count in db.session.execute(query.group_by(_VENUES.c.code_state))}


@transactional
def revoke(venue: Venue, *, reason: str, actor: Actor) -> None:
    """The code is of no use any more. Errors: reason, revoked."""
    if not clean(reason):
        raise DomainError(N_("请填写原因"), code="reason", field="reason")
    _check_not_revoked(venue)
    before, moment = venue.code_state, clock.now()
    venue.code_state, venue.revoked_at, venue.updated_at = CodeState.REVOKED, moment, moment
    changes = {"state": [before.name, CodeState.REVOKED.name], "reason": clean(reason)}
    audit.record(actor, "revoke_code", subject=venue, area_code=venue.area_code, changes=changes)


def _check_not_revoked(venue: Venue) -> None:
    if venue.code_state is CodeState.REVOKED:
        raise DomainError(N_("此二维码已作废"), code="revoked")


@transactional
def set_pin(venue: Venue, *, is_wanted: bool, actor: Actor) -> None:
    """The poster bears a number that the form asks for (a new one each time), or none (X6). Error: revoked."""
    _check_not_revoked(venue)
    had, moment = venue.poster_pin is not None, clock.now()
    venue.poster_pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}" if is_wanted else None
    venue.updated_at = moment
    changes = {"has_pin": [had, is_wanted]}
    audit.record(actor, "set_poster_pin", subject=venue, area_code=venue.area_code, changes=changes)


@transactional
def replace(venue: Venue, *, actor: Actor) -> None:
    """The place has a new code and goes on as it was; whoever scans the old one learns that it is void. Error: revoked."""
    _check_not_revoked(venue)
    old, moment = venue.code, clock.now()
    venue.code, venue.updated_at = new_code(venue.kind), moment
    db.session.flush()
    void = Venue(
        code=old,
        kind=venue.kind,
        name=venue.name,
        area_code=venue.area_code,
        code_state=CodeState.REVOKED,
        revoked_at=moment,
        replaced_by_id=venue.id,
        created_at=moment,
        updated_at=moment,
    )
    db.session.add(void)
    changes = {"code": [old, venue.code]}
    audit.record(actor, "replace_code", subject=venue, area_code=venue.area_code, changes=changes)
