"""A known passenger's scan and a traveller's form against a bare route and a single insert; codes and posters a second.

The town, the bare route and the client are those of bench_scan; what differs is the venue's kind and the form. Codes
with their posters are made in a process of their own, so that the peak is that of this work alone.
"""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import bench_scan, harness
from bench.bench_scan import Town

REQUESTS = int(os.environ.get("BENCH_REQUESTS", "500"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
POSTERS = int(os.environ.get("BENCH_POSTERS", "200"))
CODES = int(os.environ.get("BENCH_CODES", "10000"))
STATION = "BENCHSTATION"
PAGE_BYTES = 2600


class City(Town):
    """The town with its compound made a bus, and a station besides."""

    def open_sector(self) -> None:
        from sqlalchemy import update

        from app import clock
        from app.access import everything
        from app.domain.venues import VenueKind
        from app.extensions import db
        from app.models import Venue

        moment = clock.now()
        with self.app.app_context(), everything("the benchmark sets itself up"):
            db.session.execute(update(Venue.__table__).values(kind=VenueKind.BUS))
            place = {"name": "郑州火车站", "area_code": "410103", "created_at": moment, "updated_at": moment}
            db.session.add(Venue(kind=VenueKind.RAILWAY_STATION, code=STATION, **place))
            db.session.commit()

    def arrivals(self, count: int, *, known: int = 0) -> list[bytes]:
        """Return filled-in forms of the station from a district without risk, each of somebody new or, of `known`
        travellers, of those who came before."""
        from app import clock
        from app.scan_pages import device, form_token

        with self.app.app_context():
            found = []
            for number in range(count):
                key = device.new()
                who = number % known if known else next(self.turns)
                sent = {
                    "form_token": form_token.issue(clock.now(), code=STATION, device=key),
                    "name": "何晓明",
                    "document_type": "OTHER",
                    "document_number": f"BENCH{who + 1:09d}" if known else f"ARR{who:09d}",
                    "phone_number": "13900000001",
                    "is_from_abroad": "no",
                    "origin_province": "44",
                    "origin_city": "4401",
                    "origin_district": "440106",
                    "consent": "y",
                }
                headers = {**_headers(key), "X-Forwarded-For": _address(next(self.turns))}
                found.append(harness.http_request("POST", f"/s/{STATION}", headers=headers, body=_form(sent)))
            return found

    def insert_seconds(self, count: int) -> float:
        """Return the seconds of one row inserted and committed, in the same database by one connection."""
        from sqlalchemy import text

        from app.extensions import db

        with self.app.app_context(), db.engine.connect() as connection:
            connection.execute(text("CREATE TABLE IF NOT EXISTS bench_row (id BIGINT PRIMARY KEY, word VARCHAR(40))"))
            connection.commit()
            start = time.perf_counter()
            for _ in range(count):
                values = {"id": next(self.turns) + time.time_ns(), "word": "x" * 40}
                connection.execute(text("INSERT INTO bench_row VALUES (:id, :word)"), values)
                connection.commit()
            return (time.perf_counter() - start) / count


def _headers(key: str) -> dict[str, str]:
    return {"Cookie": f"device={key}", "Content-Type": "application/x-www-form-urlencoded"}


def _address(turn: int) -> str:
    """An address of its own for every phone, so that the limits count but do not bite."""
    return f"10.{turn >> 16 & 255}.{turn >> 8 & 255}.{turn & 255}"


def _form(sent: dict[str, str]) -> bytes:
    return urlencode(sent).encode()


def measure(database: str, url: str, folder: Path) -> None:
    """Print the ratios of one database."""
    environment = {"DATABASE_URL": url, "DATA_DIR": str(folder / database), "APP_ENV": "demo", "TRUST_PROXY": "1"}
    city = City(environment)
    city.settle_people()
    city.open_sector()
    size = {bench_scan.SIZE_VARIABLE: str(PAGE_BYTES)}
    with (
        harness.web_server("bench.bench_scan:bare", size) as floor_port,
        harness.web_server("app:create_app", environment) as port,
    ):
        plain = city.known_scans(REQUESTS)

        def floor() -> float:
            return harness.requests_a_second(floor_port, plain, expect=b"200 OK")

        def insert() -> float:
            return 1 / city.insert_seconds(REQUESTS)

        def known() -> float:
            return harness.requests_a_second(port, city.known_scans(REQUESTS), expect="登记成功".encode())

        def arrival() -> float:
            return harness.requests_a_second(port, city.arrivals(REQUESTS), expect="登记成功".encode())

        def known_arrival() -> float:
            forms = city.arrivals(REQUESTS, known=bench_scan.PEOPLE)
            return harness.requests_a_second(port, forms, expect="登记成功".encode())

        is_postgres = database == "PostgreSQL"
        for work, mine, reach in (
            ("sector scan of a known person", known, ">= 0.4" if is_postgres else ">= 0.25"),
            ("checkpoint form of somebody new", arrival, ">= 0.15"),
            ("checkpoint form of a known person", known_arrival, ">= 0.15"),
        ):
            for compared_with, other, mark in (
                ("a bare route with a template", floor, reach),
                ("a single insert and commit", insert, ">= 0"),
            ):
                ratio, ratios = harness.compare(mine, other, rounds=ROUNDS)
                note = f"{database}; {ratios[0]:.2f} to {ratios[-1]:.2f}"
                harness.report(work=work, compared_with=compared_with, ratio=ratio, reach=mark, note=note)
    command = [sys.executable, __file__, "generate", database]
    subprocess.run(command, env={**os.environ, **environment}, check=True)


def generate(database: str) -> None:
    """Print how many codes a second a batch's job makes, and how many with their posters in sealed archives."""
    from app import create_app
    from app.access import everything
    from app.domain.codes import PrintForm
    from app.domain.roles import Role
    from app.domain.venues import VenueKind
    from app.extensions import db
    from app.models import Account
    from app.services import code_pool, code_prints, files

    with create_app().app_context(), everything("the benchmark orders a batch"):
        who = Account(username="bench", first_name="bench", last_name="", email="bench@account.invalid", active=True,
            role=Role.CITY_ADMIN, area_code="4101")  # fmt: skip
        db.session.add(who)
        db.session.commit()
        start = time.perf_counter()
        batch = code_pool.generate(kind=VenueKind.BUS, size=CODES, remark="", account=who)
        code_pool.make_codes(batch.id)
        print(f"{database}: {CODES / (time.perf_counter() - start):.0f} codes a second", flush=True)
        print(f"{database}: peak memory {_peak()} MB", flush=True)

        def write() -> None:
            for order in code_prints.order(batch, PrintForm.ARCHIVE, account=who):
                code_prints.make(order.id)
                file_id, order.file_id = order.file_id, None
                db.session.commit()
                files.remove(file_id)  # ten archives together would only fill the disk

        posters(write, CODES, f"{database}: {CODES} codes with their posters in sealed archives")


def posters(write: Callable[..., None], count: int, name: str) -> None:
    """Print how many posters a second one process makes, and the most memory it has held so far."""
    start = time.perf_counter()
    write()
    seconds = time.perf_counter() - start
    print(f"{name}: {count / seconds:.1f} a second, peak memory {_peak()} MB", flush=True)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def draw() -> None:
    """Print how fast posters are drawn, without a database."""
    from app.posters import Poster
    from app.posters.many import write_archive, write_sheet

    def one(number: int) -> Poster:
        return Poster(
            title="公交乘客健康扫码",
            venue_name=f"公交1-{number:05d}",
            area_name="郑州市",
            url=f"https://example.invalid/s/GJ{number:010d}",
            short_code=f"GJ00-0000-{number:04d}",
            issuer="防控办公室",
            printed_on=date(2020, 7, 1),
            kind_label="公交",
        )

    named = ((f"{number}.png", one(number)) for number in range(POSTERS))
    posters(lambda: write_archive(io.BytesIO(), named, tell=lambda _count: None), POSTERS, "archive")
    many = (one(number) for number in range(POSTERS))
    told = {"printed_on": date(2020, 7, 1), "tell": lambda _count: None}
    posters(lambda: write_sheet(io.BytesIO(), many, **told), POSTERS, "sheet")


def main() -> None:
    if sys.argv[1:2] == ["generate"]:
        generate(sys.argv[2])
        return
    draw()
    with tempfile.TemporaryDirectory(prefix="bench-sectors-") as name, bench_scan.databases(Path(name)) as urls:
        for database in sys.argv[1:] or urls:
            measure(database, urls[database], Path(name))


if __name__ == "__main__":
    main()
