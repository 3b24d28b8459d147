"""「数据对比」: a list is compared with the people who are known here, for city and district, with a reason (Z-T12).

The comparison itself is a job (comparison_run.py). The file goes when it has ended, the result after its time; that
it was made, by whom and why, stays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import BinaryIO

from sqlalchemy import delete, select

from app import clock
from app.access import everything
from app.domain.comparison import ComparisonState, can_compare
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, Comparison, ComparisonMatch
from app.services import audit, column_mappings, files
from app.services.audit import Actor
from app.services.limits import Counter, Limit, take
from app.services.queueing import QueuedJob, enqueue_later
from app.services.transaction import transactional
from app.spreadsheets.comparison_sheet import COMPARED

COMPARERS = frozenset({Role.CITY_ADMIN, Role.DISTRICT_ADMIN})
QUEUE = "imports"
RUN_JOB = "app.jobs.comparisons.compare"
KEPT = timedelta(days=7)
# A list tells who is registered here; nobody may ask that about everybody.
LIMIT = Limit("comparison", most=10, seconds=86_400)
_JOB_SECONDS = 3600
_SHORTEST_REASON = 4
_MATCHES = ComparisonMatch.__table__


@transactional
def start(stream: BinaryIO, *, name: str, reason: str, account: Account) -> Comparison:
    """The new comparison, on its way. Errors: role, comparison_reason, comparison_too_often, too_large."""
    _check(account, reason)
    moment = clock.now()
    found = Comparison(
        created_by_id=account.id,
        area_code=account.area_code,
        state=ComparisonState.RUNNING,
        reason=reason.strip(),
        file_name=files.base_name(name),
        file_id=files.save(stream, name=files.base_name(name)),
        counts={},
        heartbeat_at=moment,
        expires_at=moment + KEPT,
        created_at=moment,
        updated_at=moment,
    )
    db.session.add(found)
    db.session.flush()
    _record(found, account, "compare_list", {"reason": found.reason})
    enqueue_later(job_of(found))
    return found


def _check(account: Account, reason: str) -> None:
    if account.role not in COMPARERS or not account.area_code:
        raise DomainError(N_("您的账号不能进行数据对比"), code="role")
    if len(reason.strip()) < _SHORTEST_REASON:
        raise DomainError(N_("请写明对比原因（至少 4 个字）"), code="comparison_reason", field="reason")
    if take(Counter(LIMIT, str(account.id))):
        message = N_("每个账号每天最多对比 %(most)s 次，请明天再试")
        raise DomainError(message, code="comparison_too_often", most=LIMIT.most)


def _record(found: Comparison, account: Account, action: str, changes: dict[str, object] | None = None) -> None:
    audit.record(Actor.of(account), action, subject=found, area_code=found.area_code, changes=changes)


def job_of(found: Comparison) -> QueuedJob:
    """The job that compares, another with every attempt and every choice of columns."""
    turn = f"{found.attempts}-{'chosen' if found.positions else 'first'}"
    return QueuedJob(QUEUE, RUN_JOB, found.id, f"comparison-{found.id}-{turn}", _JOB_SECONDS)


def titles_of(found: Comparison) -> Sequence[str]:
    """The titles of the file's columns, as far as they were read."""
    return list(json.loads(found.header)) if found.header else []


@transactional
def choose_columns(found: Comparison, positions: Mapping[str, int], *, account: Account) -> None:
    """The comparison goes on with columns named by hand. Errors: comparison_state, comparison_columns, columns."""
    found = _take(found, ComparisonState.AWAITING_COLUMNS)
    titles = titles_of(found)
    chosen = {key: at for key, at in positions.items() if 0 <= at < len(titles)}
    if not can_compare(chosen):
        raise DomainError(N_("请至少指定证件号或手机号所在的列，或同时指定姓名和出生日期"), code="comparison_columns")
    column_mappings.check(COMPARED, titles, chosen)
    column_mappings.remember(COMPARED.key, titles, chosen, area_code=found.area_code, account=account)
    found.positions, found.state = chosen, ComparisonState.RUNNING
    found.heartbeat_at = found.updated_at = clock.now()
    _record(found, account, "choose_comparison_columns", {"columns": sorted(chosen)})
    enqueue_later(job_of(found))


def _take(found: Comparison, state: ComparisonState) -> Comparison:
    query = select(Comparison).where(Comparison.id == found.id).with_for_update()
    row = db.session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if row is None or row.state is not state:
        label = row.state.label if row else ""
        raise DomainError(N_("这次对比的状态是「%(state)s」，不能进行此操作"), code="comparison_state", state=label)
    return row


def end(found: Comparison, state: ComparisonState) -> None:
    """The comparison is in a state that it does not leave by itself; its file is gone. In the transaction in hand."""
    file_id, found.file_id = found.file_id, None
    found.state = state
    found.finished_at = found.updated_at = clock.now()
    db.session.flush()
    if file_id is not None:
        files.remove(file_id)


@transactional
def purge(moment: datetime) -> int:
    """Results whose time is over at `moment` are gone, and files that wait for columns; return how many."""
    due = select(Comparison).where(Comparison.expires_at <= moment, Comparison.state != ComparisonState.EXPIRED)
    with everything("what has had its time goes, whoever asked for it"):
        rows = db.session.execute(due).scalars().all()
        for found in rows:
            db.session.execute(delete(_MATCHES).where(_MATCHES.c.comparison_id == found.id))
            found.header = None
            end(found, ComparisonState.EXPIRED)
    return len(rows)
