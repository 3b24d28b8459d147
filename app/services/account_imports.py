"""Many accounts from a file (Z-A7): checked at once, shown, and opened by a job when somebody has said so.

The job (account_import_run.py) opens one account at a time; the file goes after a week, the record stays.
"""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from collections import Counter as Tally
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from flask import current_app
from sqlalchemy import select

from app import clock
from app.access import everything
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.masking import mask_phone
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, AccountImport, AccountImportState
from app.profiles import load_profile
from app.services import audit, files
from app.services.account_rows import CheckedRow, RowVerdict, check_rows
from app.services.audit import Actor
from app.services.limits import Counter, Limit, take
from app.services.queueing import QueuedJob, enqueue_later
from app.services.small_sheets import SmallSheet, read_small_sheet
from app.services.transaction import transactional
from app.spreadsheets.columns import SheetSpec
from app.spreadsheets.declarations_accounts import account_sheet
from app.spreadsheets.rejected import rejected_workbook

IMPORTERS = frozenset(role for role in Role if role.appoints)
MOST_ROWS = 2_000
SHOWN_ROWS = 200
KEPT = timedelta(days=7)
# A file tells which phones have accounts; nobody may ask that about everybody.
LIMIT = Limit("account-import", most=30, seconds=86_400)
RUN_JOB = "app.jobs.account_imports.run"
_QUEUE = "imports"
_JOB_SECONDS = 3600


def sheet_of(role: Role | None) -> SheetSpec:
    """The sheet that accounts of `role` fill in. Error: role."""
    if role not in IMPORTERS:
        raise DomainError(N_("您的账号不能开通其他账号"), code="role")
    return account_sheet(role.appoints)


def upload(stream: BinaryIO, *, name: str, account: Account) -> AccountImport:
    """The file, checked row by row and kept; nothing is opened yet. To be called in the scope of `account`.

    Errors: role, imported_too_often, sheet_rows, no_rows, and those of spreadsheets/limits.py.
    """
    sheet_of(account.role)
    if take(Counter(LIMIT, str(account.id))):
        message = N_("每个账号每天最多导入 %(most)s 次，请明天再试")
        raise DomainError(message, code="imported_too_often", most=LIMIT.most)
    with tempfile.NamedTemporaryFile(prefix="accounts-") as file:
        shutil.copyfileobj(stream, file)
        file.flush()
        path = Path(file.name)
        checked = check_rows(read(path, account).rows, account)
        with path.open("rb") as content:
            return _keep(content, checked, name=name, account=account)


def read(path: Path, account: Account) -> SmallSheet:
    """The sheet at `path` by what `account` may import."""
    today = clock.local_date(clock.now(), load_profile(current_app.config["REGION"]).zone)
    return read_small_sheet(path, sheet_of(account.role), most=MOST_ROWS, today=today)


@transactional
def _keep(file: BinaryIO, checked: Sequence[CheckedRow], *, name: str, account: Account) -> AccountImport:
    moment, base = clock.now(), files.base_name(name)
    found = AccountImport(
        created_by_id=account.id,
        area_code=account.area_code,
        state=AccountImportState.CHECKED,
        file_name=base,
        file_id=files.save(file, name=base),
        preview=json.dumps(_preview(checked), ensure_ascii=False),
        counts={"rows": len(checked), **Tally(each.verdict.value for each in checked)},
        heartbeat_at=moment,
        expires_at=moment + KEPT,
        created_at=moment,
        updated_at=moment,
    )
    db.session.add(found)
    db.session.flush()
    _record(found, account, "upload_accounts", {"rows": len(checked)})
    return found


def _preview(checked: Sequence[CheckedRow]) -> list[dict[str, Any]]:
    """The rows that stand on the page, those with faults first; phones masked."""
    ordered = sorted(checked, key=lambda each: (each.verdict is not RowVerdict.REJECTED, each.row.number))
    return [
        {
            "number": each.row.number,
            "verdict": each.verdict.value,
            "cells": {**each.row.values, "phone": mask_phone(str(each.row.values.get("phone") or ""))},
            "faults": [[fault.column_key, fault.message] for fault in each.faults],
        }
        for each in ordered[:SHOWN_ROWS]
    ]


