"""1,000,000 rows of the operators' sheet, from the file to dispatched rows, against COPY; memory against 100,000 rows.

`ROWS` and `FEW` change the numbers.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bench.bench_import import REACH, measure_copy, measure_job, prepare, write_sheet
from bench.harness import report

ROWS = int(os.environ.get("ROWS", "1000000"))
FEW = int(os.environ.get("FEW", "100000"))
MOST_MEMORY = 1.3


def imported(folder: Path, count: int) -> tuple[dict[str, float], float, float]:
    """The job's seconds by step, its peak of memory, and the seconds of COPY; in a database of its own."""
    from app import create_app
    from tests.postgres import drop, postgres_url

    url = postgres_url()
    os.environ.update(DATA_DIR=str(folder), APP_ENV="test", DATABASE_URL=url)
    app = create_app("test")
    prepare(app)
    path = folder / f"list-{count}.xlsx"
    write_sheet(path, count)
    print(f"{count:,} rows: {path.stat().st_size >> 20} MB", flush=True)
    steps, peak = measure_job(path)
    print(steps, f"{peak:.0f} MB", flush=True)
    copied = measure_copy(app)
    from app.extensions import db

    with app.app_context():
        db.engine.dispose()
    drop(url)
    return steps, peak, copied


def main() -> None:
    """Import few, then many, and print the measures."""
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        _steps, few, _copied = imported(Path(name), FEW)
        steps, many, copied = imported(Path(name), ROWS)
    total = sum(steps[key] for key in ("upload", "check", "import"))
    note = ", ".join(f"{key} {steps[key]:.1f} s" for key in ("upload", "check", "import")) + f", COPY {copied:.1f} s"
    work = f"import of {ROWS:,} rows, file to dispatched rows"
    report(work=work, compared_with="COPY of the same rows", ratio=copied / total, reach=f">= {REACH:.2f}", note=note)
    against, note = f"that of {FEW:,} rows", f"{many:.0f} MB and {few:.0f} MB"
    report(work="its peak memory", compared_with=against, ratio=many / few, reach=f"<= {MOST_MEMORY}", note=note)


if __name__ == "__main__":
    main()
