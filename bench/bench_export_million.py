"""Export of 1,000,000 rows of a list to .xlsx and .csv, as the job writes them, against xlsxwriter and csv alone.

Each side in a process of its own; the others write the cells of our file, whose reading is not on their clock. Memory is
compared with an export of 100,000 rows. `ROWS` and `FEW` change the numbers.

Bare csv neither asks a database nor opens anything. What that costs by itself is told by a third side: the driver's
rows of the same statement with their sealed values opened, written as they come, without a text made for anybody.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from bench.bench_export import peak_megabytes
from bench.harness import report

ROWS = int(os.environ.get("ROWS", "1000000"))
FEW = int(os.environ.get("FEW", "100000"))
LIST = "telecom"
FORMATS = {
    "xlsx": ("xlsxwriter (constant_memory) writing the same cells", 0.5),
    "csv": ("csv writing the same cells", 3),
}
MOST_MEMORY = 1.3
CHUNK = 10_000
COMPOUNDS, PEOPLE = 16, 400


def main() -> None:
    """Fill the list twice, let every side write, print the measures."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        os.environ["DATA_DIR"] = name
        from app.services.lists import list_named
        from bench.data import City, make_application
        from bench.listed import fill
        from tests.postgres import drop, postgres_url

        url = postgres_url()
        app = make_application(url, City(PEOPLE, COMPOUNDS), data_dir=folder)
        (folder / "account").write_text(str(_manager(app)))
        declared = list_named(LIST)
        fill(app, declared, FEW)
        small = {fmt: run("ours", fmt, url, name) for fmt in FORMATS}
        fill(app, declared, ROWS, begin=FEW + 1)
        large = {fmt: run("ours", fmt, url, name) for fmt in FORMATS}
        alone = {fmt: run("writer", fmt, url, name) for fmt in FORMATS}
        theirs = {fmt: run("theirs", fmt, url, name) for fmt in FORMATS}
        least = run("least", "csv", url, name)
        drop(url)
    for fmt, (against, reach) in FORMATS.items():
        mine, its = large[fmt]["seconds"], theirs[fmt]["seconds"]
        work = f"export of {ROWS:,} rows to .{fmt}"
        report(
            work=work, compared_with=against, ratio=mine / its, reach=f"<= {reach}", note=f"{mine:.1f} s, {its:.1f} s"
        )
        written = alone[fmt]["seconds"]
        work = f"its writer alone (.{fmt})"
        report(work=work, compared_with=against, ratio=written / its, reach=f"<= {reach}", note=f"{written:.1f} s")
        if fmt == "csv":
            told = f"{least['seconds']:.1f} s"
            work = "the driver's rows, opened, as they come (.csv)"
            report(work=work, compared_with=against, ratio=least["seconds"] / its, reach="(told)", note=told)
        peaks = large[fmt]["megabytes"], small[fmt]["megabytes"]
        note = "{} MB and {} MB".format(*peaks)
        against = f"that of {FEW:,} rows"
        work = f"its peak memory (.{fmt})"
        report(work=work, compared_with=against, ratio=peaks[0] / peaks[1], reach=f"<= {MOST_MEMORY}", note=note)


def _manager(app: Any) -> int:
    from sqlalchemy import select

    from app.access import everything
    from app.domain.roles import Role
    from app.extensions import db
    from app.models import Account
    from bench.data import sign_in

    sign_in(app, Role.CITY_ADMIN)
    with app.app_context(), everything("a benchmark"):
        key: int = db.session.execute(select(Account.id)).scalar_one()
        db.session.remove()
        db.engine.dispose()
        return key


def run(side: str, fmt: str, url: str, folder: str) -> dict[str, Any]:
    """What one side says of itself."""
    command = [sys.executable, __file__, side, fmt, url, folder]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(side, fmt, found, flush=True)
    return found


def ours(fmt: Any, url: str, folder: Path) -> dict[str, Any]:
    """The list as the job writes it, masked."""
    app = _application(url, folder)
    started = time.perf_counter()
    with app.app_context(), (folder / f"ours.{fmt}").open("w+b") as target:
        rows = _write(fmt, folder, target)
    return {"seconds": time.perf_counter() - started, "megabytes": peak_megabytes(), "rows": rows}


def _application(url: str, folder: Path) -> Any:
    from app import create_app

    return create_app("test", SQLALCHEMY_DATABASE_URI=url, DATA_DIR=folder)


