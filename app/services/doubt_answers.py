"""What somebody answers to a doubt: LINK, NEW or SKIP, for one row or for all of a batch; and the way back (Z-T13)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select, update

from app import clock
from app.access import everything
from app.domain.doubts import DoubtAnswer, DoubtState
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import EntryDoubt, Evidence, EvidenceSource, EvidenceState, ImportBatch, ScreeningEntry
from app.services import audit, evidence
from app.services.audit import Actor
from app.services.transaction import transactional

_DOUBTS, _ENTRIES = EntryDoubt.__table__, ScreeningEntry.__table__
_PARTICULARS = "particulars."
# What a link fills in together where the other row has none.
_FILLED_TOGETHER = (
    ("document_number", "document_type", "document_index", "name_birth_index"),
    ("phone", "phone_index"),
    ("name",),
    ("arrived_at",),
    ("remark",),
)
_ANYWHERE = "the two rows of a doubt that was found in scope, wherever they lie"
_WAITING = DoubtState.WAITING.name
_NOT_A_ROW = N_("疑似重复，未进入名单")


@transactional
def answer(doubt: EntryDoubt, given: DoubtAnswer, *, actor: Actor) -> None:
    """The doubt is settled and its row is where it belongs. Errors: doubt_answered, worked_on."""
    with everything(_ANYWHERE):
        found = _locked(doubt.id)
        _settle(found, given, actor)
    changes = {"answer": given.label, "batch": found.batch_id}
    audit.record(
        actor, "answer_doubt", subject=found.id, subject_type="entry_doubt", area_code=found.area_code, changes=changes
    )


@transactional
def answer_all(batch_id: int, given: DoubtAnswer, *, actor: Actor) -> int:
    """All doubts of the batch that the account sees are settled alike; return how many. Error: worked_on."""
    waiting = select(EntryDoubt.id).where(EntryDoubt.batch_id == batch_id, EntryDoubt.state == DoubtState.WAITING)
    keys = db.session.execute(waiting.order_by(EntryDoubt.id)).scalars().all()
    settled, area_code = 0, ""
    with everything(_ANYWHERE):
        for key in keys:
            found = db.session.get(EntryDoubt, key, with_for_update=True)
            # Linked or skipped, a row takes its other doubts along.
            if found is not None and found.state is DoubtState.WAITING:
                _settle(found, given, actor)
                settled, area_code = settled + 1, found.area_code
    if settled:
        changes = {"answer": given.label, "rows": settled}
        audit.record(
            actor,
            "answer_doubts",
            subject=batch_id,
            subject_type="import_batch",
            area_code=area_code,
            changes=changes,
        )
    return settled


def _locked(key: int) -> EntryDoubt:
    found = db.session.get(EntryDoubt, key, with_for_update=True, populate_existing=True)
    if found is None or found.state is not DoubtState.WAITING:
        raise DomainError(N_("这一条已经处理过了"), code="doubt_answered")
    return found


def _settle(found: EntryDoubt, given: DoubtAnswer, actor: Actor) -> None:
    entry = found.entry
    if entry is not None and given is not DoubtAnswer.NEW:
        _check_untouched(entry)
        if given is DoubtAnswer.LINK:
            found.filled = _fill_in(found.other, entry)
        else:
            _end_evidence(entry.id, actor)
        _let_go(found)
        db.session.delete(entry)
    found.state, found.decided_by_id = given.state, actor.id
    found.decided_at = found.updated_at = clock.now()
    db.session.flush()
    if entry is not None and given is DoubtAnswer.NEW:
        _release(found)


def _check_untouched(entry: ScreeningEntry) -> None:
    if entry.worked_at is not None:
        raise DomainError(N_("这个人已经被排查过，只能选择「新建」"), code="worked_on")


def _fill_in(other: ScreeningEntry | None, entry: ScreeningEntry) -> list[str]:
    """The row that stays has what it lacked; return what that was."""
    if other is None:
        raise DomainError(N_("原来的记录已经不在名单中，请选择「新建」"), code="doubt_answered")
    filled: list[str] = []
    for names in _FILLED_TOGETHER:
        if getattr(other, names[0]) is None and getattr(entry, names[0]) is not None:
            filled += names
            for name in names:
                setattr(other, name, getattr(entry, name))
    mine, its = (json.loads(row.particulars or "{}") for row in (entry, other))
    missing = {key: value for key, value in mine.items() if key not in its}
    if missing:
        other.particulars = json.dumps({**its, **missing}, ensure_ascii=False)
    other.updated_at = clock.now()
    return [*filled, *(_PARTICULARS + key for key in missing)]


def _end_evidence(entry_id: int, actor: Actor) -> None:
    """A row that does not enter the list colours nobody."""
    query = select(Evidence.id).where(
        Evidence.source_kind.in_([kind for kind in EvidenceSource if kind.is_list]),
        Evidence.source_id == entry_id,
        Evidence.state == EvidenceState.IN_FORCE,
    )
    for key in db.session.execute(query).scalars().all():
        evidence.end(key, reason=_NOT_A_ROW, actor=actor)


def _let_go(found: EntryDoubt) -> None:
    """Nothing points to the row any more: its other doubts are gone, and this one."""
    own = _DOUBTS.c.entry_id == found.entry_id
    db.session.execute(delete(_DOUBTS).where(own, _DOUBTS.c.id != found.id, _DOUBTS.c.state == _WAITING))
    for column in (_DOUBTS.c.entry_id, _DOUBTS.c.other_id):
        db.session.execute(update(_DOUBTS).where(column == found.entry_id).values({column.name: None}))
    found.entry = None


def _release(found: EntryDoubt) -> None:
    """The row goes where its list's rule of dispatch sent it, once nothing is asked about it any more."""
    left = select(_DOUBTS.c.id).where(_DOUBTS.c.entry_id == found.entry_id, _DOUBTS.c.state == _WAITING)
    entry = found.entry
    if entry is None or entry.is_dispatched or db.session.execute(left.limit(1)).first():
        return
    moment = clock.now()
    entry.area_code, entry.venue_id = found.target_area_code, found.target_venue_id
    entry.undispatched_reason = found.target_reason
    entry.dispatched_at = None if found.target_reason else moment
    entry.updated_at = moment
    db.session.flush()


