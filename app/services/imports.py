"""A list's way from its file to its rows (issue 1.4, Z-T13): upload, check, confirm, import; cancel and undo.

The check and the import are jobs (app/jobs/imports.py) or run at once (the command line); both end by themselves.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import BinaryIO

from flask import current_app
from redis.exceptions import RedisError
from rq import Queue
from sqlalchemy import delete, func, select

from app import clock
from app.access import everything
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db, redis_connection
from app.models import Account, BatchState, ChangeCause, ChangeSet, ImportBatch, ScreeningEntry
from app.profiles import load_profile
from app.services import audit, change_sets, column_mappings, doubt_answers, files, imports_evidence, imports_header
from app.services.audit import Actor
from app.services.imports_counts import Counts
from app.services.imports_staging import forget_rows
from app.services.lists import ScreeningList, list_of
from app.services.transaction import after_commit, transactional

logger = logging.getLogger(__name__)
QUEUE = "imports"
CHECK_JOB = "app.jobs.imports.check"
IMPORT_JOB = "app.jobs.imports.import_batch"
JOB_SECONDS = 3600
_ENTRIES = ScreeningEntry.__table__
_CANCELLABLE = (
    BatchState.CHECKING,
    BatchState.AWAITING_COLUMNS,
    BatchState.CHECKED,
    BatchState.AWAITING,
    BatchState.IMPORTING,
)


@transactional
def upload(
    declared: ScreeningList,
    stream: BinaryIO,
    *,
    name: str,
    account: Account,
    category: str | None = None,
    in_queue: bool = True,
) -> ImportBatch:
    """The new batch, being checked; `in_queue` is off where the caller checks it itself.

    Errors: role, category, too_large.
    """
    declared.check_importer(account.role)
    moment = clock.now()
    batch = ImportBatch(
        kind=declared.kind,
        category=declared.file_category(category, account.role),
        state=BatchState.CHECKING,
        file_id=files.save(stream, name=files.base_name(name)),
        file_name=files.base_name(name),
        created_by_id=account.id,
        heartbeat_at=moment,
        # An institution's file is its own area's, the city's everybody else's.
        area_code=account.area_code or load_profile(current_app.config["REGION"]).area_code,
        created_at=moment,
        updated_at=moment,
        counts=Counts().as_json(),
        sample=[],
    )
    db.session.add(batch)
    db.session.flush()
    audit.record(
        Actor.of(account), "upload_list", subject=batch, area_code=batch.area_code, changes={"list": declared.key}
    )
    if in_queue:
        enqueue_later(batch)
    return batch


def job_id(batch: ImportBatch) -> str:
    """The id of the job that works on the batch, unique for each time it is put into the queue."""
    verb = "check" if batch.state is BatchState.CHECKING else "import"
    return f"{verb}-{batch.id}-{batch.attempts}"


def enqueue_later(batch: ImportBatch) -> None:
    """The batch's next job is in the queue as soon as the transaction in hand has committed."""
    name, key, dotted = job_id(batch), batch.id, CHECK_JOB if batch.state is BatchState.CHECKING else IMPORT_JOB

    def enqueue() -> None:
        try:
            queue = Queue(QUEUE, connection=redis_connection())
            queue.enqueue(dotted, key, job_id=name, job_timeout=JOB_SECONDS, result_ttl=0, failure_ttl=86_400)
        except RedisError:
            logger.warning("batch %s waits for the sweep: the queue does not answer", key)

    after_commit(enqueue)


@transactional
def confirm(batch: ImportBatch, *, account: Account, in_queue: bool = True) -> None:
    """The checked batch is on its way into the list. Errors: role, batch_state."""
    batch = take(batch, account, BatchState.CHECKED)
    enter(batch, BatchState.IMPORTING)
    batch.attempts = 0
    if in_queue:
        enqueue_later(batch)


@transactional
def choose_columns(batch: ImportBatch, positions: Mapping[str, int], *, account: Account) -> None:
    """The batch is checked with columns matched by hand, as is every later file of such a header.

    Errors: role, batch_state, columns.
    """
    batch = take(batch, account, BatchState.AWAITING_COLUMNS)
    declared, header = list_of(batch.kind), imports_header.titles_of(batch)
    column_mappings.check(declared.sheet, header, positions)
    column_mappings.remember(declared.key, header, positions, area_code=batch.area_code, account=account)
    enter(batch, BatchState.CHECKING)
    batch.failure, batch.finished_at = None, None
    batch.attempts += 1
    enqueue_later(batch)