@transactional
def confirm(found: AccountImport, *, account: Account, in_queue: bool = True) -> None:
    """The accounts of the file are on their way. Errors: import_state."""
    found = _take(found, AccountImportState.CHECKED)
    found.state, found.heartbeat_at = AccountImportState.RUNNING, clock.now()
    _record(found, account, "import_accounts", {"rows": found.counts.get(RowVerdict.NEW.value, 0)})
    if in_queue:
        enqueue_later(job_of(found))


@transactional
def cancel(found: AccountImport, *, account: Account) -> None:
    """The file is gone; what was opened of it stays. Errors: import_state."""
    found = _take(found, AccountImportState.CHECKED, AccountImportState.RUNNING)
    end(found, AccountImportState.CANCELLED)
    forget(found)
    _record(found, account, "cancel_account_import")


def _take(found: AccountImport, *states: AccountImportState) -> AccountImport:
    query = select(AccountImport).where(AccountImport.id == found.id).with_for_update()
    row = db.session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if row is None or row.state not in states:
        label = row.state.label if row else ""
        raise DomainError(N_("这次导入的状态是「%(state)s」，不能进行此操作"), code="import_state", state=label)
    return row


def _record(found: AccountImport, account: Account, action: str, changes: dict[str, Any] | None = None) -> None:
    audit.record(Actor.of(account), action, subject=found, area_code=found.area_code, changes=changes)


def job_of(found: AccountImport) -> QueuedJob:
    """The job that opens the accounts, another with every attempt."""
    return QueuedJob(_QUEUE, RUN_JOB, found.id, f"accounts-{found.id}-{found.attempts}", _JOB_SECONDS)


def end(found: AccountImport, state: AccountImportState) -> None:
    """The import is in a state that it does not leave by itself. In the transaction in hand."""
    found.state = state
    found.finished_at = found.updated_at = clock.now()


def forget(found: AccountImport) -> None:
    """Nothing of the file is left but its name and its numbers. In the transaction in hand."""
    file_id, found.file_id, found.preview = found.file_id, None, None
    db.session.flush()
    if file_id is not None:
        files.remove(file_id)


@transactional
def rejected(found: AccountImport, *, account: Account, watermark: str = "") -> bytes:
    """The rows at fault as a workbook that can be corrected and imported as it is; who took it is on record (X10).

    Error: expired.
    """
    if found.file_id is None:
        raise DomainError(N_("文件已过保存期限，请重新上传"), code="expired")
    with everything("the file of an import that was fetched in scope"), files.on_disk(found.file_id) as path:
        sheet = read(path, account)
    faulty = [each for each in check_rows(sheet.rows, account) if each.verdict is RowVerdict.REJECTED]
    book = io.BytesIO()
    rows = ((each.row.raw, each.faults) for each in faulty)
    rejected_workbook(book, spec=sheet_of(account.role), header=sheet.header, rows=rows, watermark=watermark)
    _record(found, account, "download_rejected", {"rows": len(faulty)})
    return book.getvalue()


def preview_of(found: AccountImport) -> list[dict[str, Any]]:
    """The rows of the preview; none when the file is gone."""
    return list(json.loads(found.preview)) if found.preview else []


def fault_text(column: str, message: str, *, role: Role | None) -> str:
    """A fault of the preview with its column's title."""
    return f"{sheet_of(role).column(column).title}：{message}"


@transactional
def purge(moment: datetime) -> int:
    """Files whose time is over at `moment` are gone; return how many."""
    due = select(AccountImport).where(
        AccountImport.expires_at <= moment,
        AccountImport.file_id.is_not(None),
        AccountImport.state != AccountImportState.RUNNING,
    )
    with everything("what has had its time goes, whoever brought it"):
        rows = db.session.execute(due).scalars().all()
        for found in rows:
            if found.state is AccountImportState.CHECKED:
                end(found, AccountImportState.EXPIRED)
            forget(found)
    return len(rows)
