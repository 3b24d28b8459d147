"""Opening the accounts of a file, for a job: one account, its message and its count in one transaction each (Z-A7).

Killed, it goes on after the last row that it dealt with; run twice at once, each row is dealt with once.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update

from app import clock
from app.access import scope_of, using_scope
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import Account, AccountImport, AccountImportState
from app.services import account_imports, accounts, files
from app.services.account_rows import CheckedRow, RowVerdict, check_rows
from app.services.transaction import transaction
from app.services.unattended import AskedWork

_IMPORTS = AccountImport.__table__


def _end_failed(found: AccountImport) -> None:
    account_imports.end(found, AccountImportState.FAILED)


WORK = AskedWork(
    "accounts",
    AccountImport,
    AccountImportState.RUNNING,
    account_imports.job_of,
    _end_failed,
    unforeseen=N_("导入时出错，已记录下来，请联系管理员"),
    given_up=N_("多次尝试后仍未完成，请重新上传"),
)


def run(import_id: int) -> None:
    """Every account of the file is open, or the import has FAILED with the reason; nothing for one that ended."""
    WORK.run(import_id, lambda: _open_accounts(import_id))


def _open_accounts(import_id: int) -> None:
    found = db.session.get_one(AccountImport, import_id, populate_existing=True)
    if found.state is not AccountImportState.RUNNING or found.file_id is None:
        return
    importer_id, done = found.created_by_id, found.done
    for each in _checked(found.file_id, importer_id):
        if each.row.number > done and each.verdict is RowVerdict.NEW and not _deal_with(import_id, importer_id, each):
            return  # it was ended, or somebody else is further
    with transaction():
        if _hold(import_id):
            account_imports.end(_fresh(import_id), AccountImportState.DONE)


def _importer(importer_id: int) -> Account:
    """The account that brought the file, as long as it may. Error: role."""
    importer = db.session.get_one(Account, importer_id, populate_existing=True)
    if not importer.active or importer.role not in account_imports.IMPORTERS:
        raise DomainError(N_("您的账号不能开通其他账号"), code="role")
    return importer


def _checked(file_id: int, importer_id: int) -> Sequence[CheckedRow]:
    importer = _importer(importer_id)
    with files.on_disk(file_id) as path:
        sheet = account_imports.read(path, importer)
    with using_scope(scope_of(importer)):
        checked = check_rows(sheet.rows, importer)
    db.session.rollback()  # nothing of this stays open while accounts are made
    return checked


def _deal_with(import_id: int, importer_id: int, each: CheckedRow) -> bool:
    """The row's account is open, or counted as one that could not be; False where the import is not ours any more."""
    try:
        return _deal(import_id, importer_id, each, counted="created")
    except DomainError as fault:
        if fault.code == "role":
            raise
        # What was sound when it was checked is not any more: the phone was taken meanwhile, a compound was closed.
        return _deal(import_id, importer_id, each, counted="failed")


def _deal(import_id: int, importer_id: int, each: CheckedRow, *, counted: str) -> bool:
    with transaction():
        if not _hold(import_id):
            return False
        found = _fresh(import_id)
        if found.done >= each.row.number:
            return True
        importer = _importer(importer_id)
        if counted == "created" and each.appointment is not None:
            with using_scope(scope_of(importer)):
                accounts.appoint(each.appointment, appointer=importer)
        found.done = each.row.number
        found.counts = {**found.counts, counted: found.counts.get(counted, 0) + 1}
    return True


def _fresh(import_id: int) -> AccountImport:
    return db.session.get_one(AccountImport, import_id, populate_existing=True)


def _hold(import_id: int) -> bool:
    """Whether the import still runs; until the transaction ends nobody else writes it."""
    mine = (_IMPORTS.c.id == import_id) & (_IMPORTS.c.state == AccountImportState.RUNNING.name)
    held: int = db.session.execute(update(_IMPORTS).where(mine).values(heartbeat_at=clock.now())).rowcount
    return held > 0
