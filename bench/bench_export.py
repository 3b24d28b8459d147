"""Export of 100,000 filtered residents, from the click to the file, against xlsxwriter writing the same cells.

So many rows are a job's work: the click orders it, the job writes and seals it (here in the same process), and the
download opens it. Both in processes of their own, in turn; the cells of the other side are read from our file before
its clock starts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.harness import redis_server

PEOPLE = int(os.environ.get("PEOPLE", "104500"))  # of whom a little more than 100,000 are found by the filter
FILTER = "status=NOT_REQUIRED"
ROUNDS = 3
MOST_MEGABYTES = 150


def main() -> None:
    """Make the city, let both sides write in turn, print the measure."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        os.environ["DATA_DIR"] = name
        from tests.postgres import drop, postgres_url

        url = postgres_url()
        prepare(url, folder)
        with redis_server(folder):
            rounds = [(run("--ours", url, name), run("--theirs", url, name)) for _ in range(ROUNDS)]
        drop(url)
    ratio = median(ours["seconds"] / theirs["seconds"] for ours, theirs in rounds)
    peak = max(ours["megabytes"] for ours, _ in rounds)
    ours, theirs = (median(side[at]["seconds"] for side in rounds) for at in (0, 1))
    note = f"{rounds[0][0]['rows']:,} rows; {ours:.1f} s and {theirs:.1f} s; peak {peak} MB"
    against = "xlsxwriter (constant_memory) writing the same cells"
    print(
        json.dumps(
            {"work": "export of residents", "compared_with": against, "ratio": ratio, "reach": "<= 0.5", "note": note}
        )
    )
    memory = {"work": "export, peak memory", "compared_with": f"{MOST_MEGABYTES} MB", "ratio": peak / MOST_MEGABYTES}
    print(json.dumps({**memory, "reach": "<= 1.0"}))


def prepare(url: str, folder: Path) -> None:
    """The city and its manager's session."""
    from app.domain.roles import Role
    from bench.data import City, make_application, sign_in

    app = make_application(url, City(PEOPLE, 50), data_dir=folder)
    client = sign_in(app, Role.CITY_ADMIN)
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    (folder / "cookie").write_text(cookie.value)
    from app.extensions import db

    with app.app_context():
        db.engine.dispose()


def run(side: str, url: str, folder: str) -> dict[str, Any]:
    """What one side says of itself."""
    done = subprocess.run([sys.executable, __file__, side, url, folder], stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(side.strip("-"), found, flush=True)
    return found


def ours(url: str, folder: Path) -> dict[str, Any]:
    """Click 「导出」, do its job, receive the file."""
    from app import create_app
    from app.services import exports

    app = create_app("test", SQLALCHEMY_DATABASE_URI=url, DATA_DIR=folder)
    client = app.test_client()
    client.set_cookie(app.config["SESSION_COOKIE_NAME"], (folder / "cookie").read_text())
    before = peak_megabytes()
    started, used = time.perf_counter(), time.process_time()
    response = client.get(f"/residents/export?{FILTER}", buffered=False)
    if page := response.headers.get("Location"):
        with app.app_context():
            exports.make(int(page.rsplit("/", 1)[-1]))
        response = client.get(f"{page}/file", buffered=False)
    assert response.status_code == 200, response.status
    with (folder / "ours.xlsx").open("wb") as file:
        for part in response.response:
            file.write(part if isinstance(part, bytes) else part.encode())
    seconds = time.perf_counter() - started
    found = {
        "seconds": seconds,
        "processor": time.process_time() - used,
        "before": before,
        "megabytes": peak_megabytes(),
    }
    return {**found, "rows": len(cells(folder)) - 2}


def peak_megabytes() -> int:
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) >> 10


def cells(folder: Path) -> list[list[str]]:
    from python_calamine import CalamineWorkbook

    found: list[list[str]] = CalamineWorkbook.from_path(str(folder / "ours.xlsx")).get_sheet_by_index(0).to_python()
    return found


def theirs(folder: Path) -> dict[str, Any]:
    """The cells of our file once more, by xlsxwriter, and nothing else."""
    import xlsxwriter

    rows = cells(folder)
    started, used = time.perf_counter(), time.process_time()
    book = xlsxwriter.Workbook(str(folder / "theirs.xlsx"), {"constant_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        for at, cell in enumerate(row):
            sheet.write_string(number, at, cell)
    book.close()
    return {"seconds": time.perf_counter() - started, "processor": time.process_time() - used}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        side, url, folder = sys.argv[1:]
        os.environ["DATA_DIR"] = folder
        print(json.dumps(ours(url, Path(folder)) if side == "--ours" else theirs(Path(folder))))
    else:
        main()
