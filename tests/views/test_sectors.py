"""The sectors' back offices: each kind's own columns, numbers and venues, and nothing of the other kinds (SPEC 5)."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.clock import day_bounds, now
from app.domain.colors import Color
from app.domain.masking import mask_phone
from app.domain.roles import Role
from app.domain.sectors import SECTORS, CodeState, Particular
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import AuditEvent, Venue
from app.models.encryption import phone_index
from app.services import audit, statistics
from app.services.quarantine import today
from app.views.format import zone
from app.views.sectors import TITLES
from tests.factories import Factories
from tests.views.test_statement_counts import statements
from tests.web import post

PHONE = "13912345678"
PLACES: dict[VenueKind, dict[str, Any]] = {
    VenueKind.BUS: {"name": "1路 豫A10001", "line": "1路", "plate": "豫A10001"},
    VenueKind.TAXI: {"name": "东风出租 豫A20002", "company": "东风出租", "plate": "豫A20002"},
    VenueKind.COMPANY_SHUTTLE: {"name": "宇通客车 豫A30003", "company": "宇通客车", "plate": "豫A30003"},
}
KINDS = list(SECTORS)
PARTS = ("statistics", "venues")


def _path(kind: VenueKind, part: str) -> str:
    return f"/sectors/{kind.name.lower().replace('_', '-')}/{part}/"


def _place(make: Factories, kind: VenueKind, area_code: str = "410102", **details: Any) -> Venue:
    given = PLACES.get(kind, {"name": f"甲{kind.label}"})
    contact = {"contact_name": "李四", "contact_phone": PHONE, "contact_phone_index": phone_index(PHONE)}
    return make.venue(kind, area_code, **{**given, **contact, "activated_at": now(), **details})


def _manager(login_as: Any, kind: VenueKind) -> Any:
    return login_as(Role.SECTOR_ADMIN, "4101", venue_kind=kind)


def _noon(days_ago: int) -> datetime:
    return day_bounds(today() - timedelta(days=days_ago), zone())[0] + timedelta(hours=12)


def _scans(make: Factories, venue: Venue, *, on: int, count: int = 1, color: Color = Color.GREEN) -> None:
    tie = make.residency()
    for number in range(count):
        at = _noon(on) + timedelta(seconds=number)
        make.entry(tie, at=at, color=color, venue_id=venue.id, area_code=venue.area_code)


def _rows(page: str) -> list[dict[str, str]]:
    rows = re.findall(r'<tr role="row".*?</tr>', page.partition("<tbody")[2], re.S)
    cells = [re.findall(r'data-label="([^"]+)">(.*?)</td>', row, re.S) for row in rows]
    return [{label: re.sub(r"<[^>]+>", "", text).strip() for label, text in row} for row in cells]


def _figures(page: str, part: int = 0) -> list[str]:
    found = re.findall(r'<dl class="figures.*?</dl>', page, re.S)
    return [re.sub(r"<[^>]+>", "", text) for text in re.findall(r"<dd[^>]*>(.*?)</dd>", found[part], re.S)]


@pytest.fixture
def counted(make: Factories) -> Any:
    """Three metro stations: scanned today and before, before only, and never; all counted at the end of today."""
    busy, quiet, idle = (
        _place(make, VenueKind.METRO_STATION, name=name, contact_name=f"{name}站长")
        for name in ("紫荆山", "二七广场", "东大街")
    )
    _scans(make, busy, on=0, count=3)
    _scans(make, busy, on=0, color=Color.RED)
    _scans(make, busy, on=2, count=2, color=Color.YELLOW)
    _scans(make, quiet, on=2, count=5)
    statistics.catch_up(_noon(-1))
    db.session.commit()
    return busy, quiet, idle


@pytest.fixture
def metro(counted: Any, login_as: Any) -> Any:
    return _manager(login_as, VenueKind.METRO_STATION)


def _by_name(page: str) -> dict[str, list[str]]:
    """The four numbers of each row."""
    numbers = ("扫码总次数", "扫码异常总次数", "今日扫码次数", "今日异常扫码次数")
    return {row["站名"]: [row[label] for label in numbers] for row in _rows(page)}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_sector_opens_to_its_manager_and_shows_only_its_own(make: Factories, login_as: Any, kind: VenueKind) -> None:
    own, foreign = _place(make, kind), [_place(make, other, name="外人的场所") for other in KINDS if other is not kind]
    for venue in (own, *foreign):
        _scans(make, venue, on=1)
    statistics.catch_up()
    client = _manager(login_as, kind)
    statistics_page, list_page = (client.get(_path(kind, part)).text for part in PARTS)
    for page, title in zip((statistics_page, list_page), TITLES[kind], strict=True):
        assert f"<h1>{title}" in page.replace("\n", "")
        assert "外人的场所" not in page
        assert [row["序号"] for row in _rows(page)] == [str(own.id)]
    assert _figures(statistics_page) == ["1", "0", "0", "0"]
    for particular in SECTORS[kind].statistics_by:
        assert SECTORS[kind].field(particular).label in statistics_page
    for particular in SECTORS[kind].particulars:
        assert SECTORS[kind].field(particular).label in list_page
    assert PHONE not in list_page and mask_phone(PHONE) in list_page


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_sector_is_shut_to_the_managers_of_the_others(make: Factories, login_as: Any, kind: VenueKind) -> None:
    client = _manager(login_as, kind)
    page = client.get("/").text
    for other in KINDS:
        own = other is kind
        for part, title in zip(PARTS, TITLES[other], strict=True):
            assert (client.get(_path(other, part)).status_code == 200) == own, (other, part)
            assert (client.get(_path(other, part) + "export").status_code == 200) == own
            assert (f">{title}<" in page) == own
    assert (client.get("/sectors/medical-institution/entries/").status_code == 200) == (
        kind is VenueKind.MEDICAL_INSTITUTION
    )


@pytest.mark.parametrize("role", [Role.CITY_ADMIN, Role.COMPOUND_ADMIN, Role.AUDITOR])
def test_others_than_sector_managers_do_not_open_a_sector(login_as: Any, role: Role) -> None:
    client = login_as(role, "4101")
    assert client.get(_path(VenueKind.BUS, "statistics")).status_code != 200


def test_each_row_has_its_four_numbers_and_the_time_of_the_count(metro: Any) -> None:
    page = metro.get(_path(VenueKind.METRO_STATION, "statistics")).text
    assert _by_name(page) == {
        "紫荆山": ["6", "3", "4", "1"],
        "二七广场": ["5", "0", "0", "0"],
        "东大街": ["0", "0", "0", "0"],
    }
    assert "数据每小时更新一次" in page
    assert _rows(page)[0]["更新时间"] == _noon(-1).astimezone(zone()).strftime("%Y-%m-%d %H:%M")


def test_the_statistics_are_read_from_the_totals_alone(app: Flask, metro: Any) -> None:
    with statements(app) as asked:
        for search in ({}, {"name": "二七"}, {"most": "3"}, {"from_day": today().isoformat()}):
            metro.get(_path(VenueKind.METRO_STATION, "statistics"), query_string=search)
    assert any("venue_entry_total" in statement for statement in asked)
    assert not any("entry_record" in statement for statement in asked)


def test_the_sum_below_follows_the_search_and_the_figures_on_top_do_not(metro: Any) -> None:
    page = metro.get(_path(VenueKind.METRO_STATION, "statistics"), query_string={"name": "二七"}).text
    assert _figures(page, 0) == ["11", "3", "4", "1"]
    assert _figures(page, 1) == ["5", "0", "0", "0"]
    assert list(_by_name(page)) == ["二七广场"]


def test_days_that_are_searched_are_the_days_that_are_counted(metro: Any) -> None:
    day = (today() - timedelta(days=2)).isoformat()
    page = metro.get(_path(VenueKind.METRO_STATION, "statistics"), query_string={"from_day": day, "to_day": day}).text
    assert {name: numbers[:2] for name, numbers in _by_name(page).items()} == {
        "紫荆山": ["2", "2"],
        "二七广场": ["5", "0"],
        "东大街": ["0", "0"],
    }
    assert _figures(page, 1) == ["7", "2", "4", "1"]


@pytest.mark.parametrize(("most", "found"), [("0", {"二七广场", "东大街"}), ("4", {"紫荆山", "二七广场", "东大街"})])
def test_venues_that_are_not_used_are_found(metro: Any, most: str, found: set[str]) -> None:
    page = metro.get(_path(VenueKind.METRO_STATION, "statistics"), query_string={"most": most}).text
    assert set(_by_name(page)) == found


def test_on_a_day_that_is_searched_the_venues_not_used_are_those_of_that_day(metro: Any) -> None:
    search = {"most": "2", "to_day": (today() - timedelta(days=2)).isoformat()}
    page = metro.get(_path(VenueKind.METRO_STATION, "statistics"), query_string=search).text
    assert set(_by_name(page)) == {"紫荆山", "东大街"}
    assert _figures(page, 1)[0] == "2"


def test_what_is_no_number_narrows_nothing_and_says_so(metro: Any) -> None:
    page = metro.get(_path(VenueKind.METRO_STATION, "statistics"), query_string={"most": "很少"}).text
    assert "请填写整数" in page
    assert len(_by_name(page)) == 3


def _sheet(answer: Any) -> list[list[str]]:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    return [[str(cell) for cell in row] for row in rows[1:]]


def test_the_export_holds_what_was_searched_with_its_numbers(metro: Any) -> None:
    header, *rows = _sheet(metro.get(_path(VenueKind.METRO_STATION, "statistics") + "export?most=0"))
    assert header[1:6] == ["站名", "扫码总次数", "扫码异常总次数", "今日扫码次数", "今日异常扫码次数"]
    assert [row[1:6] for row in rows] == [["东大街", "0", "0", "0", "0"], ["二七广场", "5", "0", "0", "0"]]


@pytest.mark.parametrize("kind", [VenueKind.BUS, VenueKind.TAXI], ids=lambda kind: kind.name)
def test_buses_and_taxis_export_too_masked(make: Factories, login_as: Any, kind: VenueKind) -> None:
    _place(make, kind)
    header, row = _sheet(_manager(login_as, kind).get(_path(kind, "venues") + "export"))
    assert "车牌号" in header
    assert PLACES[kind]["plate"] in row
    assert mask_phone(PHONE) in row and PHONE not in row


def test_activated_codes_are_counted_live_and_open_their_rows(make: Factories, login_as: Any) -> None:
    _place(make, VenueKind.BUS)
    _place(make, VenueKind.BUS, name="2路", line="2路", activated_at=_noon(3))
    _place(make, VenueKind.BUS, name="未激活", code_state=CodeState.HANDED_OUT, activated_at=None)
    client = _manager(login_as, VenueKind.BUS)
    page = client.get(_path(VenueKind.BUS, "venues")).text
    assert _figures(page) == ["2", "1"]
    assert [row["公交线路"] for row in _rows(page)] == ["2路", "1路"]
    opened = re.findall(r'<dt><a href="([^"]+)">今日激活总数', page)
    assert [row["公交线路"] for row in _rows(client.get(opened[0]).text)] == ["1路"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({"line": "1路"}, 1),
        ({"contact_name": "李"}, 1),
        ({"contact_phone": PHONE}, 1),
        ({"plate": "豫a10001"}, 1),
        ({"line": "9路"}, 0),
        ({"contact_phone": PHONE[:-1]}, 0),
    ],
)
def test_venues_are_found_by_the_particulars_of_their_kind(
    make: Factories, login_as: Any, search: dict[str, str], found: int
) -> None:
    _place(make, VenueKind.BUS)
    page = _manager(login_as, VenueKind.BUS).get(_path(VenueKind.BUS, "venues"), query_string=search).text
    assert len(_rows(page)) == found


def test_shops_are_found_by_district(make: Factories, login_as: Any) -> None:
    for code in ("410102", "410105"):
        _place(make, VenueKind.RETAIL_STORE, code, name=f"商超{code}")
    client = _manager(login_as, VenueKind.RETAIL_STORE)
    page = client.get(_path(VenueKind.RETAIL_STORE, "statistics"), query_string={"area_code": "410105"}).text
    assert [row["商超名称"] for row in _rows(page)] == ["商超410105"]


def test_an_edit_changes_the_fields_of_the_kind_and_is_on_record(make: Factories, login_as: Any) -> None:
    venue = _place(make, VenueKind.COMPANY_SHUTTLE)
    client = _manager(login_as, VenueKind.COMPANY_SHUTTLE)
    url = f"{_path(VenueKind.COMPANY_SHUTTLE, 'venues')}{venue.id}/do/edit"
    form = client.get(url).text
    for label in ("公司名称", "车牌号", "联系人姓名", "联系人手机号"):
        assert label in form
    assert PHONE not in form
    typed = {"company": "公司班车4", "plate": "豫AAD005", "contact_name": "王五", "contact_phone": ""}
    assert "已保存" in post(client, url, typed, follow_redirects=True).text
    db.session.expire_all()
    assert (venue.name, venue.contact_phone) == ("公司班车4 豫AAD005", PHONE)
    event = db.session.execute(select(AuditEvent).where(AuditEvent.action == "edit_venue")).scalar_one()
    assert event.changes[Particular.PLATE.value] == ["豫A30003", "豫AAD005"]
    assert PHONE not in str(event.changes) and "王五" not in str(event.changes)
    assert audit.verify()[1] is None


def test_a_fault_in_an_edit_stands_beside_its_field(make: Factories, login_as: Any) -> None:
    venue = _place(make, VenueKind.COMPANY_SHUTTLE)
    client = _manager(login_as, VenueKind.COMPANY_SHUTTLE)
    typed = {"company": "公司班车4", "plate": "豫", "contact_name": "王五", "contact_phone": ""}
    page = post(client, f"{_path(VenueKind.COMPANY_SHUTTLE, 'venues')}{venue.id}/do/edit", typed).text
    assert "车牌号格式不正确" in page
    assert "公司班车4" in page


def test_a_venue_of_another_kind_is_not_there_to_be_edited(make: Factories, login_as: Any) -> None:
    taxi = _place(make, VenueKind.TAXI)
    client = _manager(login_as, VenueKind.BUS)
    assert post(client, f"{_path(VenueKind.BUS, 'venues')}{taxi.id}/do/edit", {}).status_code == 404
    assert client.get(f"/reveal/sector_venue/{taxi.id}").status_code == 404


@pytest.fixture
def hospital(make: Factories) -> Any:
    """A hospital and a pharmacy, each with one visitor."""
    entries = []
    for name, visitor, color in (("省人民医院", "何晓明", Color.GREEN), ("张仲景大药房", "王芳", Color.YELLOW)):
        venue = _place(make, VenueKind.MEDICAL_INSTITUTION, name=name)
        tie = make.residency(make.person(visitor))
        entries.append(make.entry(tie, venue_id=venue.id, area_code=venue.area_code, color=color))
    make.entry(make.residency(make.person("路人甲")))
    db.session.commit()
    return entries


def _visitors(client: Any, **search: str) -> list[str]:
    return [row["姓名"] for row in _rows(client.get("/sectors/medical-institution/entries/", query_string=search).text)]


def test_medical_institutions_have_a_list_of_people(hospital: Any, login_as: Any) -> None:
    client = _manager(login_as, VenueKind.MEDICAL_INSTITUTION)
    assert set(_visitors(client)) == {"何晓明", "王芳"}
    assert _visitors(client, institution="人民医院") == ["何晓明"]
    assert _visitors(client, color="YELLOW") == ["王芳"]
    assert _visitors(client, name="王") == ["王芳"]
    assert _visitors(client, phone=hospital[0].person.phone) == ["何晓明"]
    assert _visitors(client, source="MANUAL") == []
    assert _visitors(client, to_day=(today() - timedelta(days=1)).isoformat()) == []


def test_a_visitor_s_record_is_masked_and_shown_in_full_with_a_reason(hospital: Any, login_as: Any) -> None:
    client, entry = _manager(login_as, VenueKind.MEDICAL_INSTITUTION), hospital[0]
    page = client.get(f"/sectors/medical-institution/entries/{entry.id}").text
    assert "省人民医院" in page and mask_phone(entry.person.phone) in page and entry.person.phone not in page
    shown = post(client, f"/reveal/medical_entry/{entry.id}", {"reason": "流调需要核实"}).text
    assert entry.person.phone in shown


def test_other_sectors_learn_nothing_of_their_passengers(make: Factories, login_as: Any) -> None:
    bus = _place(make, VenueKind.BUS)
    entry = make.entry(make.residency(), venue_id=bus.id, area_code=bus.area_code)
    client = _manager(login_as, VenueKind.BUS)
    answer = post(client, f"/reveal/medical_entry/{entry.id}", {"reason": "想知道是谁"})
    assert answer.status_code == 404
