"""`flask lists …`: what an operator does with lists in bulk, by the same functions as the screens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.access import everything, scope_of, using_scope
from app.cli_accounts import account_of, refusals_to_stderr
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import Account, BatchState, ChangeCause, ImportBatch
from app.services import area_tree, birth_indexes, change_sets, files, imports, imports_checking, imports_entering, tray
from app.services.audit import Actor
from app.services.imports_counts import Counts
from app.services.lists import LISTS, list_named, list_of

lists_group = AppGroup("lists", help="Screening lists.")


@lists_group.command("kinds")
@click.option("--json", "as_json", is_flag=True)
def show_kinds(as_json: bool) -> None:
    """Print the lists that can be imported."""
    rows = [{"kind": d.key, "aliases": list(d.keys[1:]), "title": d.title} for d in LISTS if d.importers]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for declared in (d for d in LISTS if d.importers):
        click.echo(f"{'/'.join(declared.keys)}\t{declared.title}")


@lists_group.command("import")
@click.argument("kind")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "phone", required=True, help="The account that imports, by its phone number.")
@click.option("--out", default=Path(), type=click.Path(file_okay=False, path_type=Path), help="Where rejected rows go.")
@click.option("--category", help="What the file is of, in a list that has categories.")
@click.option("--json", "as_json", is_flag=True)
@refusals_to_stderr
def import_list(kind: str, file: Path, phone: str, out: Path, category: str | None, as_json: bool) -> None:
    """Import FILE into the list KIND: check it, then let its sound rows enter."""
    declared = list_named(kind)
    account = account_of(phone)
    files.check_size(file.stat().st_size)
    with using_scope(scope_of(account)), file.open("rb") as stream:
        batch = imports.upload(declared, stream, name=file.name, account=account, category=category, in_queue=False)
        batch_id = batch.id
    with everything("the job of the batch, in this process"):
        imports_checking.check(batch_id)
    batch = _batch(batch_id)
    if batch.state is not BatchState.CHECKED:
        raise _failure(batch)
    with using_scope(scope_of(account)):
        imports.confirm(batch, account=account, in_queue=False)
    with everything("the job of the batch, in this process"):
        imports_entering.import_batch(batch_id)
    _check_entered(_batch(batch_id))
    _print(_summary(_batch(batch_id), out), as_json=as_json)


@lists_group.command("undo")
@click.argument("batch", type=int)
@click.option("--as", "phone", required=True, help="The account that takes it back, by its phone number.")
@refusals_to_stderr
def undo_batch(batch: int, phone: str) -> None:
    """Take a whole batch back, as long as nobody has worked on its rows."""
    account = account_of(phone)
    with using_scope(scope_of(account)):
        count = imports.undo(_own_batch(batch, account), account=account)
    click.echo(json.dumps({"batch": batch, "taken_back": count}))


@lists_group.command("dispatch")
@click.argument("batch", type=int)
@click.argument("district")
@click.option("--as", "phone", required=True, help="The account that dispatches, by its phone number.")
@refusals_to_stderr
def dispatch_batch(batch: int, district: str, phone: str) -> None:
    """Give all rows of a batch that wait in the tray to DISTRICT, by any of its names or its code."""
    account = account_of(phone)
    code = area_tree.current().district_names.find(district) or district
    with using_scope(scope_of(account)):
        count = tray.dispatch_batch(_own_batch(batch, account), district_code=code, actor=Actor.of(account))
    click.echo(json.dumps({"batch": batch, "dispatched": count}))


def _own_batch(batch: int, account: Account) -> ImportBatch:
    """The batch of that number, in the scope in hand, of a list that the account imports. Errors: batch, role."""
    found = db.session.execute(select(ImportBatch).where(ImportBatch.id == batch)).scalar_one_or_none()
    if found is None:
        raise DomainError(N_("没有编号为 %(batch)s 的导入记录"), code="batch", batch=batch)
    list_of(found.kind).check_importer(account.role)
    return found


@lists_group.command("index-birthdays")
def index_birthdays() -> None:
    """Let doubts be found about rows that are older than these questions: once after such an upgrade, again harmless."""
    with everything("the installation's own command"):
        click.echo(f"{birth_indexes.fill()} rows indexed")


def _batch(batch_id: int) -> ImportBatch:
    with everything("the batch of this command"):
        return db.session.get_one(ImportBatch, batch_id, populate_existing=True)


def _check_entered(batch: ImportBatch) -> None:
    """Pass unless the batch waits for a second person. Error: awaiting."""
    found = change_sets.of_cause(ChangeCause.IMPORT, batch.id)
    if batch.state is BatchState.AWAITING and found is not None:
        message = N_("第 %(batch)s 批会使 %(count)s 人变色，须由另一人批准（变更 %(change)s），批准前不会导入")
        raise DomainError(message, code="awaiting", batch=batch.id, count=found.changed, change=found.id)


def _failure(batch: ImportBatch) -> DomainError:
    failure = batch.failure or {
        "message": N_("这一批的状态是「%(state)s」，不能进行此操作"),
        "params": {"state": batch.state.label},
    }
    return DomainError(failure["message"], code="failed", **failure["params"])


def _summary(batch: ImportBatch, out: Path) -> dict[str, Any]:
    counts = Counts.of(batch.counts)
    names = {record.code: record.name for record in area_tree.current().districts}
    return {
        "batch": batch.id,
        "list": batch.kind.label,
        "rows": counts.rows,
        "new": counts.new,
        "duplicates": counts.duplicates + counts.already_there,
        "already_there": counts.already_there,
        "rejected": counts.rejected,
        "filtered_out": counts.filtered_out,
        "undispatched": counts.undispatched_rows,
        "dispatched": {names.get(code, code): count for code, count in sorted(counts.dispatched.items())},
        "rejected_file": _write_rejected(batch, out),
    }


def _write_rejected(batch: ImportBatch, out: Path) -> str | None:
    if batch.rejected_file_id is None:
        return None
    out.mkdir(parents=True, exist_ok=True)
    path = (out / f"{Path(batch.file_name).stem}-{N_('退回数据')}-{batch.id}.xlsx").resolve()
    with everything("the rejected rows of this command's batch"), path.open("wb") as target:
        path.chmod(0o600)
        for piece in files.pieces(batch.rejected_file_id):
            target.write(piece)
    return str(path)


def _print(summary: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False))
        return
    for key, value in summary.items():
        click.echo(f"{key}\t{json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value}")
