"""`flask accounts import`: many accounts from a file, by the same functions as the screen (Z-A7)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from app.access import everything, scope_of, using_scope
from app.cli_accounts import account_of, refusals_to_stderr
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import Account, AccountImport, AccountImportState
from app.services import account_import_run, account_imports


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "phone", required=True, help="The account that appoints, by its phone number.")
@click.option("--out", default=Path(), type=click.Path(file_okay=False, path_type=Path), help="Where rejected rows go.")
@click.option("--json", "as_json", is_flag=True)
@refusals_to_stderr
def import_accounts(file: Path, phone: str, out: Path, as_json: bool) -> None:
    """Open the accounts of FILE; each phone gets its first password by message, and rows at fault come back."""
    account = account_of(phone)
    with using_scope(scope_of(account)), file.open("rb") as stream:
        found = account_imports.upload(stream, name=file.name, account=account)
        account_imports.confirm(found, account=account, in_queue=False)
        import_id = found.id
    account_import_run.run(import_id)
    with everything("the import of this command"):
        found = db.session.get_one(AccountImport, import_id, populate_existing=True)
    if found.state is not AccountImportState.DONE:
        failure = found.failure or {"message": N_("未能完成"), "params": {}}
        raise DomainError(failure["message"], code="failed", **failure["params"])
    summary = _summary(found, account_of(phone), out)
    lines = "\n".join(f"{key}\t{value}" for key, value in summary.items())
    click.echo(json.dumps(summary, ensure_ascii=False) if as_json else lines)


def _summary(found: AccountImport, account: Account, out: Path) -> dict[str, Any]:
    counts = found.counts
    names = ("rows", "created", "already_there", "duplicate", "rejected", "failed")
    numbers = {name: counts.get(name, 0) for name in names}
    return {"import": found.id, **numbers, "rejected_file": _write_rejected(found, account, out)}


def _write_rejected(found: AccountImport, account: Account, out: Path) -> str | None:
    if not found.counts.get("rejected"):
        return None
    with using_scope(scope_of(account)):
        content = account_imports.rejected(found, account=account)
    out.mkdir(parents=True, exist_ok=True)
    path = (out / f"{Path(found.file_name).stem}-{N_('退回数据')}-{found.id}.xlsx").resolve()
    path.touch(mode=0o600)
    path.write_bytes(content)
    return str(path)
