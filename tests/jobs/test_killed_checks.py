"""A check that is killed goes on where it was, and finds what it would have found (issues 1.4, 4)."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.domain.roles import Role
from app.extensions import db
from app.models import Account, BatchState, ImportBatch, ImportChunk, ImportRow
from app.services import files, imports
from app.services.imports_checking import CHUNK_ROWS, check
from app.services.imports_entering import import_batch
from app.services.lists import list_named
from app.spreadsheets.sources import CalamineWorkbook
from tests import telecom_sheet
from tests.factories import Factories
from tests.jobs.conftest import Workers
from tests.runtime.places import wait_until

ROWS = 9_000
KNOWN_ROWS = 200
RAIL_HEADER = ("日期", "车次", "上车站", "下车站", "姓名", "证件号", "手机号", "车厢号", "座位号", "备注")
STATIONS = ("武汉站", "汉口站", "郑州东站", "黄冈站")
SECONDS_TO_END = 60


def telecom_rows(count: int) -> list[list[str]]:
    return [list(telecom_sheet.HEADER), *telecom_sheet.rows(count, telecom_sheet.Truth())]


def rail_rows(count: int) -> list[list[str]]:
    """The same people on trains, one in four from a station that no list asks about."""
    rows = telecom_rows(count)[1:]
    return [
        list(RAIL_HEADER),
        *([r[0], "G601", STATIONS[at % 4], "郑州东站", r[6], r[7], r[1], "9", "17A", ""] for at, r in enumerate(rows)),
    ]


def write(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def upload(key: str, path: Path, account: Account, *, in_queue: bool) -> ImportBatch:
    with path.open("rb") as stream:
        return imports.upload(list_named(key), stream, name=path.name, account=account, in_queue=in_queue)


def again(batch: ImportBatch) -> ImportBatch:
    db.session.rollback()
    return db.session.get_one(ImportBatch, batch.id, populate_existing=True)


def staged(batch: ImportBatch, *columns: str) -> dict[int, Any]:
    table: Any = ImportRow.__table__
    chosen = [table.c[name] for name in ("row_number", *columns)]
    db.session.rollback()
    return {row[0]: row[1:] for row in db.session.execute(select(*chosen).where(table.c.batch_id == batch.id))}


def rejected(batch: ImportBatch) -> list[list[Any]]:
    assert batch.rejected_file_id is not None
    with files.on_disk(batch.rejected_file_id) as path:
        return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()


def found(batch: ImportBatch) -> tuple[Any, ...]:
    """All that a check has found."""
    batch = again(batch)
    places = staged(batch, "identity_index", "area_code", "undispatched_reason", "listed_on", "name")
    return batch.state, batch.counts, batch.sample, places, rejected(batch)


def kill_in_the_middle(batch: ImportBatch, workers: Workers) -> dict[int, Any]:
    """The worker is killed after some chunks; the rows that were staged by then."""
    process = workers.start("imports")
    workers.await_all()
    wait_until(lambda: again(batch).counts["done"] >= CHUNK_ROWS, within_seconds=60, what="some chunks are kept")
    process.kill()
    process.wait()
    before = staged(batch, "phone")
    assert again(batch).state is BatchState.CHECKING, "the sheet is too short: its check ended before the kill"
    return before


@pytest.mark.parametrize(("key", "rows_of"), [("telecom", telecom_rows), ("rail", rail_rows)])
def test_a_killed_check_goes_on_and_finds_the_same(
    queue_app: Flask, workers: Workers, make: Factories, tmp_path: Path, key: str, rows_of: Any
) -> None:
    city = make.account(Role.CITY_ADMIN)
    known = upload(key, write(tmp_path / "known.csv", rows_of(KNOWN_ROWS)), city, in_queue=False)
    check(known.id)
    imports.confirm(again(known), account=city, in_queue=False)
    import_batch(known.id)
    rows = rows_of(ROWS)
    sheet = write(tmp_path / "list.csv", [*rows, *rows[1:50]])  # what comes again at the end was seen at the start
    whole = upload(key, sheet, city, in_queue=False)
    check(whole.id)
    assert again(whole).counts["already_there"] > 0 < again(whole).counts["duplicates"]

    killed = upload(key, sheet, city, in_queue=True)
    before = kill_in_the_middle(killed, workers)
    workers.start("imports")
    workers.await_all()
    wait_until(lambda: again(killed).state is BatchState.CHECKED, within_seconds=SECONDS_TO_END, what="checked")

    assert found(killed) == found(whole)
    after = staged(killed, "phone")
    assert before and all(after[number] == sealed for number, sealed in before.items())  # sealed once, never again
    assert db.session.execute(select(func.count()).select_from(ImportChunk)).scalar_one() == 0
