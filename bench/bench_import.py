"""100,000 rows of the operators' sheet, from the file to dispatched rows, against COPY of the same rows.

The work runs as it does in production: upload, check in the job's process with its reading child, confirmation, import.
Its peak memory is that of all its processes together. `ROWS` changes the number of rows.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

ROWS = int(os.environ.get("ROWS", "100000"))
REACH = 0.10
ROWS_IN_MEMORY = 200_000  # more of them are written as they come
MOST_MEGABYTES = 400
PHONE_COLUMN = 1
SAMPLE_SECONDS = 0.02


def write_sheet(path: Path, count: int = ROWS) -> None:
    """The operators' sheet: a title above the header, phones as numbers, and the faults such sheets have."""
    from tests.telecom_sheet import HEADER, Truth, rows

    with xlsxwriter.Workbook(
        str(path), {"strings_to_numbers": False, "constant_memory": count > ROWS_IN_MEMORY}
    ) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "通管人员摸排")
        for at, title in enumerate(HEADER):
            sheet.write_string(1, at, title)
        for number, row in enumerate(rows(count, Truth()), start=2):
            for at, cell in enumerate(row):
                if at == PHONE_COLUMN:
                    sheet.write_number(number, at, int(cell))
                elif cell:
                    sheet.write_string(number, at, cell)


def prepare(app: Flask) -> None:
    """Tables, areas and a city manager."""
    from app import clock
    from app.access import everything
    from app.domain.roles import Role
    from app.extensions import db
    from app.models import Account
    from app.profiles import load_profile
    from app.services import areas, partitions

    with app.app_context(), everything("a benchmark sets itself up"):
        upgrade()
        areas.load(load_profile(app.config["REGION"]))
        partitions.ensure_months(clock.now())
        fields = {"first_name": "city", "last_name": "", "email": "city@account.invalid", "active": True}
        db.session.add(Account(username="13700000000", role=Role.CITY_ADMIN, area_code="4101", **fields))
        db.session.commit()


def run_job(path: Path) -> None:
    """Import the sheet in this process; prints the seconds of each step."""
    from sqlalchemy import select

    from app import create_app
    from app.access import everything
    from app.extensions import db
    from app.models import Account
    from app.services import imports, imports_checking, imports_entering
    from app.services.lists import list_named

    app = create_app("test")
    with app.app_context(), everything("a benchmark"):
        account = db.session.execute(select(Account)).scalar_one()
        started = time.perf_counter()
        with path.open("rb") as stream:
            batch = imports.upload(list_named("telecom"), stream, name=path.name, account=account, in_queue=False)
        uploaded = time.perf_counter()
        imports_checking.check(batch.id)
        checked = time.perf_counter()
        imports.confirm(batch, account=account, in_queue=False)
        imports_entering.import_batch(batch.id)
        ended = time.perf_counter()
        db.session.refresh(batch)
        found = {"upload": uploaded - started, "check": checked - uploaded, "import": ended - checked}
        print(json.dumps({**found, "state": batch.state.name, "new": batch.counts["new"], "failure": batch.failure}))


def resident_megabytes(pid: int) -> float:
    """What the process and its children hold now; pages that they share count once (PSS)."""
    total = 0
    for one in (pid, *children(pid)):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def children(pid: int) -> Iterator[int]:
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in found:
        yield int(child)
        yield from children(int(child))


def measure_job(path: Path) -> tuple[dict[str, float], float]:
    """The job's seconds by step, and the peak of its memory."""
    process = subprocess.Popen([sys.executable, __file__, "--job", str(path)], stdout=subprocess.PIPE, text=True)
    peak, end = 0.0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not end.wait(SAMPLE_SECONDS):
            peak = max(peak, resident_megabytes(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    output, _ = process.communicate()
    end.set()
    watcher.join()
    found: dict[str, float] = json.loads(output.splitlines()[-1])
    return found, peak


def measure_copy(app: Flask) -> float:
    """Seconds of COPY of the very rows into the very table, emptied before."""
    from app.extensions import db

    with app.app_context():
        connection = db.engine.raw_connection()
        driver = connection.driver_connection
        content = io.BytesIO()
        with driver.cursor() as cursor, cursor.copy("COPY screening_entry TO STDOUT") as copy:
            for piece in copy:
                content.write(piece)
        driver.execute("TRUNCATE screening_entry CASCADE")
        driver.commit()
        started = time.perf_counter()
        with driver.cursor() as cursor, cursor.copy("COPY screening_entry FROM STDIN") as copy:
            copy.write(content.getvalue())
        driver.commit()
        seconds = time.perf_counter() - started
        connection.close()
    return seconds


def main() -> None:
    from tests.postgres import postgres_url

    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DATA_DIR=folder, APP_ENV="test", DATABASE_URL=postgres_url())
        os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
        from app import create_app

        app = create_app("test")
        prepare(app)
        path = Path(folder) / "list.xlsx"
        write_sheet(path)
        with app.app_context():
            from app.extensions import db

            with db.engine.connect() as connection:
                connection.execute(text("CHECKPOINT"))
        steps, peak = measure_job(path)
        copied = measure_copy(app)
        total = sum(steps[key] for key in ("upload", "check", "import"))
        note = ", ".join(f"{key} {steps[key]:.1f} s" for key in ("upload", "check", "import"))
        report(f"import of {ROWS:,} rows, file to dispatched rows", "COPY of the same rows", copied / total, note)
        megabytes = {"ratio": peak / MOST_MEGABYTES, "reach": "<= 1.0", "note": f"{peak:.0f} MB, all processes"}
        print(json.dumps({"work": "its peak memory", "compared_with": f"{MOST_MEGABYTES} MB", **megabytes}))
        print(f"COPY {copied:.2f} s; new rows {steps['new']}; {path.stat().st_size >> 20} MB file")


def report(work: str, peer: str, ratio: float, note: str) -> None:
    measure = {"work": work, "compared_with": peer, "ratio": round(ratio, 4), "reach": f">= {REACH:.2f}", "note": note}
    print(json.dumps(measure, ensure_ascii=False))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--job"]:
        run_job(Path(sys.argv[2]))
    else:
        main()
