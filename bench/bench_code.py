"""The code page and its live token against a bare route, in the same server with the same settings (issue 2.4).

Every request is another person's: a signature and a QR are made for each, nothing comes from a cache.
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from flask import Flask, render_template
from jinja2 import DictLoader

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import harness

REQUESTS = int(os.environ.get("BENCH_REQUESTS", "600"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
GREEN, EXPLAINED = range(1, 2001), range(2001, 2201)
SIZE_VARIABLE = "BENCH_PAGE_BYTES"
FLOOR_PATH = "/bare"
# What is asked, of whom, what the answer says, and what share of the bare route's rate it should reach.
WORKS = (
    ("code page", "", GREEN, "绿码".encode(), 0.04),
    ("code page with two reasons", "", EXPLAINED, "黄码".encode(), 0.025),
    ("live token", "/token", GREEN, b'"tone":"green"', 0.1),
)


def bare() -> Flask:
    """The floor: a plain application with one route; its page has as many bytes as what it is compared with."""
    app = Flask("bare")
    app.jinja_loader = DictLoader({"bare.html": "{{ value }}" + "x" * int(os.environ[SIZE_VARIABLE])})

    @app.get(FLOOR_PATH)
    def page() -> str:
        return render_template("bare.html", value="")

    return app


class Town:
    """An application on its database, with people who hold codes on phones of their own: green ones, and some that are
    yellow for two reasons."""

    def __init__(self, environment: dict[str, str]) -> None:
        os.environ.update(environment)
        from app import create_app

        self.app = create_app()
        self.phones: list[str] = []
        self.turns = itertools.count()
        with self.app.app_context():
            self._load()

    def _load(self) -> None:
        from flask_migrate import upgrade
        from sqlalchemy import insert

        from app import clock
        from app.access import everything
        from app.domain.documents import DocumentType
        from app.extensions import db
        from app.models import HealthCode, HeldCode, Person
        from app.models.encryption import document_index, phone_index
        from app.scan_pages import device
        from app.services import identities

        upgrade()
        moment = clock.now()
        times = {"created_at": moment, "updated_at": moment}
        people, codes, held = [], [], []
        for number in (*GREEN, *EXPLAINED):
            document, phone, key = f"BENCH{number:09d}", f"139{number:08d}", device.new()
            people.append({
                "id": number, "name": "何晓明", "document_type": DocumentType.OTHER, "document_number": document,
                "document_index": document_index("OTHER", document), "phone": phone, "phone_index": phone_index(phone),
                **times,
            })  # fmt: skip
            codes.append({
                "id": number, "person_id": number, "number": f"{number:012d}", "phone_index": phone_index(phone),
                "area_code": "410102", **times,
            })  # fmt: skip
            held.append(
                {"id": number, "device_index": identities.device_index(key), "code_id": number, "created_at": moment}
            )
            self.phones.append(key)
        with everything("the benchmark sets itself up"):
            for model, rows in ((Person, people), (HealthCode, codes), (HeldCode, held)):
                db.session.execute(insert(model), rows)
            db.session.commit()
            for number in EXPLAINED:
                self._explain(f"BENCH{number:09d}")

    def _explain(self, document: str) -> None:
        """The owner of the document is yellow, for a visit and a purchase."""
        from app import clock
        from app.domain.documents import DocumentType
        from app.domain.health import EvidenceKind
        from app.domain.roles import Role
        from app.models import EvidenceSource
        from app.services import evidence
        from app.services.audit import SYSTEM
        from app.services.evidence import NewEvidence

        for kind in (EvidenceKind.FEVER_CLINIC, EvidenceKind.ANTIPYRETIC):
            new = NewEvidence(
                document_type=DocumentType.OTHER, document_number=document, name="何晓明", kind=kind,
                began_at=clock.now(), area_code="410102", owner_role=Role.DISTRICT_ADMIN,
                source_kind=EvidenceSource.TEST,
            )  # fmt: skip
            evidence.bring(new, actor=SYSTEM)

    def requests(self, count: int, *, tail: str = "", among: range = GREEN) -> list[bytes]:
        """Requests of the phones in turn for their own page, or for what lies below it."""
        return [self._request(next(self.turns), tail, among) for _ in range(count)]

    def _request(self, turn: int, tail: str, among: range) -> bytes:
        held_id = among[turn % len(among)]
        # Behind a proxy, as in production: every phone has an address of its own, so that the limits do not bite.
        address = f"10.{turn >> 16 & 255}.{turn >> 8 & 255}.{turn & 255}"
        headers = {"Cookie": f"device={self.phones[held_id - 1]}", "X-Forwarded-For": address}
        return harness.http_request("GET", f"/code/{held_id}{tail}", headers=headers)

    def size(self, tail: str, among: range) -> int:
        """How many bytes an answer has."""
        client, held_id = self.app.test_client(), among[0]
        client.set_cookie("device", self.phones[held_id - 1])
        answer = client.get(f"/code/{held_id}{tail}")
        assert answer.status_code == 200
        return len(answer.data)


def measure(database: str, url: str, redis: str, folder: Path) -> None:
    """Prints the ratios of one database."""
    environment = {
        "DATABASE_URL": url, "REDIS_URL": redis, "DATA_DIR": str(folder / database), "APP_ENV": "demo",
        "TRUST_PROXY": "1",
    }  # fmt: skip
    town = Town(environment)
    with harness.web_server("app:create_app", environment) as port:
        for work, tail, among, expect, reach in WORKS:
            size, requests = town.size(tail, among), partial(town.requests, REQUESTS, tail=tail, among=among)
            with harness.web_server("bench.bench_code:bare", {SIZE_VARIABLE: str(size)}) as floor_port:
                _compare(work, _asking(port, requests, expect), _asking(floor_port, _floor_requests, b"200 OK"),
                         reach, f"{database}, {size} bytes")  # fmt: skip


def _floor_requests() -> list[bytes]:
    return [harness.http_request("GET", FLOOR_PATH)] * REQUESTS


def _asking(port: int, requests: Callable[[], list[bytes]], expect: bytes) -> Callable[[], float]:
    return lambda: harness.requests_a_second(port, requests(), expect=expect)


def _compare(work: str, mine: Callable[[], float], floor: Callable[[], float], reach: float, note: str) -> None:
    ratio, ratios = harness.compare(mine, floor, rounds=ROUNDS)
    harness.report(
        work=work,
        compared_with="a bare route with an answer of the same size",
        ratio=ratio,
        reach=f">= {reach}",
        note=f"{note}; {ratios[0]:.2f} to {ratios[-1]:.2f}; floor {floor():.0f} a second",
    )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-code-") as name:
        folder = Path(name)
        with harness.durable_postgres(folder) as url, harness.redis_server(folder) as redis:
            urls = {"PostgreSQL": url, "SQLite": f"sqlite:///{folder / 'bench.db'}"}
            for database in sys.argv[1:] or urls:
                measure(database, urls[database], redis, folder)


if __name__ == "__main__":
    main()
