"""「数据对比」 of 100,000 rows against 1,000,000 persons, and against 10,000; the same number of them is known.

By phone: half of the rows that may match do. `ROWS` and `PEOPLE` change the numbers.
"""

from __future__ import annotations

import csv
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.harness import redis_server, report

ROWS = int(os.environ.get("ROWS", "100000"))
PEOPLE = int(os.environ.get("PEOPLE", "1000000"))
FEW = int(os.environ.get("FEW", "10000"))
KNOWN = min(FEW, ROWS) // 2
REACH = "<= 1.5"
COMPOUNDS = 16
SIGNED_UP = "UPDATE person SET phone_index = %s WHERE id = %s"


def write_sheet(path: Path) -> None:
    """Names and phones; the first of them belong to people who are known."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["姓名", "手机号", "备注"])
        lines.writerows([["何晓明", _phone(at), ""] for at in range(ROWS)])


def _phone(at: int) -> str:
    return f"138{at:08d}"


def prepared(url: str, people: int, folder: Path) -> Any:
    """A city of so many, some of whom have the phones of the sheet, and a manager who may compare."""
    from app.domain.roles import Role
    from app.extensions import db
    from app.models.encryption import phone_index
    from bench.data import City, make_application, sign_in

    app = make_application(url, City(people, COMPOUNDS), data_dir=folder)
    sign_in(app, Role.CITY_ADMIN)
    with app.app_context():
        connection = db.engine.raw_connection()
        driver: Any = connection.driver_connection
        step = people // KNOWN  # all over the table
        driver.cursor().executemany(SIGNED_UP, [(phone_index(_phone(at)), 1 + at * step) for at in range(KNOWN)])
        driver.commit()
        connection.close()
    return app


def seconds(app: Any, path: Path) -> float:
    """How long the job takes from its start to the result."""
    from sqlalchemy import select

    from app.access import everything
    from app.domain.comparison import ComparisonState
    from app.extensions import db
    from app.models import Account, Comparison
    from app.services import comparison_run, comparisons

    with app.app_context(), everything("a benchmark"):
        account = db.session.execute(select(Account)).scalar_one()
        with path.open("rb") as stream:
            found = comparisons.start(stream, name=path.name, reason="一次测量而已", account=account)
        key = found.id
        started = time.perf_counter()
        comparison_run.run(key)
        taken = time.perf_counter() - started
        found = db.session.get_one(Comparison, key, populate_existing=True)
        assert found.state is ComparisonState.DONE, found.failure
        print(f"{taken:.1f} s: {found.counts}", flush=True)
        db.session.remove()
    return taken


def main() -> None:
    """Compare with both cities in turn; the best of three counts."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder, path = Path(name), Path(name) / "list.csv"
        os.environ["DATA_DIR"] = name
        from tests.postgres import drop, postgres_url

        write_sheet(path)
        urls = postgres_url(), postgres_url()
        with redis_server(folder):  # comparisons are counted, and their jobs queued; no worker takes them here
            apps = [prepared(url, people, folder) for url, people in zip(urls, (FEW, PEOPLE), strict=True)]
            rounds = [tuple(seconds(app, path) for app in apps) for _ in range(3)]
        for url in urls:
            drop(url)
    few, many = (min(side) for side in zip(*rounds, strict=True))
    work, against = f"comparison of {ROWS:,} rows with {PEOPLE:,} persons", f"with {FEW:,} persons"
    report(work=work, compared_with=against, ratio=many / few, reach=REACH, note=f"{many:.1f} s and {few:.1f} s")


if __name__ == "__main__":
    main()