@transactional
def cancel(batch: ImportBatch, *, account: Account) -> None:
    """The batch will not be imported; nothing of it is staged any more. Errors: role, batch_state."""
    batch = take(batch, account, *_CANCELLABLE)
    imports_evidence.give_up(batch, actor=Actor.of(account))
    _drop(batch)
    audit.record(Actor.of(account), "cancel_import", subject=batch, area_code=batch.area_code)


def _drop(batch: ImportBatch) -> None:
    enter(batch, BatchState.CANCELLED)
    batch.sample = []
    db.session.flush()  # before the rows: a check that runs meanwhile finds out, or has written what is removed here
    with everything("staged rows have no owner of their own"):
        forget_rows(batch.id)


@transactional
def undo(batch: ImportBatch, *, account: Account) -> int:
    """How many rows were taken back: the whole batch, or none at all. Errors: role, batch_state, worked_on."""
    batch = take(batch, account, BatchState.IMPORTED)
    with everything("all rows of the batch, wherever they were dispatched to"):
        doubt_answers.withdraw(batch)
        taken = db.session.execute(
            delete(_ENTRIES).where(_ENTRIES.c.batch_id == batch.id, _ENTRIES.c.worked_at.is_(None))
        ).rowcount
        left = select(func.count()).select_from(_ENTRIES).where(_ENTRIES.c.batch_id == batch.id)
        worked_on = db.session.execute(left).scalar_one()
    if worked_on:
        message = N_("这一批已有 %(count)s 条被排查过，不能撤回")
        raise DomainError(message, code="worked_on", count=worked_on)
    imports_evidence.take_back(batch, actor=Actor.of(account))
    enter(batch, BatchState.UNDONE)
    audit.record(Actor.of(account), "undo_import", subject=batch, area_code=batch.area_code, changes={"rows": taken})
    return taken


@transactional
def take_rejected(batch: ImportBatch, *, account: Account) -> int:
    """The file of the refused rows, and an event of who took them: to be corrected, they are unmasked (X10).

    Error: no_rejected.
    """
    if batch.rejected_file_id is None:
        raise DomainError(N_("这一批没有退回的行。"), code="no_rejected")
    changes = {"rows": Counts.of(batch.counts).rejected_rows}
    audit.record(Actor.of(account), "download_rejected", subject=batch, area_code=batch.area_code, changes=changes)
    return batch.rejected_file_id


def take(batch: ImportBatch, account: Account, *states: BatchState) -> ImportBatch:
    """The batch as it is now, ours until the transaction ends, if it is in one of the states."""
    list_of(batch.kind).check_importer(account.role)
    query = (
        select(ImportBatch)
        .where(ImportBatch.id == batch.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = db.session.execute(query).scalar_one_or_none()
    if found is None or found.state not in states:
        label = found.state.label if found else ""
        raise DomainError(N_("这一批的状态是「%(state)s」，不能进行此操作"), code="batch_state", state=label)
    return found


def enter(batch: ImportBatch, state: BatchState) -> None:
    batch.state = state
    batch.heartbeat_at = batch.updated_at = clock.now()
    if not state.is_running:
        batch.finished_at = batch.updated_at


def _approved(found: ChangeSet, _account: Account) -> None:
    batch = _awaiting(found)
    if batch is not None:
        enter(batch, BatchState.IMPORTING)
        batch.attempts = 0
        enqueue_later(batch)


def _rejected(found: ChangeSet, _account: Account) -> None:
    batch = _awaiting(found)
    if batch is not None:
        _drop(batch)


def _awaiting(found: ChangeSet) -> ImportBatch | None:
    query = select(ImportBatch).where(ImportBatch.id == found.cause_id, ImportBatch.state == BatchState.AWAITING)
    return db.session.execute(query.with_for_update()).scalar_one_or_none()


change_sets.handle(ChangeCause.IMPORT, change_sets.Handler(is_later=True, approved=_approved, rejected=_rejected))
