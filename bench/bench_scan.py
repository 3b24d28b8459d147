"""Scans against a bare route that renders a template of the same size, in the same server with the same settings.

The bare route is the floor of the framework itself: no database, no cookie, no form. A known scan is one POST with its
token checked, the entry committed, the result page rendered; a first registration is the whole form.
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask, render_template
from jinja2 import DictLoader

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import harness

REQUESTS = int(os.environ.get("BENCH_REQUESTS", "1500"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
PEOPLE = 5000
SIZE_VARIABLE = "BENCH_PAGE_BYTES"


def bare() -> Flask:
    """The floor: a plain application with one route; its page has as many bytes as a result page and five blanks."""
    app = Flask("bare")
    blanks = "".join(f"<p>{{{{ value_{number} }}}}</p>" for number in range(5))
    filling = "x" * (int(os.environ[SIZE_VARIABLE]) - 5 * len("<p>2020-03-18 21:17:44</p>"))
    app.jinja_loader = DictLoader({"bare.html": blanks + filling})

    @app.post("/s/<code>")
    def page(code: str) -> str:  # noqa: ARG001 - the route names it
        return render_template("bare.html", **{f"value_{number}": "2020-03-18 21:17:44" for number in range(5)})

    return app


class Town:
    """An application on its database: one compound, people bound to it, and phones that know them."""

    def __init__(self, environment: dict[str, str]) -> None:
        os.environ.update(environment)
        from app import create_app

        self.app = create_app()
        with self.app.app_context():
            self._load()

    def _load(self) -> None:
        from flask_migrate import upgrade

        from app import clock
        from app.access import everything
        from app.domain.venues import VenueKind
        from app.extensions import db
        from app.models import Venue
        from app.services import partitions

        upgrade()
        with everything("the benchmark sets itself up"):
            partitions.ensure_months(clock.now())
            moment = clock.now()
            common = {
                "kind": VenueKind.COMPOUND,
                "area_code": "410102001002",
                "created_at": moment,
                "updated_at": moment,
            }
            db.session.add(Venue(code="BENCH", name="幸福小区", **common))
            db.session.commit()
        self.phones: list[tuple[str, int]] = []
        self.turns = itertools.count()

    def settle_people(self) -> None:
        """Write PEOPLE with a form, a tie and a phone each, as registrations leave them."""
        from sqlalchemy import insert, select

        from app import clock
        from app.access import everything
        from app.domain.documents import DocumentType
        from app.domain.quarantine import QuarantineStatus
        from app.extensions import db
        from app.models import Person, Registration, RememberedIdentity, Residency, Venue
        from app.models.encryption import document_index, phone_index
        from app.scan_pages import device
        from app.services import identities

        moment, people, forms, ties, known = clock.now(), [], [], [], []
        with self.app.app_context(), everything("the benchmark sets itself up"):
            venue = db.session.execute(select(Venue)).scalar_one()
            place = {"venue_id": venue.id, "area_code": venue.area_code}
            for number in range(1, PEOPLE + 1):
                key, document, phone = device.new(), f"BENCH{number:09d}", f"139{number:08d}"
                people.append({
                    "id": number, "name": "何晓明", "document_type": DocumentType.OTHER, "document_number": document,
                    "document_index": document_index("OTHER", document), "phone": phone, "phone_index": phone_index(phone),
                    "created_at": moment, "updated_at": moment,
                })  # fmt: skip
                forms.append(
                    {
                        "id": number,
                        "person_id": number,
                        "created_at": moment,
                        "name": "何晓明",
                        "address": "3号楼",
                        **place,
                    }
                )
                ties.append({
                    "person_id": number, "registration_id": number, "status": QuarantineStatus.NOT_REQUIRED,
                    "created_at": moment, "updated_at": moment, **place,
                })  # fmt: skip
                known.append({
                    "id": number, "device_index": identities.device_index(key), "person_id": number,
                    "registration_id": number, "created_at": moment, "last_used_at": moment,
                })  # fmt: skip
                self.phones.append((key, number))
            for model, rows in (
                (Person, people),
                (Registration, forms),
                (Residency, ties),
                (RememberedIdentity, known),
            ):
                db.session.execute(insert(model), rows)
            self._go_on_counting()
            db.session.commit()

    @staticmethod
    def _go_on_counting() -> None:
        """Numbers that were given leave PostgreSQL's counters behind."""
        from sqlalchemy import text

        from app.extensions import db

        if db.engine.dialect.name == "postgresql":
            for table in ("person", "registration", "remembered_identity"):
                db.session.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {PEOPLE})"))

    def known_scans(self, count: int) -> list[bytes]:
        """Requests of the known in turn, each a page of its own."""
        from app import clock
        from app.scan_pages import form_token

        made = []
        with self.app.app_context():
            for _ in range(count):
                turn = next(self.turns)
                key, identity = self.phones[turn % len(self.phones)]
                token = form_token.issue(clock.now(), code="BENCH", device=key, subject=str(identity))
                body = urlencode({"form_token": token, "identity": identity, "action": "register"})
                made.append(_post(body, key, turn))
        return made

    def first_forms(self, count: int, *, start: int) -> list[bytes]:
        """Requests with the whole form, of people and phones that nobody knows."""
        from app import clock
        from app.scan_pages import device, form_token
        from tests.factories import id_card

        made = []
        with self.app.app_context():
            for number in range(start, start + count):
                key = device.new()
                typed = {
                    "form_token": form_token.issue(clock.now(), code="BENCH", device=key),
                    "name": "何晓明",
                    "document_type": "ID_CARD",
                    "document_number": id_card(
                        number,
                        birth=f"{1950 + number // 28000 % 50}{1 + number // 28000:02d}{1 + number // 1000 % 28:02d}",
                    ),
                    "phone_number": f"138{number:08d}",
                    "address": "幸福小区3号楼2单元501室",
                    "plate_number": "豫A12345",
                    "is_returnee": "no",
                    "consent": "y",
                }
                made.append(_post(urlencode(typed), key, number))
        return made


