"""The lists of residents and entries with 1,000,000 rows against the same pages with 10,000, first page and deep.

Both databases stand on one server; pages are asked for in turn, signed in, menu and all; the middle times count.
`PEOPLE` changes the larger number; `FULL=1` measures searches too.
"""

from __future__ import annotations

import html
import json
import os
import re
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

PEOPLE = int(os.environ.get("PEOPLE", "1000000"))
FEW = 10_000
# One compound in each district holds the few: 625 residents, where one of the large city has 2,000.
COMPOUNDS, FEW_COMPOUNDS = 500, 16
PAGES_DEEP = 20
ROUNDS = 15
MOST_STATEMENTS = 8
_TURNS = range(ROUNDS + 2)
_NEXT = re.compile(r'href="([^"]*[?&](?:amp;)?after=[^"]*)"')
SEARCHES = {"name": "?name=何晓", "phone": "?phone={phone}", "document": "?document_number={document}"}
OWN_SEARCHES = {"/residents/": "?status=CONFIRMED", "/entries/": "?source=MANUAL"}


class Pages:
    """One city's pages, for each role, with what they cost."""

    def __init__(self, url: str, *, people: int, compounds: int, folder: Path, others: Sequence[Any] = ()) -> None:
        from app.extensions import db
        from bench.data import City, make_application, sign_in

        self.app: Flask = make_application(url, City(people, compounds), data_dir=folder)
        self.clients = {role.name: sign_in(self.app, role) for role in (*roles(), *others)}
        self.statements = 0
        with self.app.app_context():
            event.listen(db.engine, "before_cursor_execute", self._note)

    def _note(self, *_details: Any) -> None:
        self.statements += 1

    def seconds(self, role: str, address: str) -> float:
        """How long the page takes; `statements` says what it asked."""
        self.statements = 0
        started = time.perf_counter()
        response = self.clients[role].get(address)
        assert response.status_code == 200, f"{address}: {response.status}"
        return time.perf_counter() - started


def roles() -> list[Any]:
    from app.domain.roles import Role

    return [Role.CITY_ADMIN, Role.DISTRICT_ADMIN, Role.COMPOUND_ADMIN]


def main() -> None:
    """Make both cities, ask in turn, print the measures."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        os.environ["DATA_DIR"] = name
        from tests.postgres import drop, postgres_url

        urls = postgres_url(), postgres_url()
        few = Pages(urls[0], people=FEW, compounds=FEW_COMPOUNDS, folder=Path(name))
        many = Pages(urls[1], people=PEOPLE, compounds=COMPOUNDS, folder=Path(name))
        for listed in ("/residents/", "/entries/"):
            measure(few, many, listed)
        for url in urls:
            drop(url)


def measure(few: Pages, many: Pages, listed: str) -> None:
    """Print each page's times, and the worst ratio of the first and the deep ones as the measure."""
    found: dict[str, float] = {}
    statements = 0
    for role in few.clients:
        for page, (small, large) in addresses(few.clients[role], many.clients[role], listed).items():
            asked = [(few.seconds(role, small), many.seconds(role, large)) for _ in _TURNS]
            times = asked[2:]  # statements are compiled and prepared first
            medians = [median(side) * 1000 for side in zip(*times, strict=True)]
            ratio = medians[1] / medians[0]
            statements = max(statements, few.statements, many.statements)
            print(f"{listed} {role} {page}: {medians[0]:.1f} ms, {medians[1]:.1f} ms, ratio {ratio:.2f}", flush=True)
            if page in ("first", "deep"):
                found[f"{role.lower()}, {page}"] = ratio
    worst = max(found, key=lambda key: found[key])
    against = f"the same with {FEW:,} rows"
    report(f"{listed} with {PEOPLE:,} rows", against, found[worst], "<= 1.2", f"the worst: {worst}")
    report(f"{listed}: statements a page", "one statement", statements, f"<= {MOST_STATEMENTS}", "the most of any page")


def addresses(small: FlaskClient, large: FlaskClient, listed: str) -> dict[str, tuple[str, str]]:
    """The pages to ask for, each with its address in both cities: cursors differ."""
    from bench.data import KNOWN_DOCUMENT, KNOWN_PHONE

    found = {"first": (listed, listed), "deep": (deep(small, listed), deep(large, listed))}
    if os.environ.get("FULL"):
        for name, search in {**SEARCHES, "own": OWN_SEARCHES[listed]}.items():
            address = listed + search.format(phone=KNOWN_PHONE, document=KNOWN_DOCUMENT)
            found[name] = (address, address)
    return found


def deep(client: FlaskClient, address: str) -> str:
    """The address of the page that many clicks on 「下一页」 lead to."""
    for _ in range(PAGES_DEEP):
        following = next_page(client, address)
        assert following, f"{address} is the last page"
        address = following
    return address


def next_page(client: FlaskClient, address: str) -> str | None:
    """The address that 「下一页」 of the page leads to; None for the last page."""
    found = _NEXT.search(client.get(address).text)
    return html.unescape(found.group(1)) if found else None


def report(work: str, compared_with: str, ratio: float, reach: str, note: str) -> None:
    measure = {"work": work, "compared_with": compared_with, "ratio": ratio, "reach": reach, "note": note}
    print(json.dumps(measure, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
