"""A sector's statistics and the dashboard with 10,000,000 entry records against the same pages with 100,000.

Both databases stand on one server and have the same venues; pages are asked for in turn, signed in, menu and all; the
middle times count. `ENTRIES` and `FEW` change the numbers.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from statistics import median

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, text, update

from bench.bench_lists import report

ENTRIES, FEW = int(os.environ.get("ENTRIES", "10000000")), int(os.environ.get("FEW", "100000"))
VENUES, DAYS, ROUNDS = 400, 30, 15
STATISTICS = "/sectors/metro-station/statistics/"
# Named by what is searched for.
PAGES = {
    "first": STATISTICS,
    "by name": f"{STATISTICS}?name=7",
    "by days": f"{STATISTICS}?from_day={{start}}&to_day={{today}}",
    "seldom used": f"{STATISTICS}?most=3",
}

# Each hour of the last days has its share; ids carry their moment.
_SCANS = """
INSERT INTO entry_record (id, recorded_at, venue_id, area_code, person_id, registration_id, source, outcome, color,
    is_key_area, is_breach, is_remote)
SELECT (CAST(extract(epoch FROM moment - timestamptz '2020-01-01 00:00:00+00') * 1000 AS bigint) << 22) | (i & 4194303),
    moment, v.id, v.area_code, 1, 1, 'SCAN', 'ADMITTED', CASE WHEN i % 40 = 0 THEN 'YELLOW' ELSE 'GREEN' END,
    false, false, false
FROM (
    SELECT i, CAST(:now AS timestamptz) - CAST(i AS double precision) / :entries * :days * interval '1 day' AS moment
    FROM generate_series(1, :entries) AS i
) AS dealt JOIN (
    SELECT id, area_code, row_number() OVER (ORDER BY id) - 1 AS place FROM venue WHERE kind = 'METRO_STATION'
) v ON v.place = (hashint4(i) & 2147483647) % :venues"""


class Statistics:
    """One city with so many scans in its metro, counted by the hour, and its managers."""

    def __init__(self, url: str, entries: int, folder: Path) -> None:
        from app.domain.roles import Role
        from bench.data import City, make_application, sign_in

        self.app: Flask = make_application(url, City(1_000, 16), data_dir=folder)
        started = time.perf_counter()
        self._scan(entries)
        print(f"{entries:,} entries made and counted in {time.perf_counter() - started:.0f} s", flush=True)
        self.city: FlaskClient = sign_in(self.app, Role.CITY_ADMIN)
        self.metro: FlaskClient = sign_in(self.app, Role.SECTOR_ADMIN)
        self._make_manager()

    def _scan(self, entries: int) -> None:
        from app import clock
        from app.access import everything
        from app.domain.venues import VenueKind
        from app.extensions import db
        from app.models import EntryRollup, Venue
        from app.profiles import districts, load_profile
        from app.services import statistics

        moment = clock.now()
        with self.app.app_context(), everything("a benchmark sets itself up"):
            areas = [one.code for one in districts(load_profile(self.app.config["REGION"]))]
            rows = [
                {"code": f"METRO{at:06d}", "name": f"{at}号站", "area_code": areas[at % len(areas)]}
                for at in range(VENUES)
            ]
            shared = {"kind": VenueKind.METRO_STATION, "created_at": moment, "updated_at": moment}
            db.session.execute(insert(Venue.__table__), [{**row, **shared} for row in rows])
            db.session.execute(text("SET LOCAL session_replication_role = replica"))
            values = {"now": moment, "entries": entries, "days": DAYS, "venues": VENUES}
            db.session.execute(text(_SCANS), values)
            db.session.execute(update(EntryRollup.__table__).values(counted_until=None))
            db.session.commit()
            statistics.catch_up()
            db.session.remove()
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))

    def _make_manager(self) -> None:
        from app.access import everything
        from app.domain.roles import Role
        from app.domain.venues import VenueKind
        from app.extensions import db
        from app.models import Account

        with self.app.app_context(), everything("a benchmark sets itself up"):
            account = db.session.query(Account).filter(Account.role == Role.SECTOR_ADMIN).one()
            account.area_code, account.venue_kind = "4101", VenueKind.METRO_STATION
            db.session.commit()


def main() -> None:
    """Make both cities, ask in turn, print the measures."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        os.environ["DATA_DIR"] = name
        from tests.postgres import drop, postgres_url

        urls = postgres_url(), postgres_url()
        few, many = (Statistics(url, size, Path(name)) for url, size in zip(urls, (FEW, ENTRIES), strict=True))
        note = f"{VENUES} venues, {DAYS} days"
        ratios = {page: ratio(few.metro, many.metro, address) for page, address in addresses().items()}
        worst = max(ratios, key=lambda page: ratios[page])
        against = f"the same with {FEW:,} entries"
        report(f"扫码统计 with {ENTRIES:,} entries", against, ratios[worst], "<= 1.2", f"the worst: {worst}; {note}")
        report(f"数据看板 with {ENTRIES:,} entries", against, ratio(few.city, many.city, "/dashboard/"), "<= 1.5", note)
        for url in urls:
            drop(url)


def addresses() -> dict[str, str]:
    from datetime import timedelta

    from app.clock import local_date, now
    from app.profiles import load_profile

    day = local_date(now(), load_profile("zhengzhou").zone)
    return {page: url.format(start=day - timedelta(days=7), today=day) for page, url in PAGES.items()}


def ratio(few: FlaskClient, many: FlaskClient, address: str) -> float:
    """How many times longer the page takes with many entries."""
    asked = []
    for turn in range(ROUNDS + 2):
        # In turn the first: what a page leaves behind is cleared away at the cost of the next one.
        if turn % 2:
            asked.append((seconds(few, address), seconds(many, address)))
        else:
            asked.append((seconds(many, address), seconds(few, address))[::-1])
    small, large = (median(side) * 1000 for side in zip(*asked[2:], strict=True))  # plans are made first
    print(f"{address}: {small:.1f} ms, {large:.1f} ms, ratio {large / small:.2f}", flush=True)
    return large / small


def seconds(client: FlaskClient, address: str) -> float:
    started = time.perf_counter()
    response = client.get(address)
    assert response.status_code == 200, f"{address}: {response.status}"
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