def _write(fmt: Any, folder: Path, target: BinaryIO) -> int:
    from app.services.exports import Asked
    from app.views.exporting import write_for_job

    asked = Asked(screen="TelecomScreeningView", title="", subject=LIST, locale="zh", fmt=fmt)
    return write_for_job(asked, int((folder / "account").read_text()), target, lambda _rows, _total: None).rows


def writer(fmt: Any, folder: Path) -> dict[str, Any]:
    """Our writer with the same cells, already read, as `theirs` has them."""
    from app.spreadsheets.writer import TableColumn, write_table

    chunks, reading = _chunks(folder / "ours.csv"), 0.0
    titles = [TableColumn(title) for title in next(_chunks(folder / "ours.csv"))[1]]

    def rows() -> Iterator[list[str]]:
        nonlocal reading
        while True:
            began = time.perf_counter()
            chunk = next(chunks, None)
            reading += time.perf_counter() - began
            if chunk is None:
                return
            yield from chunk

    started = time.perf_counter()
    write_table(folder / f"alone.{fmt}", columns=titles, rows=rows(), fmt=fmt)
    return {"seconds": time.perf_counter() - started - reading}


def theirs(fmt: str, folder: Path) -> dict[str, Any]:
    """The same cells, by xlsxwriter or csv and nothing else; what comes before each chunk is not counted."""
    chunks, seconds = _chunks(folder / "ours.csv"), 0.0
    write, close = _xlsx(folder) if fmt == "xlsx" else _csv(folder)
    for chunk in chunks:
        started = time.perf_counter()
        write(chunk)
        seconds += time.perf_counter() - started
    started = time.perf_counter()
    close()
    return {"seconds": seconds + time.perf_counter() - started}


def least(url: str, folder: Path) -> dict[str, Any]:
    """What our statement gives, by the driver alone, each sealed value opened, as lines of csv."""
    from sqlalchemy import event

    from app.extensions import db
    from app.models.encryption import EncryptedText, key_ring

    statements: list[tuple[str, Any, Sequence[Any]]] = []

    def heard(_connection: Any, _cursor: Any, sql: str, given: Any, context: Any, _many: bool) -> None:
        if context.execution_options.get("yield_per"):
            statements.append((sql, given, [column.type for column in context.compiled._result_columns]))

    app = _application(url, folder)
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", heard)
        with (folder / "few.csv").open("w+b") as target:
            _write("csv", folder, target)
        sql, given, types = statements[-1]
        openers = [key_ring().opener(each.context) if isinstance(each, EncryptedText) else None for each in types]
        started = time.perf_counter()
        with db.engine.connect() as connection, (folder / "least.csv").open("w", encoding="utf-8", newline="") as file:
            driver: Any = connection.connection.dbapi_connection
            cursor = driver.cursor("rows", binary=True)
            cursor.execute(sql, given)
            lines = csv.writer(file, quoting=csv.QUOTE_ALL)
            while rows := cursor.fetchmany(CHUNK):
                lines.writerows(
                    [
                        opened(cell).decode() if opened and cell else cell
                        for opened, cell in zip(openers, row, strict=True)
                    ]
                    for row in rows
                )
    return {"seconds": time.perf_counter() - started}


def _chunks(path: Path) -> Iterator[list[list[str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        while chunk := list(islice(lines, CHUNK)):
            yield chunk


def _xlsx(folder: Path) -> tuple[Any, Any]:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(folder / "theirs.xlsx"), {"constant_memory": True})
    sheet, number = book.add_worksheet(), 0

    def write(rows: list[list[str]]) -> None:
        nonlocal number
        for row in rows:
            for at, cell in enumerate(row):
                sheet.write_string(number, at, cell)
            number += 1

    return write, book.close


def _csv(folder: Path) -> tuple[Any, Any]:
    file = (folder / "theirs.csv").open("w", encoding="utf-8", newline="")
    lines = csv.writer(file, quoting=csv.QUOTE_ALL)
    return lines.writerows, file.close


if __name__ == "__main__":
    if len(sys.argv) > 1:
        side, fmt, url, folder = sys.argv[1:]
        os.environ["DATA_DIR"] = folder
        sides = {"ours": lambda: ours(fmt, url, Path(folder))}
        sides |= {"writer": lambda: writer(fmt, Path(folder)), "theirs": lambda: theirs(fmt, Path(folder))}
        sides |= {"least": lambda: least(url, Path(folder))}
        print(json.dumps(sides[side]()))
    else:
        main()
