"""「数据看板」: figures that open the rows they count, and charts whose numbers are those of the totals."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest

from app.clock import day_bounds, now
from app.domain.colors import Color
from app.domain.quarantine import QuarantineStatus
from app.domain.roles import Role
from app.extensions import db
from app.services import statistics
from app.services.quarantine import today
from app.views.format import zone
from tests.factories import COMMUNITY, Factories


@pytest.fixture
def city(make: Factories) -> Any:
    """A compound in one district with entries of three days, and another one elsewhere; counted until this hour."""
    midnight = day_bounds(today(), zone())[0]
    venue = make.venue()
    tie = make.residency(make.person("何晓明"), venue, status=QuarantineStatus.PENDING, since=today())
    far = make.residency(make.person("王芳"), make.venue(area_code="410105008009"), status=QuarantineStatus.CONFIRMED)
    make.entry(tie, at=midnight - timedelta(hours=30), color=Color.RED)
    make.entry(tie, at=midnight - timedelta(hours=2), color=Color.YELLOW)
    make.entry(far, at=midnight - timedelta(hours=2))
    statistics.catch_up()
    make.entry(tie, at=now(), color=Color.RED)
    make.entry(far, at=now())
    db.session.commit()
    return venue


def _figures(page: str) -> dict[str, tuple[str, str]]:
    """Each figure's number and the address that it opens."""
    found = re.findall(r'<dt><a href="([^"]+)">([^<]+)</a></dt>\s*<dd[^>]*>([^<]+)</dd>', page)
    return {label: (value, html.unescape(url)) for url, label, value in found}


def _table(page: str, key: str) -> list[list[str]]:
    table = page.partition(f'id="chart-{key}"')[2].partition("</table>")[0].partition("<tbody")[2]
    rows = re.findall(r"<tr.*?</tr>", table, re.S)
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.S)] for row in rows]


NUMBERS = {
    Role.CITY_ADMIN: ("4101", ["2", "1", "1", "1"]),
    Role.DISTRICT_ADMIN: ("410102", ["1", "1", "1", "0"]),
    Role.STREET_ADMIN: (COMMUNITY[:9], ["1", "1", "1", "0"]),
    Role.COMMUNITY_ADMIN: (COMMUNITY, ["1", "1", "1", "0"]),
    Role.COMPOUND_ADMIN: (COMMUNITY, ["1", "1", "1", "0"]),
}
LABELS = ("今日进出人数", "今日异常登记", "待确认隔离", "已确认隔离")


@pytest.mark.parametrize("role", NUMBERS, ids=lambda role: role.name)
def test_each_level_sees_the_figures_of_its_own_area(city: Any, login_as: Any, role: Role) -> None:
    area, numbers = NUMBERS[role]
    client = login_as(role, area, venues=[city] if role is Role.COMPOUND_ADMIN else ())
    page = client.get("/dashboard/").text
    figures = _figures(page)
    assert [figures[label][0] for label in LABELS] == numbers
    factor = 2 if role is Role.CITY_ADMIN else 1
    yesterday, day_before = _table(page, "days")[-2], _table(page, "days")[-3]
    assert [yesterday[1:], day_before[1:]] == [[str(factor), "1"], ["1", "1"]]
    assert [row[1] for row in _table(page, "hours")[:24] if row[1] != "0"] == [str(factor)]


def test_a_figure_opens_the_rows_that_it_counts(city: Any, login_as: Any) -> None:
    client = login_as(Role.CITY_ADMIN)
    figures = _figures(client.get("/dashboard/").text)
    for label in LABELS:
        value, url = figures[label]
        rows = client.get(url).text.partition("<tbody")[2].count('<tr role="row"')
        assert rows == int(value), label


def test_a_day_of_a_chart_opens_its_entries(city: Any, login_as: Any) -> None:
    client = login_as(Role.DISTRICT_ADMIN, "410102")
    page = client.get("/dashboard/").text
    day = (today() - timedelta(days=1)).isoformat()
    assert f"/entries/?from_day={day}&amp;to_day={day}" in page
    assert client.get(f"/entries/?from_day={day}&to_day={day}").text.count("何晓明") >= 1


@pytest.mark.parametrize("role", [Role.SECTOR_ADMIN, Role.AUDITOR, Role.DATA_REPORTER])
def test_others_have_no_dashboard(login_as: Any, role: Role) -> None:
    assert "数据看板" not in login_as(role).get("/").text
