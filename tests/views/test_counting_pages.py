"""Every number of 「排查统计」, 「筛查管理统计」 and of a list opens exactly the rows that it counts (X13, Z112, D8)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert

from app import clock
from app.domain.roles import Role
from app.domain.screening import ScreeningKind
from app.extensions import db
from app.models import ScreeningEntry
from app.services import screening
from app.services.audit import SYSTEM
from app.views.listing import COUNT_CAP
from tests.returnees import row_of
from tests.web import text

FIRST, LATER = date(2020, 3, 20), date(2020, 4, 20)
_FIGURE = re.compile(r'<dt><a href="([^"]+)">[^<]+</a></dt>\s*<dd class="figure-value"[^>]*>([\d,]+)<')
_TOTALS = re.compile(r'>总数</a></dt>\s*<dd class="figure-value"[^>]*>([\d,+]+)<')
_PAGER = re.compile(r"共 [\d,+]+ 条")
_CELL = re.compile(r'<td[^>]*><a href="([^"]+)">([\d,]+)</a>')
SEARCH = f"?since={FIRST}&until={FIRST}"


def waiting(row: ScreeningEntry, *, at: str) -> ScreeningEntry:
    """The row is dispatched to nobody: at the city for its district, at a district because it may be there twice."""
    row.area_code, row.dispatched_at = at, None
    row.undispatched_reason = "NO_DISTRICT" if at == "4101" else "POSSIBLE_DUPLICATE"
    return row


@pytest.fixture
def rows(app: Any) -> None:
    """Of two lists: in two districts and the tray, worked on and not, of two days and two categories."""
    for serial, (kind, area, day, category) in enumerate(
        (kind, area, day, category)
        for kind in (ScreeningKind.HEADQUARTERS, ScreeningKind.NUCLEIC_TEST)
        for area in ("410102", "410105")
        for day in (FIRST, FIRST, LATER)
        for category in ("AIRPORT", "POLICE")
    ):
        row = row_of(kind, serial, area_code=area, listed_on=day, entered_at=day, result=None)
        row.category = category if kind is ScreeningKind.HEADQUARTERS else None
        if serial % 3 == 0:
            status = "HOME" if kind is ScreeningKind.HEADQUARTERS else "NEGATIVE"
            screening.record_outcome(row, status=status, remark="", actor=SYSTEM)
    waiting(row_of(ScreeningKind.HEADQUARTERS, 90, entered_at=FIRST), at="4101").category = "AIRPORT"
    waiting(row_of(ScreeningKind.NUCLEIC_TEST, 91, listed_on=FIRST), at="4101")
    waiting(row_of(ScreeningKind.NUCLEIC_TEST, 92, listed_on=FIRST), at="410102")
    db.session.commit()


def numbers(page: str) -> Iterator[tuple[str, str]]:
    """Each number of a page that leads somewhere, with its address."""
    for pattern in (_FIGURE, _CELL):
        for url, count in pattern.findall(page):
            yield url.replace("&amp;", "&"), count


@pytest.mark.parametrize(
    ("role", "address", "least"),
    [
        (Role.CITY_ADMIN, f"/screening/headquarters-statistics/{SEARCH}", 10),
        (Role.CITY_ADMIN, f"/screening/headquarters-statistics/{SEARCH}&category=AIRPORT", 10),
        (Role.CITY_ADMIN, f"/screening/statistics/{SEARCH}", 8),
        (Role.DISTRICT_ADMIN, f"/screening/statistics/{SEARCH}", 6),
        (Role.CITY_ADMIN, "/screening/nucleic/", 4),
        (Role.DISTRICT_ADMIN, "/screening/nucleic/", 3),
    ],
    ids=str,
)
def test_every_number_opens_the_rows_that_it_counts(
    rows: None, signed_in: Any, role: Role, address: str, least: int
) -> None:
    client = signed_in(role)
    found = list(numbers(text(client, address)))
    assert len(found) >= least
    for url, count in found:
        assert f"共 {count} 条" in text(client, url), (url, count)


@pytest.mark.parametrize(("role", "parts"), [(Role.CITY_ADMIN, 3), (Role.DISTRICT_ADMIN, 2)])
def test_the_parts_of_a_list_make_up_its_total(rows: None, signed_in: Any, role: Role, parts: int) -> None:
    total, *others = [int(count) for _url, count in _FIGURE.findall(text(signed_in(role), "/screening/nucleic/"))]
    assert len(others) == parts and sum(others) == total


def test_what_may_be_a_duplicate_at_a_district_is_the_districts(rows: None, signed_in: Any) -> None:
    page = text(signed_in(Role.CITY_ADMIN), "/screening/nucleic/?dispatched=no")
    assert "共 1 条" in page
    assert "共 7 条" in text(signed_in(Role.CITY_ADMIN), "/screening/nucleic/?district=410102")


def test_a_total_is_counted_to_its_mark_and_says_when_there_is_more(app: Any, signed_in: Any) -> None:
    """No part is more than the mark, but the whole list is: the total is their sum, and the pager's too."""
    add_copies(ScreeningKind.NUCLEIC_TEST, COUNT_CAP // 2, status="PENDING")
    add_copies(ScreeningKind.NUCLEIC_TEST, COUNT_CAP // 2, status="NEGATIVE")
    city = signed_in(Role.CITY_ADMIN)
    assert totals(text(city, "/screening/nucleic/")) == ("10,000", "共 10,000 条")
    add_copies(ScreeningKind.NUCLEIC_TEST, 1, status="NEGATIVE")
    page = text(city, "/screening/nucleic/")
    assert totals(page) == ("10,000+", "共 10,000+ 条")
    assert [count for _url, count in _FIGURE.findall(page)] == ["5,001", "5,000", "0"]


def totals(page: str) -> tuple[str, str]:
    """总数 and what the pager says."""
    found = _TOTALS.search(page), _PAGER.search(page)
    assert found[0] and found[1]
    return found[0].group(1), found[1].group(0)


def add_copies(kind: ScreeningKind, count: int, *, status: str) -> None:
    """So many rows more, dispatched to a district; they differ in nothing but who is meant."""
    moment = clock.now()
    row = {"kind": kind, "status": status, "area_code": "410102", "dispatched_at": moment, "version": 1}
    row |= {"created_at": moment, "updated_at": moment}
    rows = [{**row, "identity_index": os.urandom(16)} for _ in range(count)]
    db.session.execute(insert(ScreeningEntry.__table__), rows)
    db.session.commit()
