"""The screens of the screening lists (Z-T1, Z-T2, Z-T4; checklist Z100 to Z105)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.domain.roles import Role
from app.extensions import db
from app.models import AuditEvent, ScreeningEntry, ScreeningOutcome
from tests.factories import Factories
from tests.lists import FOLDER, import_list
from tests.web import post, text

DISTRICT = "410105"


@pytest.fixture
def telecom(app: Flask, make: Factories) -> None:
    import_list("telecom", FOLDER / "telecom.xlsx", make.account(Role.CITY_ADMIN))


def some_entry(*conditions: Any) -> ScreeningEntry:
    query = select(ScreeningEntry).where(*conditions).order_by(ScreeningEntry.id.desc()).limit(1)
    return db.session.execute(query).scalar_one()


def test_a_district_sets_the_status_and_the_city_sees_it(telecom: None, login_as: Any) -> None:
    district, city = login_as(Role.DISTRICT_ADMIN, DISTRICT), login_as(Role.CITY_ADMIN)
    entry = some_entry(ScreeningEntry.area_code == DISTRICT)
    form = text(district, f"/screening/telecom/{entry.id}/do/outcome")
    assert "保存" in form and "已联系，情况正常" in form
    version = re.search(r'name="version"[^>]*value="(\d+)"', form)
    assert version is not None
    answer = {"status": "NORMAL", "remark": "已电话联系", "version": version[1]}
    assert post(district, f"/screening/telecom/{entry.id}/do/outcome", answer).status_code == 302
    assert "共 1 条" in text(city, "/screening/telecom/?status=screened")
    outcome = db.session.execute(select(ScreeningOutcome)).scalar_one()
    assert (outcome.status, outcome.remark, outcome.area_code) == ("NORMAL", "已电话联系", DISTRICT)
    assert "已电话联系" in text(city, f"/screening/telecom/{entry.id}?tab=outcomes")
    assert "待反馈 → 已联系，情况正常" in text(city, f"/screening/telecom/{entry.id}?tab=log")


def test_what_somebody_else_recorded_meanwhile_is_not_overwritten(telecom: None, login_as: Any) -> None:
    district = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    entry = some_entry(ScreeningEntry.area_code == DISTRICT)
    url, stale = f"/screening/telecom/{entry.id}/do/outcome", str(entry.version)
    post(district, url, {"status": "NORMAL", "remark": "", "version": stale})
    page = post(district, url, {"status": "UNREACHABLE", "remark": "", "version": stale}).get_data(as_text=True)
    assert "刚刚被别人修改过" in page


def test_a_district_reaches_no_row_of_another(telecom: None, login_as: Any) -> None:
    other = some_entry(ScreeningEntry.area_code == "410102")
    district = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    assert district.get(f"/screening/telecom/{other.id}").status_code == 404
    assert district.get(f"/screening/telecom/{other.id}/do/outcome").status_code == 404
    assert district.get(f"/reveal/screening-telecom/{other.id}").status_code == 404


def test_the_city_dispatches_one_and_many_from_the_tray(telecom: None, login_as: Any) -> None:
    city = login_as(Role.CITY_ADMIN)
    waiting = select(ScreeningEntry).where(ScreeningEntry.dispatched_at.is_(None)).limit(3)
    keys = [entry.id for entry in db.session.execute(waiting).scalars()]
    one, many = keys[0], keys[1:]
    assert post(city, f"/screening/telecom/{one}/do/dispatch", {"district": DISTRICT}).status_code == 302
    asked = post(city, "/screening/telecom/do/dispatch", {"rowid": [str(key) for key in many]})
    assert "2 条" in asked.get_data(as_text=True)
    answer = {"rowid": [str(key) for key in many], "step": "2", "district": DISTRICT}
    assert post(city, "/screening/telecom/do/dispatch", answer).status_code == 302
    assert "共 73 条" in text(city, "/screening/telecom/?dispatched=no")
    assert "共 44 条" in text(login_as(Role.DISTRICT_ADMIN, DISTRICT), "/screening/telecom/")
    events = select(AuditEvent.changes).where(AuditEvent.action == "dispatch")
    assert [event["district"][1] for event in db.session.execute(events).scalars()] == ["金水区"] * 3


def test_a_district_has_no_tray(telecom: None, login_as: Any) -> None:
    district = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    entry = some_entry(ScreeningEntry.area_code == DISTRICT)
    assert post(district, f"/screening/telecom/{entry.id}/do/dispatch", {"district": "410102"}).status_code == 403
    assert "未下发" not in text(district, "/screening/telecom/")


def test_numbers_on_top_add_up_and_open_their_rows(telecom: None, login_as: Any) -> None:
    page = text(login_as(Role.CITY_ADMIN), "/screening/telecom/")
    figures = re.findall(r'<dt><a href="([^"]+)">([^<]+)</a></dt>\s*<dd class="figure-value"[^>]*>([\d,]+)<', page)
    assert [(label, value) for _url, label, value in figures] == [
        ("总数", "601"),
        ("已反馈", "0"),
        ("未反馈", "525"),
        ("未下发", "76"),
    ]
    city = login_as(Role.CITY_ADMIN)
    for url, _label, value in figures:
        assert f"共 {value} 条" in text(city, url.replace("&amp;", "&"))


def test_rows_are_found_by_whole_number_and_by_name(telecom: None, login_as: Any) -> None:
    city = login_as(Role.CITY_ADMIN)
    entry = some_entry(ScreeningEntry.document_index.is_not(None))
    assert "共 1 条" in text(city, f"/screening/telecom/?keyword={entry.document_number}")
    assert "共 1 条" in text(city, f"/screening/telecom/?keyword={entry.phone}")
    assert entry.name and entry.name in text(city, f"/screening/telecom/?keyword={entry.name}")
    assert "共 0 条" in text(city, f"/screening/telecom/?keyword={entry.phone[:8]}")


def test_a_number_is_shown_in_full_only_with_a_reason_on_record(telecom: None, login_as: Any) -> None:
    district = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    entry = some_entry(ScreeningEntry.area_code == DISTRICT, ScreeningEntry.document_index.is_not(None))
    number = entry.document_number
    assert number not in text(district, "/screening/telecom/")
    assert number not in text(district, f"/screening/telecom/{entry.id}")
    url = f"/reveal/screening-telecom/{entry.id}"
    assert number not in post(district, url, {"reason": ""}).get_data(as_text=True)
    assert number in post(district, url, {"reason": "电话核实身份"}).get_data(as_text=True)
    assert db.session.execute(select(AuditEvent).where(AuditEvent.action == "reveal")).scalar_one()


@pytest.mark.parametrize(
    ("key", "file", "title", "label"),
    [
        ("telecom", "telecom.xls", "通管人员摸排", "编辑"),
        ("rail", "rail.xlsx", "火车站人员摸排", "编辑"),
        ("headquarters", "command.xlsx", "指挥部排查名单", "编辑排查记录"),
    ],
)
def test_each_list_has_its_screen(
    app: Flask, make: Factories, login_as: Any, key: str, file: str, title: str, label: str
) -> None:
    import_list(key, FOLDER / file, make.account(Role.CITY_ADMIN))
    city = login_as(Role.CITY_ADMIN)
    page = text(city, f"/screening/{key}/")
    assert title in page and label in page and "任务排查" in page
    entry = some_entry()
    assert "查看完整" in text(city, f"/screening/{key}/{entry.id}")
    assert city.get(f"/screening/{key}/export").status_code == 200
    assert login_as(Role.STREET_ADMIN, "410105001").get(f"/screening/{key}/").status_code in (302, 403)


def test_a_districts_numbers_are_of_its_own_rows(telecom: None, login_as: Any) -> None:
    page = text(login_as(Role.DISTRICT_ADMIN, DISTRICT), "/screening/telecom/")
    numbers = re.findall(r'<dt><a href="[^"]+">([^<]+)</a></dt>\s*<dd class="figure-value"[^>]*>([\d,]+)<', page)
    assert numbers == [("总数", "41"), ("已反馈", "0"), ("未反馈", "41")]


def test_a_page_of_a_list_takes_eight_statements_at_most(telecom: None, login_as: Any) -> None:
    city = login_as(Role.CITY_ADMIN)
    text(city, "/screening/telecom/")
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    text(city, "/screening/telecom/")
    event.remove(db.engine, "before_cursor_execute", note)
    assert len(statements) <= 8, statements
    # The total is the sum of its parts, for the pager too: nothing counts the list as a whole.
    assert not [said for said in statements if "count(" in said and "status" not in said]
