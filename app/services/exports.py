"""Exports: each on record as its owner's; large ones made by a job, kept sealed, gone after their time.

What a screen writes only the screens know: they say so once, by `written_by`.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, BinaryIO, cast

from sqlalchemy import func, select, update

from app import clock
from app.access import everything
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import Account, ExportFile, ExportState
from app.services import audit, files
from app.services.audit import Actor
from app.services.queueing import QueuedJob, enqueue_later
from app.services.transaction import transactional
from app.services.unattended import AskedWork
from app.spreadsheets.writer import Format

AT_ONCE_ROWS = 50_000  # what is sent while the reader waits
KEPT = timedelta(days=7)
MOST_RUNNING = 3
QUEUE = "exports"
EXPORT_JOB = "app.jobs.exports.make"
_JOB_SECONDS = 7200
_SHORTEST_REASON = 4
_EXPORTS = ExportFile.__table__


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An export as it was asked for: of which screen, narrowed by which words, in which language, in full or masked."""

    screen: str
    title: str
    subject: str  # the export's name in the trail
    words: Mapping[str, list[str]] = field(default_factory=dict)
    conditions: str = ""
    locale: str = ""
    venue_id: int | None = None
    is_full: bool = False
    reason: str = ""
    fmt: Format = "xlsx"


@dataclass(frozen=True)
class Written:
    """The name of a finished file, and how many rows it has."""

    name: str
    rows: int


Tell = Callable[[int, int], None]  # rows so far, rows in all
Writer = Callable[[Asked, int, BinaryIO, Tell], Written]
_writers: list[Writer] = []


def written_by(writer: Writer) -> None:
    """`writer` is what writes an export (asked for by the account of that number) into a file."""
    _writers[:] = [writer]


def check_reason(asked: Asked) -> None:
    """Pass for what is masked, and for what is full with a reason. Error: export_reason."""
    if asked.is_full and len(asked.reason.strip()) < _SHORTEST_REASON:
        raise DomainError(N_("请写明完整导出的原因（至少 4 个字）"), code="export_reason", field="reason")


@transactional
def order(asked: Asked, *, account: Account) -> ExportFile:
    """The export that a job makes. Errors: export_reason, exports_running."""
    check_reason(asked)
    running = select(func.count()).where(
        ExportFile.created_by_id == account.id, ExportFile.state == ExportState.RUNNING
    )
    if db.session.execute(running).scalar_one() >= MOST_RUNNING:
        message = N_("您已有 %(most)s 个导出正在生成，请等其中一个完成后再导出")
        raise DomainError(message, code="exports_running", most=MOST_RUNNING)
    found = _row(asked, account, ExportState.RUNNING)
    found.asked = json.dumps(asdict(asked), ensure_ascii=False)
    found.expires_at = found.created_at + KEPT
    db.session.add(found)
    _record(asked, account, "order_export", {})
    enqueue_later(job_of(found))
    return found


@transactional
def sent(asked: Asked, rows: int, *, account: Account) -> None:
    """It is on record that the account took these rows at once. Error: export_reason."""
    check_reason(asked)
    found = _row(asked, account, ExportState.SENT)
    found.rows = found.total = rows
    found.finished_at = found.created_at
    db.session.add(found)
    _record(asked, account, "export", {"rows": rows})


def _row(asked: Asked, account: Account, state: ExportState) -> ExportFile:
    moment = clock.now()
    return ExportFile(
        created_by_id=account.id,
        area_code=account.area_code or "",
        state=state,
        screen=asked.screen,
        title=asked.title,
        conditions=asked.conditions or None,
        is_full=asked.is_full,
        reason=asked.reason.strip() or None,
        rows=0,
        total=0,
        heartbeat_at=moment,
        attempts=0,
        created_at=moment,
        updated_at=moment,
    )


def _record(asked: Asked, account: Account, action: str, changes: dict[str, Any]) -> None:
    full = {"reason": asked.reason.strip(), "full": True} if asked.is_full else {}
    audit.record(
        Actor.of(account),
        action,
        subject=asked.subject,
        subject_type="screen",
        area_code=account.area_code or "",
        changes={**changes, **full},
    )


def job_of(found: ExportFile) -> QueuedJob:
    """The job that makes the file, another with every attempt."""
    db.session.flush()
    return QueuedJob(QUEUE, EXPORT_JOB, found.id, f"export-{found.id}-{found.attempts}", _JOB_SECONDS)


def _end_failed(found: ExportFile) -> None:
    found.state, found.asked = ExportState.FAILED, None
    found.finished_at = found.updated_at = clock.now()


WORK = AskedWork(
    "export",
    ExportFile,
    ExportState.RUNNING,
    job_of,
    _end_failed,
    unforeseen=N_("导出时出错，已记录下来，请联系管理员"),
    given_up=N_("多次尝试后仍未完成，请重新导出"),
)


def make(export_id: int) -> None:
    """The file is READY, or the export has FAILED. Killed, it begins anew; run twice, the first file stays."""
    WORK.run(export_id, lambda: _make(export_id))


def _make(export_id: int) -> None:
    found = db.session.get_one(ExportFile, export_id, populate_existing=True)
    if found.state is not ExportState.RUNNING or not found.asked:
        return
    asked, account_id = Asked(**json.loads(found.asked)), found.created_by_id
    db.session.rollback()  # no transaction of ours stays open while the rows are written
    with tempfile.TemporaryFile() as target:
        stream = cast(BinaryIO, target)
        written = _writers[0](asked, account_id, stream, lambda rows, total: _tell(export_id, rows, total))
        target.seek(0)
        _finish(export_id, asked, stream, written)


def _tell(export_id: int, rows: int, total: int) -> None:
    # On a connection of its own: the rows are being read on the session's.
    told = {"rows": rows, "total": total, "heartbeat_at": clock.now()}
    with db.engine.begin() as connection:
        connection.execute(update(_EXPORTS).where(_EXPORTS.c.id == export_id).values(told))


@transactional
def _finish(export_id: int, asked: Asked, content: BinaryIO, written: Written) -> None:
    found = db.session.get_one(ExportFile, export_id, with_for_update=True, populate_existing=True)
    if found.state is not ExportState.RUNNING:
        return
    account = db.session.get_one(Account, found.created_by_id)
    found.file_id = files.save(content, name=written.name)
    found.rows = found.total = written.rows
    found.state, found.asked = ExportState.READY, None
    found.finished_at = found.updated_at = clock.now()
    _record(asked, account, "export", {"rows": written.rows})


@transactional
def take(found: ExportFile, *, account: Account) -> int:
    """Return the id of a finished file; who took it is on record. Error: export_gone."""
    if found.state is not ExportState.READY or found.file_id is None:
        raise DomainError(N_("文件已过期或还没有生成，请重新导出"), code="export_gone")
    audit.record(
        Actor.of(account), "download_export", subject=found, area_code=found.area_code, changes={"rows": found.rows}
    )
    return found.file_id


@transactional
def purge(moment: datetime) -> int:
    """Files whose time is over at `moment` are gone; return how many. The record stays."""
    due = select(ExportFile).where(ExportFile.expires_at <= moment, ExportFile.state != ExportState.EXPIRED)
    with everything("what has had its time goes, whoever asked for it"):
        rows = db.session.execute(due).scalars().all()
        for found in rows:
            file_id, found.file_id = found.file_id, None
            found.state, found.asked, found.updated_at = ExportState.EXPIRED, None, moment
            db.session.flush()
            if file_id is not None:
                files.remove(file_id)
    return len(rows)
