"""The comparison of a list, for a job: chunk by chunk through blind indexes, in the scope of whoever asked (Z-T12).

Killed, it begins anew; run twice at once, the same match is kept once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import islice

from flask import current_app
from sqlalchemy import func, select, update

from app import clock
from app.access import Scope, scope_of, using_scope
from app.domain.comparison import ComparisonState, can_compare
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import Account, Comparison, ComparisonMatch
from app.profiles import load_profile
from app.services import column_mappings, comparisons, files
from app.services.comparison_matching import Match, matches_of
from app.services.dialects import inserting
from app.services.transaction import transaction
from app.services.unattended import AskedWork
from app.spreadsheets.columns import Raw
from app.spreadsheets.comparison_sheet import COMPARED
from app.spreadsheets.header import title_index
from app.spreadsheets.parsing import parse_rows
from app.spreadsheets.reading import OpenSheet, open_sheet

MOST_ROWS = 100_000
_CHUNK_ROWS = 2_000
_COMPARISONS, _MATCHES = Comparison.__table__, ComparisonMatch.__table__


@dataclass(frozen=True)
class _Task:
    """What the job has to know of the comparison's row."""

    comparison_id: int
    file_id: int
    positions: Mapping[str, int] | None
    scope: Scope
    today: date


@dataclass(frozen=True)
class _Placed:
    """A sheet whose columns stand where the titles, or somebody by hand, said."""

    sheet: OpenSheet
    positions: Mapping[str, int]

    @property
    def header(self) -> Sequence[str]:
        return self.sheet.header

    def __iter__(self) -> Iterator[tuple[int, Raw]]:
        return iter(self.sheet)


def _end_failed(found: Comparison) -> None:
    comparisons.end(found, ComparisonState.FAILED)


WORK = AskedWork(
    "comparison",
    Comparison,
    ComparisonState.RUNNING,
    comparisons.job_of,
    _end_failed,
    unforeseen=N_("对比时出错，已记录下来，请联系管理员"),
    given_up=N_("多次尝试后仍未完成，请重新上传"),
)


def run(comparison_id: int) -> None:
    """The comparison is DONE, waits for its columns, or has FAILED with the reason; nothing for one that ended."""

    def work() -> None:
        task = _task(comparison_id)
        if task is not None:
            _compare(task)

    WORK.run(comparison_id, work)


def _task(comparison_id: int) -> _Task | None:
    found = db.session.get_one(Comparison, comparison_id, populate_existing=True)
    if found.state is not ComparisonState.RUNNING:
        return None
    asker = db.session.get_one(Account, found.created_by_id)
    if asker.role not in comparisons.COMPARERS or not asker.is_active:
        raise DomainError(N_("您的账号不能进行数据对比"), code="role")
    if found.file_id is None:
        raise DomainError(N_("文件已过保存期限，请重新上传"), code="expired")
    zone = load_profile(current_app.config["REGION"]).zone
    today = clock.local_date(found.created_at, zone)
    return _Task(found.id, found.file_id, found.positions, scope_of(asker), today)


def _compare(task: _Task) -> None:
    with files.on_disk(task.file_id) as path:
        db.session.rollback()  # no transaction stays open while a large file is parsed
        with open_sheet(path, spec=COMPARED) as sheet:
            positions = _positions(task, sheet)
            if not can_compare(positions):
                _ask_for_columns(task, sheet.header)
                return
            _tell(task, header=sheet.header, positions=positions, total=min(sheet.about_rows, MOST_ROWS))
            _go_through(task, _Placed(sheet, positions))
    _finish(task)


def _positions(task: _Task, sheet: OpenSheet) -> Mapping[str, int]:
    """Where the columns stand: as chosen, as the titles say, or as was said of such a header before."""
    if task.positions or can_compare(sheet.positions):
        return task.positions or dict(sheet.positions)
    area_code = str(task.scope.area_prefix)
    known = column_mappings.learned(list_key=COMPARED.key, area_code=area_code, header=sheet.header)
    db.session.rollback()
    return title_index(COMPARED, known).positions(sheet.header) if known else {}


def _go_through(task: _Task, sheet: _Placed) -> None:
    rows, done = parse_rows(COMPARED, sheet, today=task.today), 0
    while chunk := list(islice(rows, _CHUNK_ROWS)):
        done += len(chunk)
        if done > MOST_ROWS:
            raise DomainError(N_("一次最多对比 %(rows)s 行，请拆分后分次对比"), code="too_many_rows", rows=MOST_ROWS)
        # What is told is what the asker may see; the database's own lock holds it as well.
        with using_scope(task.scope):
            found = matches_of(chunk, document_at=sheet.positions.get("document_number"))
        db.session.rollback()
        _keep(task, found, done)
    if not done:
        raise DomainError(N_("表头下面没有数据行"), code="no_rows")


def _keep(task: _Task, found: Sequence[Match], done: int) -> None:
    with transaction():
        if found:
            adding = inserting(_MATCHES).on_conflict_do_nothing(
                index_elements=["comparison_id", "row_number", "person_id"]
            )
            rows = [{"comparison_id": task.comparison_id, **asdict(match)} for match in found]
            db.session.connection().execute(adding, rows)
        _write(task, done=done)


def _tell(task: _Task, *, header: Sequence[str], positions: Mapping[str, int], total: int) -> None:
    with transaction():
        found = db.session.get_one(Comparison, task.comparison_id, populate_existing=True)
        found.header = json.dumps(list(header), ensure_ascii=False)
        found.positions, found.total = dict(positions), total
        found.heartbeat_at = clock.now()


def _write(task: _Task, *, done: int) -> None:
    own = _COMPARISONS.c.id == task.comparison_id
    db.session.execute(update(_COMPARISONS).where(own).values(done=done, heartbeat_at=clock.now()))


def _ask_for_columns(task: _Task, header: Sequence[str]) -> None:
    with transaction():
        found = db.session.get_one(Comparison, task.comparison_id, with_for_update=True, populate_existing=True)
        if found.state is ComparisonState.RUNNING:
            found.header = json.dumps(list(header), ensure_ascii=False)
            found.state, found.updated_at = ComparisonState.AWAITING_COLUMNS, clock.now()


def _finish(task: _Task) -> None:
    with transaction():
        found = db.session.get_one(Comparison, task.comparison_id, with_for_update=True, populate_existing=True)
        if found.state is not ComparisonState.RUNNING:
            return
        found.counts = _counts(task)
        found.total = found.done
        comparisons.end(found, ComparisonState.DONE)


def _counts(task: _Task) -> dict[str, int]:
    """How many rows were recognised by each basis; a row that several people may be counts once."""
    rows = func.count(_MATCHES.c.row_number.distinct())
    own = _MATCHES.c.comparison_id == task.comparison_id
    query = select(_MATCHES.c.basis, rows).where(own).group_by(_MATCHES.c.basis)
    return {basis.name: count for basis, count in db.session.execute(query)}
