"""10,000 rows of the operators' sheet through this import and through django-import-export, on one PostgreSQL.

The peer reads, tries and imports, as its admin does; this one reads, checks, seals and imports. It is installed into an
environment of its own from bench/peer_requirements.txt. `ROWS` changes the number; `PEER_PYTHON` names an environment
that has it already.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.bench_import import measure_job, prepare
from bench.harness import report

ROWS = int(os.environ.get("ROWS", "10000"))
FOLDER = Path(__file__).resolve().parent
REACH = 10
TIMES = 3
STEPS = ("read", "try", "import")


def peer_python(folder: Path) -> str:
    """The Python of an environment with the peer in it."""
    if given := os.environ.get("PEER_PYTHON"):
        return given
    subprocess.run([sys.executable, "-m", "venv", str(folder / "peer")], check=True)
    python = str(folder / "peer" / "bin" / "python")
    requirements = str(FOLDER / "peer_requirements.txt")
    subprocess.run(
        [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "-r", requirements], check=True
    )
    return python


def write_plain_sheet(path: Path) -> None:
    """The sheet with its header in the first row, where the peer wants it, and without faults."""
    import xlsxwriter

    from tests.telecom_sheet import HEADER, Truth, rows

    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([list(HEADER), *rows(ROWS, Truth())]):
            for at, cell in enumerate(row):
                sheet.write_string(number, at, cell)


def peer_seconds(python: str, path: Path) -> tuple[float, dict[str, Any]]:
    from tests.postgres import drop, postgres_url

    url = postgres_url()
    command = [python, str(FOLDER / "peer_import.py"), str(path), url]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    drop(url)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return sum(found[step] for step in STEPS), found


def own_seconds(folder: Path, path: Path) -> tuple[float, dict[str, float]]:
    from app import create_app
    from app.extensions import db
    from tests.postgres import drop, postgres_url

    url = postgres_url()
    os.environ.update(DATA_DIR=str(folder), APP_ENV="test", DATABASE_URL=url)
    app = create_app("test")
    prepare(app)
    steps, _peak = measure_job(path)
    with app.app_context():
        db.engine.dispose()
    drop(url)
    return sum(steps[key] for key in ("upload", "check", "import")), steps


def main() -> None:
    """Both sides in turn; the best of each counts."""
    os.environ["PYTHONPATH"] = str(FOLDER.parent)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        python, path = peer_python(folder), folder / "list.xlsx"
        write_plain_sheet(path)
        theirs, ours = [], []
        for _ in range(TIMES):
            theirs.append(peer_seconds(python, path))
            ours.append(own_seconds(folder, path))
            print(theirs[-1][1], ours[-1][1], flush=True)
    mine, its = min(each[0] for each in ours), min(each[0] for each in theirs)
    note = f"{mine:.1f} s and {its:.1f} s"
    work = f"import of {ROWS:,} rows"
    report(work=work, compared_with="django-import-export", ratio=its / mine, reach=f">= {REACH}", note=note)


if __name__ == "__main__":
    main()