def _post(body: str, key: str, turn: int) -> bytes:
    # Behind a proxy, as in production: every phone has an address of its own, so that the limits count but do not bite.
    headers = {"Cookie": f"device={key}", "X-Forwarded-For": f"10.{turn >> 16 & 255}.{turn >> 8 & 255}.{turn & 255}"}
    return harness.http_request("POST", "/s/BENCH", headers=headers, body=body.encode())


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """Both databases, and a Redis that whatever is started meanwhile finds."""
    with harness.durable_postgres(folder) as url, harness.redis_server(folder) as redis:
        os.environ["REDIS_URL"] = redis
        yield {"PostgreSQL": url, "SQLite": f"sqlite:///{folder / 'bench.db'}"}


def _page_bytes(town: Town) -> int:
    request = town.known_scans(1)[0]
    head, _, body = request.partition(b"\r\n\r\n")
    cookie = head.decode().partition("Cookie: device=")[2].partition("\r\n")[0]
    client = town.app.test_client()
    client.set_cookie("device", cookie)
    page = client.post("/s/BENCH", data=body, content_type="application/x-www-form-urlencoded")
    assert "登记成功" in page.text
    return len(page.data)


def measure(database: str, url: str, folder: Path) -> None:
    """Prints the ratios of one database."""
    environment = {"DATABASE_URL": url, "DATA_DIR": str(folder / database), "APP_ENV": "demo", "TRUST_PROXY": "1"}
    town = Town(environment)
    town.settle_people()
    size = _page_bytes(town)
    numbers = iter(range(0, 10**6, REQUESTS))
    with (
        harness.web_server("bench.bench_scan:bare", {SIZE_VARIABLE: str(size)}) as floor_port,
        harness.web_server("app:create_app", environment) as port,
    ):
        floor_requests = [_post("form_token=x&identity=1&action=register", "x" * 22, turn) for turn in range(REQUESTS)]

        def floor() -> float:
            return harness.requests_a_second(floor_port, floor_requests, expect=b"200 OK")

        def known() -> float:
            return harness.requests_a_second(port, town.known_scans(REQUESTS), expect="登记成功".encode())

        def first() -> float:
            forms = town.first_forms(REQUESTS, start=next(numbers))
            return harness.requests_a_second(port, forms, expect="登记成功".encode())

        note = f"{database}, page of {size} bytes"
        _compare("scan of a known person", known, floor, ">= 0.45" if database == "PostgreSQL" else ">= 0.25", note)
        if os.environ.get("BENCH_KNOWN"):
            return
        _compare("first registration", first, floor, ">= 0.15", note)


def _compare(work: str, mine: Callable[[], float], floor: Callable[[], float], reach: str, note: str) -> None:
    ratio, ratios = harness.compare(mine, floor, rounds=ROUNDS)
    spread = f"{ratios[0]:.2f} to {ratios[-1]:.2f}; floor {floor():.0f} a second"
    harness.report(
        work=work,
        compared_with="a bare route with a page of the same size",
        ratio=ratio,
        reach=reach,
        note=f"{note}; {spread}",
    )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-scan-") as name, databases(Path(name)) as urls:
        for database in sys.argv[1:] or urls:
            measure(database, urls[database], Path(name))


if __name__ == "__main__":
    main()
