"""「进出登记管理」: every scan and every paper form is a row; only what was typed in by hand can be deleted."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import event, select

from app.clock import day_bounds, local_date, now
from app.domain.colors import Color
from app.domain.masking import mask_document, mask_phone
from app.domain.quarantine import QuarantineStatus
from app.domain.roles import Role
from app.extensions import db
from app.models import AuditEvent, EntryHourTotal, EntryOutcome, EntryRecord, EntrySource, Residency
from app.models.entry import entry_moment
from app.services import audit, statistics
from app.services.quarantine import today
from app.views.format import zone
from tests.factories import Factories, id_card
from tests.web import post


@pytest.fixture
def manager(make: Factories, login_as) -> Any:
    """The manager of a compound (`.venue`) with one resident (`.tie`)."""
    venue = make.venue(name="建设新苑小区")
    client = login_as(Role.COMPOUND_ADMIN, venue.area_code, venues=[venue])
    client.venue, client.tie = venue, make.residency(make.person("何晓明"), venue)
    db.session.commit()
    return client


def _names(page: str) -> list[str]:
    rows = re.findall(r'<tr role="row".*?</tr>', page.partition("<tbody")[2], re.S)
    cells = [re.findall(r'data-label="姓名">(.*?)</td>', row, re.S) for row in rows]
    return [re.sub(r"<[^>]+>", "", found[0]).strip() for found in cells if found]


def _commit() -> None:
    db.session.commit()


def test_a_manager_sees_the_entries_of_the_compound_in_hand(make: Factories, manager) -> None:
    make.entry(manager.tie)
    make.entry(make.residency(make.person("王芳")))
    _commit()
    assert _names(manager.get("/entries/").text) == ["何晓明"]


def test_the_columns_are_those_of_the_manual_and_numbers_are_masked(make: Factories, manager) -> None:
    make.entry(manager.tie, outcome=EntryOutcome.REFUSED, color=Color.RED)
    _commit()
    page = manager.get("/entries/").text
    for label in ("登记时间", "姓名", "证件号", "手机号", "登记来源", "通行结果", "状态颜色", "扫码登记", "拒绝", "红"):
        assert label in page
    person = manager.tie.person
    assert mask_document(person.document_number) in page
    assert mask_phone(person.phone) in page
    assert person.document_number not in page
    assert person.phone not in page


def test_an_area_manager_sees_the_compound_of_each_entry(make: Factories, login_as, manager) -> None:
    make.entry(manager.tie)
    make.entry(make.residency(make.person("王芳"), make.venue(area_code="410105008009")))
    page = login_as(Role.DISTRICT_ADMIN, "410102").get("/entries/").text
    assert _names(page) == ["何晓明"]
    assert "建设新苑小区" in page


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SECTOR_ADMIN, Role.DATA_REPORTER])
def test_others_do_not_open_the_list(login_as, role: Role) -> None:
    assert "进出登记管理" not in login_as(role, "4101").get("/entries/", follow_redirects=True).text


@pytest.fixture
def three(make: Factories, manager) -> Any:
    """Three entries: of today by scan, of yesterday on paper, of a week ago by scan."""
    day = day_bounds(today(), zone())[0]
    made = [make.entry(manager.tie, at=min(now(), day + timedelta(hours=1)))]
    yesterday = make.residency(make.person("王芳"), manager.venue)
    made.append(make.entry(yesterday, at=day - timedelta(hours=5), source=EntrySource.MANUAL))
    week = make.residency(make.person("欧阳修"), manager.venue)
    made.append(make.entry(week, at=day - timedelta(days=7)))
    _commit()
    return manager


def test_the_newest_entry_stands_first(three) -> None:
    assert _names(three.get("/entries/").text) == ["何晓明", "王芳", "欧阳修"]


def test_entries_are_found_by_day(three) -> None:
    day = today()
    assert _names(three.get("/entries/", query_string={"from_day": day}).text) == ["何晓明"]
    until = {"to_day": day - timedelta(days=1)}
    assert _names(three.get("/entries/", query_string=until).text) == ["王芳", "欧阳修"]
    between = {"from_day": day - timedelta(days=1), "to_day": day - timedelta(days=1)}
    assert _names(three.get("/entries/", query_string=between).text) == ["王芳"]


def test_entries_are_found_by_source(three) -> None:
    assert _names(three.get("/entries/?source=MANUAL").text) == ["王芳"]


def test_entries_are_found_by_name_number_and_phone(three) -> None:
    person = three.tie.person
    searches = ({"name": "何"}, {"document_number": person.document_number.lower()}, {"phone": person.phone})
    for search in searches:
        assert _names(three.get("/entries/", query_string=search).text) == ["何晓明"]
    assert _names(three.get("/entries/", query_string={"phone": person.phone[:-1]}).text) == []


def _figures(page: str) -> dict[str, str]:
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", page, re.S)
    texts = {re.sub(r"<[^>]+>", "", label): re.sub(r"<[^>]+>", "", value).strip() for label, value in found}
    return {label: value for label, value in texts.items() if label in ("今日进出人数", "总计")}


def test_the_numbers_on_top_are_today_s_and_all(three) -> None:
    assert _figures(three.get("/entries/").text) == {"今日进出人数": "1", "总计": "3"}
    statistics.catch_up()
    _commit()
    assert _figures(three.get("/entries/").text) == {"今日进出人数": "1", "总计": "3"}


def test_the_numbers_do_not_follow_the_search(three) -> None:
    assert _figures(three.get("/entries/?source=MANUAL").text)["总计"] == "3"


def test_a_number_opens_the_rows_that_it_counts(three) -> None:
    page = three.get("/entries/").text
    url = re.search(r'<a href="([^"]*from_day[^"]*)">', page)
    assert url
    assert _names(three.get(url.group(1)).text) == ["何晓明"]


def test_only_what_was_typed_in_by_hand_can_be_deleted(three) -> None:
    page = three.get("/entries/").text
    assert page.count("/do/delete") == 1
    scanned = db.session.execute(select(EntryRecord.id).where(EntryRecord.source == EntrySource.SCAN)).scalars().first()
    post(three, f"/entries/{scanned}/do/delete", {"confirmed": "1"})
    assert len(db.session.execute(select(EntryRecord.id)).all()) == 3


def test_a_deletion_asks_first(three) -> None:
    key = db.session.execute(select(EntryRecord.id).where(EntryRecord.source == EntrySource.MANUAL)).scalar_one()
    assert "确定删除这条人工录入的登记信息吗" in post(three, f"/entries/{key}/do/delete").text
    assert len(db.session.execute(select(EntryRecord.id)).all()) == 3


def test_a_deleted_entry_is_gone_counted_off_and_on_record(three) -> None:
    statistics.catch_up()
    _commit()
    key = db.session.execute(select(EntryRecord.id).where(EntryRecord.source == EntrySource.MANUAL)).scalar_one()
    answer = post(three, f"/entries/{key}/do/delete", {"confirmed": "1"}, follow_redirects=True)
    assert answer.status_code == 200
    assert "已删除" in answer.text
    assert _names(three.get("/entries/").text) == ["何晓明", "欧阳修"]
    assert _figures(answer.text)["总计"] == "2"
    db.session.expire_all()
    days = {local_date(row.hour, zone()) for row in db.session.execute(select(EntryHourTotal)).scalars()}
    assert today() - timedelta(days=1) not in days
    found = db.session.execute(select(AuditEvent).where(AuditEvent.action == "delete_entry")).scalar_one()
    assert found.changes["name"] == ["王*", None]
    assert audit.verify()[1] is None


def test_the_record_is_read_only_and_masked(make: Factories, manager) -> None:
    form = make.registration(manager.tie.person, manager.venue, plate="豫A12345", is_returnee=True)
    entry = make.entry(manager.tie, source=EntrySource.MANUAL)
    entry.registration_id = form.id
    _commit()
    page = manager.get(f"/entries/{entry.id}").text
    for text in ("登记时间", "录入时间", "人工录入", "豫A12345", "是否外地返回", mask_phone(manager.tie.person.phone)):
        assert text in page
    assert manager.tie.person.phone not in page
    assert "编辑" not in page


def test_the_record_of_somebody_whose_form_was_filled_in_elsewhere_opens_too(make: Factories, manager) -> None:
    stranger = make.residency(make.person("过路人"))
    entry = make.entry(stranger, venue_id=manager.venue.id, area_code=manager.venue.area_code)
    _commit()
    assert "过路人" in manager.get(f"/entries/{entry.id}").text


def test_the_record_in_full_needs_a_reason(make: Factories, manager) -> None:
    entry = make.entry(manager.tie)
    _commit()
    assert manager.tie.person.phone not in post(manager, f"/reveal/entry/{entry.id}", {"reason": ""}).text
    assert manager.tie.person.phone in post(manager, f"/reveal/entry/{entry.id}", {"reason": "流调需要核实"}).text


def test_an_entry_of_another_compound_is_not_there(make: Factories, manager) -> None:
    entry = make.entry(make.residency())
    _commit()
    assert manager.get(f"/entries/{entry.id}").status_code == 404
    assert post(manager, f"/entries/{entry.id}/do/delete", {"confirmed": "1"}).status_code == 404


def test_the_export_holds_the_filtered_rows_masked(three) -> None:
    answer = three.get("/entries/export?source=MANUAL")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    text = "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell)
    assert "王芳" in text
    assert "何晓明" not in text
    assert "人工录入" in text


@contextmanager
def _statements(app: Flask) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("role", [Role.COMPOUND_ADMIN, Role.DISTRICT_ADMIN, Role.CITY_ADMIN])
def test_a_full_page_takes_eight_statements_at_most(app: Flask, make: Factories, login_as, role: Role) -> None:
    venues = [make.venue() for _ in range(3)]
    for serial in range(40):
        make.entry(
            make.residency(make.person(f"居民{serial:02d}"), venues[0 if role is Role.COMPOUND_ADMIN else serial % 3])
        )
    client = login_as(role, "410102" if role is not Role.CITY_ADMIN else "4101", venues=venues[:1])
    client.get("/entries/")
    with _statements(app) as found:
        page = client.get("/entries/").text
    assert len(_names(page)) == 25
    assert "小区居民管理" in page
    assert len(found) <= 8, "\n".join(found)


def test_paging_by_key_shows_every_row_once(make: Factories, manager) -> None:
    moment = now()
    for serial in range(60):
        make.entry(
            make.residency(make.person(f"居民{serial:02d}"), manager.venue), at=moment - timedelta(seconds=serial // 7)
        )
    _commit()
    seen, url = [], "/entries/"
    while url:
        page = manager.get(url).text
        seen += _names(page)
        following = re.search(r'href="([^"]*after=[^"]*)"', page)
        url = following.group(1).replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == 60


PAPER = {
    "name": "赵桂英",
    "document_type": "ID_CARD",
    "document_number": id_card(7, birth="19410203"),
    "phone_number": "13912345678",
    "address": "建设新苑小区3号楼502室",
    "is_returnee": "no",
    "consent": "y",
}
RETURN = {
    "is_returnee": "yes",
    "is_from_abroad": "no",
    "transport": "COACH",
    "quarantine_method": "HOME",
    "origin_district": "湖北省武汉市武昌区",
}


def _written(hours_ago: float) -> str:
    return (now() - timedelta(hours=hours_ago)).astimezone(zone()).strftime("%Y-%m-%dT%H:%M")


def _type_in(client: Any, **changes: str) -> str:
    data = {**PAPER, "recorded_at": _written(2), **changes}
    return post(client, "/entries/new", data, follow_redirects=True).text


def _only_entry() -> EntryRecord:
    db.session.expire_all()
    return db.session.execute(select(EntryRecord)).scalar_one()


def test_the_paper_form_has_the_fields_of_the_scan_page_in_their_order(manager) -> None:
    page = manager.get("/entries/new").text
    labels = [
        re.sub(r"<[^>]+>", "", one) for one in re.findall(r"<(?:label|legend)[^>]*>(.*?)</(?:label|legend)>", page)
    ]
    asked = [one.strip() for one in labels]
    order = [
        "登记时间",
        "姓名",
        "证件类型",
        "证件号",
        "手机号",
        "现住地址",
        "车牌号",
        "是否外地返回",
        "来郑日期",
        "交通方式",
        "是否国外返回",
        "出发地",
        "返回国家",
        "隔离方式",
    ]
    assert [one for one in asked if one in order] == order


def test_a_paper_form_becomes_an_entry_of_the_moment_on_the_paper(manager) -> None:
    assert "已保存" in _type_in(manager, recorded_at=_written(30))
    entry = _only_entry()
    assert entry.source is EntrySource.MANUAL
    assert entry.recorded_by_id == manager.account_id
    assert timedelta(hours=29) < now() - entry.recorded_at < timedelta(hours=31)
    assert now() - entry_moment(entry.id) < timedelta(minutes=5)
    assert entry.registration.address == "建设新苑小区3号楼502室"
    assert db.session.execute(select(AuditEvent.action)).scalars().all() == ["create_entry"]


def test_a_first_paper_form_ties_the_person_to_the_compound(manager) -> None:
    _type_in(manager)
    tie = db.session.execute(select(Residency).where(Residency.person_id == _only_entry().person_id)).scalar_one()
    assert tie.venue_id == manager.venue.id
    assert tie.status is QuarantineStatus.NOT_REQUIRED


def test_who_came_back_from_a_key_area_must_isolate(manager) -> None:
    _type_in(manager, **RETURN, arrival_date=(today() - timedelta(days=2)).isoformat())
    entry = _only_entry()
    tie = db.session.execute(select(Residency).where(Residency.person_id == entry.person_id)).scalar_one()
    assert (tie.status, tie.is_key_area) == (QuarantineStatus.PENDING, True)
    assert entry.color is Color.RED
    assert entry.registration.origin_area_code == "420106"


def test_somebody_of_another_compound_is_refused_on_paper_too(make: Factories, manager) -> None:
    person = make.person("赵桂英", document_number=PAPER["document_number"])
    make.residency(person)
    _commit()
    _type_in(manager)
    assert _only_entry().outcome is EntryOutcome.REFUSED
    assert "拒绝" in manager.get("/entries/").text


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"document_number": "410102199001010000"}, "身份证号校验不通过"),
        ({"phone_number": "12345"}, "请填写11位数字手机号"),
        ({"is_returnee": ""}, "请选择是否外地返回"),
        ({**RETURN, "arrival_date": ""}, "请选择来郑日期"),
        ({**RETURN, "arrival_date": "2020-01-01", "origin_district": ""}, "请选择出发地"),
        ({**RETURN, "arrival_date": "2020-01-01", "origin_district": "桃花源"}, "没有找到这个地方"),
        ({"consent": ""}, "请确认本人已在纸质登记表上签署"),
        ({"recorded_at": ""}, "请填写登记时间"),
        ({"recorded_at": "2999-01-01T08:00"}, "登记时间不能晚于现在"),
    ],
)
def test_a_fault_stands_in_the_form_and_nothing_typed_is_lost(manager, changes: dict[str, str], fault: str) -> None:
    page = _type_in(manager, **changes)
    assert fault in page
    assert 'value="赵桂英"' in page
    assert db.session.execute(select(EntryRecord.id)).first() is None


def test_a_late_paper_form_counts_on_a_closed_day(make: Factories, manager) -> None:
    make.entry(manager.tie, at=now() - timedelta(days=1))
    statistics.catch_up()
    _commit()
    page = _type_in(manager, recorded_at=_written(24 * 3))
    assert _figures(page)["总计"] == "2"


def test_only_the_compound_s_manager_types_in_paper_forms(make: Factories, login_as) -> None:
    make.venue()
    district = login_as(Role.DISTRICT_ADMIN, "410102")
    assert "/entries/new" not in district.get("/entries/").text
    post(district, "/entries/new", {**PAPER, "recorded_at": _written(2)})
    assert db.session.execute(select(EntryRecord.id)).first() is None
