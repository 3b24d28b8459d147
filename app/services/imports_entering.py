"""The import proper: staged rows enter the list in one transaction, as a whole or not at all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func, literal, select, text
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.domain.areas import AreaLevel, code_at
from app.domain.screening import EntryOrigin, initial_status
from app.extensions import db
from app.models import Account, BatchState, ImportBatch, ImportRow, ScreeningEntry
from app.services import audit, doubts, imports_evidence
from app.services.audit import SYSTEM, Actor
from app.services.imports_counts import Counts
from app.services.imports_lease import Heartbeat, Lease, LeaseLost, take_lease
from app.services.imports_staging import COLUMNS, forget_rows
from app.services.transaction import transactional

_ROWS = ImportRow.__table__
_ENTRIES = ScreeningEntry.__table__
_LOCK_SPACE = 0x494D50  # "IMP"


def import_batch(batch_id: int) -> None:
    """The confirmed batch is IMPORTED; nothing happens for one that is in any other state."""
    try:
        lease = take_lease(batch_id, BatchState.IMPORTING)
        with Heartbeat(lease):
            _enter_list(lease)
    except LeaseLost:
        db.session.rollback()


@transactional
def _enter_list(lease: Lease) -> None:
    if db.engine.dialect.name == "postgresql":
        # Not the batch's row: the heartbeat writes there while this transaction runs.
        db.session.execute(
            text("SELECT pg_advisory_xact_lock(:space, :key)"), {"space": _LOCK_SPACE, "key": lease.batch_id}
        )
    batch = db.session.get_one(ImportBatch, lease.batch_id, populate_existing=True)
    if batch.state is not lease.state or batch.lease != lease.number:
        raise LeaseLost(f"batch {batch.id}")
    if imports_evidence.holds_back(batch):  # before anything enters (X4)
        lease.hold(state=BatchState.AWAITING.name, updated_at=clock.now())
        return
    counts = Counts.of(batch.counts)
    entered = db.session.execute(_entering(batch), execution_options={"preserve_rowcount": True}).rowcount
    if entered != counts.new:
        _count_again(batch, counts, entered)
    doubts.find(batch, counts)
    creator = db.session.get(Account, batch.created_by_id)
    actor = Actor.of(creator) if creator else SYSTEM
    changes, area_code = {"new": counts.new, "undispatched": counts.undispatched_rows}, batch.area_code
    moment = clock.now()
    lease.hold(
        state=BatchState.IMPORTED.name, counts=counts.as_json(), sample=[], updated_at=moment, finished_at=moment
    )
    imports_evidence.bring(batch)
    doubts.hold_back(batch)
    # After the batch, as a cancellation does it: the two never wait for each other.
    forget_rows(lease.batch_id)
    audit.record(
        actor, "import_list", subject=lease.batch_id, subject_type="import_batch", area_code=area_code, changes=changes
    )


def _entering(batch: ImportBatch) -> Any:
    """INSERT … SELECT of the staged rows; rows that another batch brought meanwhile are passed over."""
    moment = clock.now()
    copied = [name for name in COLUMNS if name not in ("category", "status")]
    added = {
        "kind": literal(batch.kind.name),
        "category": func.coalesce(_ROWS.c.category, batch.category),
        "status": func.coalesce(_ROWS.c.status, initial_status(batch.kind).name),
        "source": literal(EntryOrigin.IMPORT.name),
        "created_by_id": literal(batch.created_by_id),
        "version": literal(1),
        "created_at": literal(moment, _ENTRIES.c.created_at.type),
        "updated_at": literal(moment, _ENTRIES.c.updated_at.type),
        "dispatched_at": case((_ROWS.c.undispatched_reason.is_(None), literal(moment, _ENTRIES.c.dispatched_at.type))),
    }
    chosen = select(*(_ROWS.c[name] for name in copied), *added.values())
    chosen = chosen.where(_ROWS.c.batch_id == batch.id).order_by(_ROWS.c.row_number)
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    entering = insert(_ENTRIES).from_select([*copied, *added], chosen, include_defaults=False)
    return entering.on_conflict_do_nothing(index_elements=["kind", "identity_index"])


def _count_again(batch: ImportBatch, counts: Counts, entered: int) -> None:
    """The counts say what entered; the rest of what was new at the check is there already."""
    counts.already_there += counts.new - entered
    counts.new = entered
    is_dispatched = _ENTRIES.c.undispatched_reason.is_(None)
    own = _ENTRIES.c.batch_id == batch.id
    placed = select(_ENTRIES.c.area_code, func.count()).where(own, is_dispatched).group_by(_ENTRIES.c.area_code)
    waiting = select(_ENTRIES.c.undispatched_reason, func.count()).where(own, ~is_dispatched)
    waiting = waiting.group_by(_ENTRIES.c.undispatched_reason)
    counts.dispatched = {}
    for code, count in db.session.execute(placed):
        district = code_at(code, AreaLevel.DISTRICT) or code
        counts.dispatched[district] = counts.dispatched.get(district, 0) + count
    counts.undispatched = {reason: count for reason, count in db.session.execute(waiting)}