@transactional
def withdraw(batch: ImportBatch) -> None:
    """Before the batch's rows go: what was linked is as before, who waited for them goes on. Error: worked_on.

    That two people are not the same stays known.
    """
    own = select(ScreeningEntry.id).where(ScreeningEntry.batch_id == batch.id)
    _check_nothing_linked(batch, own)
    for found in _of_batch(batch, DoubtState.LINKED):
        _empty_again(found)
    waiting = select(EntryDoubt).where(
        EntryDoubt.other_id.in_(own), EntryDoubt.state == DoubtState.WAITING, EntryDoubt.batch_id != batch.id
    )
    for found in db.session.execute(waiting).scalars().all():
        found.state = DoubtState.SKIPPED  # nobody is left to be compared with
        db.session.flush()
        _release(found)
        db.session.delete(found)
    db.session.flush()
    db.session.execute(
        delete(_DOUBTS).where(_DOUBTS.c.batch_id == batch.id, _DOUBTS.c.state != DoubtState.DISTINCT.name)
    )
    for column in (_DOUBTS.c.entry_id, _DOUBTS.c.other_id):
        db.session.execute(update(_DOUBTS).where(column.in_(own)).values({column.name: None}))


def _check_nothing_linked(batch: ImportBatch, own: Any) -> None:
    """A row to which another batch's was linked has been worked on."""
    linked = (
        select(func.count())
        .select_from(_DOUBTS)
        .where(
            _DOUBTS.c.other_id.in_(own),
            _DOUBTS.c.batch_id != batch.id,
            _DOUBTS.c.state == DoubtState.LINKED.name,
        )
    )
    if count := db.session.execute(linked).scalar_one():
        message = N_("这一批已有 %(count)s 条关联了其他批次的人员，不能撤回")
        raise DomainError(message, code="worked_on", count=count)


def _of_batch(batch: ImportBatch, state: DoubtState) -> Sequence[EntryDoubt]:
    query = select(EntryDoubt).where(EntryDoubt.batch_id == batch.id, EntryDoubt.state == state)
    return db.session.execute(query.order_by(EntryDoubt.id.desc())).scalars().all()


def _empty_again(found: EntryDoubt) -> None:
    """What the link filled in is blank again, unless somebody took the row away."""
    other = found.other
    if other is None or not found.filled:
        return
    its = json.loads(other.particulars or "{}")
    for name in found.filled:
        if name.startswith(_PARTICULARS):
            its.pop(name.removeprefix(_PARTICULARS), None)
        else:
            setattr(other, name, None)
    other.particulars = json.dumps(its, ensure_ascii=False) if its else None
    other.updated_at = clock.now()


def waiting_of(batch: ImportBatch) -> int:
    """How many doubts of the batch nobody has answered yet, of those in scope."""
    query = select(func.count()).select_from(EntryDoubt)
    query = query.where(EntryDoubt.batch_id == batch.id, EntryDoubt.state == DoubtState.WAITING)
    return db.session.execute(query).scalar_one()
