"""Every list opened by every role; reports, receipts, bulk changes and the pages that count (Z-T3 to Z-T12)."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from app.domain.overseas import HUB_TEAMS
from app.domain.quarantine import QuarantineStatus
from app.domain.roles import Role
from app.domain.screening import ScreeningKind
from app.extensions import db
from app.models import ImportBatch, ScreeningEntry
from app.services import screening
from app.services.audit import SYSTEM
from app.services.lists import list_named
from app.spreadsheets.columns import SheetSpec
from tests.factories import COMMUNITY, Factories, id_card, phone
from tests.lists import import_list
from tests.returnees import row_of
from tests.spreadsheets.workbooks import table
from tests.web import post, text

NAMES = ("何晓明", "李建国", "王秀英")
READERS = {
    "telecom": {Role.CITY_ADMIN, Role.DISTRICT_ADMIN},
    "rail": {Role.CITY_ADMIN, Role.DISTRICT_ADMIN},
    # The city sees what waits for its district, and nothing else of it.
    "police": {
        Role.CITY_ADMIN,
        Role.DISTRICT_ADMIN,
        Role.STREET_ADMIN,
        Role.COMMUNITY_ADMIN,
        Role.COMPOUND_ADMIN,
    },
    "headquarters": {Role.CITY_ADMIN, Role.DISTRICT_ADMIN},
    "risk_returnee": {Role.CITY_ADMIN, Role.DISTRICT_ADMIN},
    "fever": {Role.DISTRICT_ADMIN, Role.STREET_ADMIN, Role.COMMUNITY_ADMIN, Role.COMPOUND_ADMIN},
    "overseas_report": {Role.COMMUNITY_ADMIN, Role.COMPOUND_ADMIN},
    "overseas": {
        Role.CITY_ADMIN,
        Role.DISTRICT_ADMIN,
        Role.FLIGHT_TEAM,
        Role.HIGH_SPEED_RAIL_TEAM,
        Role.RAILWAY_TEAM,
    },
    "nucleic": {Role.CITY_ADMIN, Role.DISTRICT_ADMIN},
    "patrol": {Role.CITY_ADMIN, Role.DISTRICT_ADMIN},
    "disease_control": {Role.CITY_ADMIN, Role.DISTRICT_ADMIN},
    "overseas-completion": {Role.CITY_ADMIN},
    "headquarters-statistics": {Role.CITY_ADMIN},
    "statistics": {Role.CITY_ADMIN, Role.DISTRICT_ADMIN},
}
# Who reads a list, but only looks on: the police's tray is dispatched by the city, reports are corrected by their reporters.
LOOK_ON = {
    "police": {Role.CITY_ADMIN},
    "overseas_report": {Role.COMMUNITY_ADMIN, Role.COMPOUND_ADMIN},
    "overseas": {Role.CITY_ADMIN},
}
REPORT = {
    "name": "韩梅",
    "document_type": "其他",
    "phone": phone(31),
    "country": "韩国",
    "entry_port": "青岛",
    "expected_at": "2020-03-20T21:16",
    "way": "飞机",
    "connection_number": "C888",
    "relative_name": "韩建国",
    "relative_relation": "父亲",
    "relative_phone": phone(32),
}


def cells(spec: SheetSpec, values: dict[str, str]) -> list[str]:
    return [values.get(column.key, "") for column in spec.columns]


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.name)
def test_every_list_opens_to_its_readers_and_to_nobody_else(app: Flask, signed_in: Any, role: Role) -> None:
    client = signed_in(role)
    opened = {key for key in READERS if client.get(f"/screening/{key}/").status_code == 200}
    assert opened == {key for key, readers in READERS.items() if role in readers}


def test_every_list_is_edited_by_its_editors_and_by_nobody_else(signed_in: Any, compound: Any) -> None:
    ways = {Role.HIGH_SPEED_RAIL_TEAM: "HIGH_SPEED_RAIL", Role.RAILWAY_TEAM: "TRAIN"}
    for key, readers in READERS.items():
        if "-" in key or key == "statistics":
            continue
        for serial, role in enumerate(sorted(readers, key=lambda role: role.name)):
            row = row_of(list_named(key).row_kind, serial, venue=compound)
            row.category = ways.get(role, "PLANE") if key.startswith("overseas") else None
            if role in HUB_TEAMS:
                screening.receive(row, actor=SYSTEM)
            db.session.commit()
            edits = signed_in(role).get(f"/screening/{key}/{row.id}/do/outcome").status_code == 200
            assert edits is (role not in LOOK_ON.get(key, set())), (key, role)


def test_what_the_statuses_mean_is_said_where_many_are_set_too(signed_in: Any) -> None:
    row = row_of(ScreeningKind.OVERSEAS_RETURNEE, area_code="410102")
    form = post(signed_in(Role.DISTRICT_ADMIN), "/screening/overseas/do/outcomes", {"rowid": str(row.id)}).text
    assert "此人信息在预警信息中，但是摸排后发现此人从未出境" in form


def test_every_list_draws_its_rows_and_their_records(app: Flask, signed_in: Any, compound: Any) -> None:
    for key in READERS:
        if "-" in key or key == "statistics":
            continue
        declared = list_named(key)
        row = row_of(declared.row_kind, venue=compound)
        client = signed_in(next(role for role in Role if role in declared.readers))
        page = text(client, f"/screening/{key}/")
        assert "何晓明" in page and "共 1 条" in page, key
        record = f"/screening/{key}/{row.id}"
        assert "查看完整" in text(client, record) and id_card(7, birth="19850607") not in page
        assert "人员卡片" in text(client, f"{record}?tab=person")
        assert client.get(f"/screening/{key}/export").status_code == 200


def test_a_compound_sees_its_own_fever_patients_and_another_none(app: Flask, make: Factories, login_as: Any) -> None:
    mine, other = make.venue(), make.venue()
    row_of(ScreeningKind.FEVER, venue=mine)
    client = login_as(Role.COMPOUND_ADMIN, COMMUNITY, venues=[mine])
    assert "共 1 条" in text(client, "/screening/fever/")
    stranger = login_as(Role.COMPOUND_ADMIN, COMMUNITY, venues=[other])
    assert "共 0 条" in text(stranger, "/screening/fever/")
    street = login_as(Role.STREET_ADMIN, COMMUNITY[:9])
    assert "共 1 条" in text(street, "/screening/fever/?area_street=林山寨&area_community=碧沙岗")
    assert "共 0 条" in text(street, "/screening/fever/?area_street=别处")


def test_after_asked_and_nothing_found_a_fever_patient_has_no_button(signed_in: Any, compound: Any) -> None:
    row = row_of(ScreeningKind.FEVER, venue=compound)
    client = signed_in(Role.COMPOUND_ADMIN)
    url = f"/screening/fever/{row.id}/do/outcome"
    assert url in text(client, "/screening/fever/")
    post(client, url, {"status": "CLEARED", "remark": ""})
    assert url not in text(client, "/screening/fever/")
    assert "已询问，无异常" in text(client, "/screening/fever/")


def test_a_report_goes_from_the_compound_through_the_hub_team_to_the_district(signed_in: Any) -> None:
    compound, flight = signed_in(Role.COMPOUND_ADMIN), signed_in(Role.FLIGHT_TEAM)
    district, rail = signed_in(Role.DISTRICT_ADMIN), signed_in(Role.RAILWAY_TEAM)
    assert "请填写此项" in post(compound, "/screening/overseas_report/new", {"name": "韩梅"}).text
    assert post(compound, "/screening/overseas_report/new", REPORT).status_code == 302
    entry = db.session.execute(select(ScreeningEntry)).scalar_one()
    assert (entry.category, entry.status, entry.venue_id is not None) == ("PLANE", "PENDING", True)
    assert "韩梅" not in text(rail, "/screening/overseas/")
    assert "已接收" in text(flight, "/screening/overseas/")
    base = f"/screening/overseas/{entry.id}"
    assert f"{base}/do/outcome" not in text(flight, "/screening/overseas/")
    assert post(flight, f"{base}/do/receive").status_code == 302
    assert f"{base}/do/outcome" in text(flight, "/screening/overseas/")
    hub = text(flight, f"{base}/do/outcome")
    assert "超时未到" in hub and "从未出境" not in hub
    post(flight, f"{base}/do/outcome", {"status": "COLLECTED_BY_DISTRICT", "remark": "", "version": "2"})
    form = text(district, f"{base}/do/outcome")
    assert "从未出境" in form and "此人信息在预警信息中，但是摸排后发现此人从未出境" in form and "超时未到" not in form
    post(district, f"{base}/do/outcome", {"status": "HOME", "remark": "", "version": "3"})
    assert "居家隔离" in text(compound, "/screening/overseas_report/")


def test_a_report_is_made_once_and_corrected_without_showing_its_numbers(signed_in: Any) -> None:
    compound = signed_in(Role.COMPOUND_ADMIN)
    post(compound, "/screening/overseas_report/new", REPORT)
    again = post(compound, "/screening/overseas_report/new", {**REPORT, "expected_at": "2020-03-20T22:00"})
    assert "名单中已有此人" in again.text
    entry = db.session.execute(select(ScreeningEntry)).scalar_one()
    url = f"/screening/overseas_report/{entry.id}/do/correct"
    form = text(compound, url)
    assert phone(31) not in form and "139****0031" in form
    version = re.search(r'name="version"[^>]*value="(\d+)"', form)
    assert version is not None
    changed = {**REPORT, "phone": "", "relative_phone": "", "way": "自驾", "version": version[1]}
    assert post(compound, url, changed).status_code == 302
    db.session.expire_all()
    assert (entry.category, entry.phone) == ("SELF_DRIVE", phone(31))
    assert {p.key: p.value for p in screening.particulars(entry)}["relative_phone"] == phone(32)


def test_many_rows_get_one_status_and_go_to_another_district(signed_in: Any, app: Flask) -> None:
    keys = [str(row_of(ScreeningKind.TELECOM, serial, area_code="410102").id) for serial in range(3)]
    district = signed_in(Role.DISTRICT_ADMIN)
    answer = {"rowid": keys, "step": "2", "status": "NORMAL", "remark": "逐一电话联系"}
    assert post(district, "/screening/telecom/do/outcomes", answer).status_code == 302
    assert "共 3 条" in text(district, "/screening/telecom/?status=NORMAL")
    on = {"rowid": keys[:2], "step": "2", "district": "410105", "remark": "住金水区"}
    assert post(district, "/screening/telecom/do/reassign", on).status_code == 302
    assert "共 1 条" in text(district, "/screening/telecom/")


def test_many_rows_leave_out_what_somebody_else_recorded_meanwhile(signed_in: Any, app: Flask) -> None:
    rows = [row_of(ScreeningKind.TELECOM, serial, area_code="410102", name=name) for serial, name in enumerate(NAMES)]
    ids = [row.id for row in rows]
    district = signed_in(Role.DISTRICT_ADMIN)
    ticked = re.findall(r'name="rowid" value="([^"]+)"', text(district, "/screening/telecom/"))
    assert len(ticked) == len(rows)
    form = post(district, "/screening/telecom/do/outcomes", {"rowid": ticked}).text
    post(district, f"/screening/telecom/{ids[0]}/do/outcome", {"status": "QUARANTINED", "remark": "家中隔离"})
    answer = {"step": "2", "status": "NORMAL", "remark": "逐一电话联系"}
    told = post(district, "/screening/telecom/do/outcomes", {"rowid": hidden(form), **answer})
    assert told.status_code == 200 and "其中 1 条刚刚被别人修改过，不会改动（何晓明）" in told.text
    assert statuses(ids) == ["QUARANTINED", "PENDING", "PENDING"]  # nothing is done before it was said
    assert "逐一电话联系" in told.text and len(hidden(told.text)) == len(rows) - 1
    assert post(district, "/screening/telecom/do/outcomes", {"rowid": hidden(told.text), **answer}).status_code == 302
    assert statuses(ids) == ["QUARANTINED", "NORMAL", "NORMAL"]


def test_many_rows_leave_out_what_went_to_another_district_meanwhile(signed_in: Any, app: Flask) -> None:
    rows = [row_of(ScreeningKind.TELECOM, serial, area_code="410102", name=name) for serial, name in enumerate(NAMES)]
    ids = [row.id for row in rows]
    district = signed_in(Role.DISTRICT_ADMIN)
    ticked = re.findall(r'name="rowid" value="([^"]+)"', text(district, "/screening/telecom/"))
    handed_on = {"rowid": str(ids[0]), "step": "2", "district": "410105", "remark": "住金水区"}
    assert post(district, "/screening/telecom/do/reassign", handed_on).status_code == 302
    form = post(district, "/screening/telecom/do/outcomes", {"rowid": ticked})
    assert form.status_code == 200 and "其中 1 条已不在您的列表中" in form.text
    assert NAMES[0] not in form.text, "whose it is now is not told"
    answer = {"step": "2", "status": "NORMAL", "remark": "逐一电话联系"}
    assert post(district, "/screening/telecom/do/outcomes", {"rowid": hidden(form.text), **answer}).status_code == 302
    assert statuses(ids) == ["PENDING", "NORMAL", "NORMAL"]


def test_where_all_rows_were_changed_meanwhile_nothing_is_left_to_do(signed_in: Any, app: Flask) -> None:
    row = row_of(ScreeningKind.OVERSEAS_RETURNEE, area_code="410102")
    db.session.commit()
    team = signed_in(Role.FLIGHT_TEAM)
    ticked = {"rowid": f"{row.id}-{row.version}"}
    assert post(team, "/screening/overseas/do/receive", ticked).status_code == 302
    again = post(team, "/screening/overseas/do/receive", ticked, follow_redirects=True).text
    assert "所选记录刚刚都被别人修改过或改派" in again
    assert statuses([row.id]) == ["RECEIVED"]


def hidden(form: str) -> list[str]:
    """The rows that a form of many carries along."""
    return re.findall(r'type="hidden" name="rowid" value="([^"]+)"', form)


def statuses(ids: list[int]) -> list[str]:
    query = select(ScreeningEntry.status).where(ScreeningEntry.id.in_(ids)).order_by(ScreeningEntry.id)
    return list(db.session.execute(query).scalars())


def test_a_row_handed_on_from_its_record_leads_back_to_the_list(signed_in: Any) -> None:
    row = row_of(ScreeningKind.TELECOM, area_code="410102")
    answer = post(
        signed_in(Role.DISTRICT_ADMIN), f"/screening/telecom/{row.id}/do/reassign", {"district": "410105", "remark": ""}
    )
    assert answer.status_code == 302 and answer.headers["Location"].endswith("/screening/telecom/")


def test_who_was_called_for_one_list_is_said_where_the_next_one_calls(signed_in: Any) -> None:
    telecom = row_of(ScreeningKind.TELECOM, area_code="410102")
    risk = row_of(ScreeningKind.RISK_AREA_RETURNEE, area_code="410102")
    screening.record_outcome(telecom, status="UNREACHABLE", remark="", actor=SYSTEM)
    db.session.commit()
    form = text(signed_in(Role.DISTRICT_ADMIN), f"/screening/risk_returnee/{risk.id}/do/outcome")
    assert "此人在「通管人员摸排」中已于" in form and "联系不上" in form


def test_the_totals_are_the_sum_of_the_lines_and_open_their_rows(signed_in: Any, app: Flask) -> None:
    for serial in range(4):
        row_of(ScreeningKind.OVERSEAS_RETURNEE, serial, area_code="410102001002" if serial else "410105")
    waiting = row_of(ScreeningKind.OVERSEAS_RETURNEE, 9)
    waiting.area_code, waiting.dispatched_at = "4101", None
    done = db.session.execute(select(ScreeningEntry).where(ScreeningEntry.area_code == "410105")).scalar_one()
    screening.record_outcome(done, status="HOME", remark="", actor=SYSTEM)
    db.session.commit()
    city = signed_in(Role.CITY_ADMIN)
    page = text(city, "/screening/overseas-completion/")
    rates = re.findall(r"\d+\.\d\d%", page)
    assert rates[0] == "20.00%" and "100.00%" in rates and "0.00%" in rates
    links = re.findall(r'<td[^>]*><a href="([^"]+)">([\d,]+)</a>', page)
    assert links and "未下发" in page
    for url, count in links:
        assert f"共 {count} 条" in text(city, url.replace("&amp;", "&")), url
    book = load_workbook(io.BytesIO(city.get("/screening/overseas-completion/export").get_data()))
    rows = list(book.worksheets[0].iter_rows(values_only=True))[2:]
    assert rows[0][:4] == ("合计", "5", "1", "20.00%")
    assert sum(int(str(row[1])) for row in rows[1:]) == 5
    assert "共 0 条" in text(city, "/screening/overseas/?since=2021-01-01")
    assert "100.00%" in text(city, "/screening/overseas-completion/?since=2021-01-01")


def test_the_number_of_returnees_to_attend_to_stands_in_the_menu(signed_in: Any, app: Flask) -> None:
    row = row_of(ScreeningKind.OVERSEAS_RETURNEE)
    district = signed_in(Role.DISTRICT_ADMIN)
    assert 'class="badge"' not in text(district, "/")
    row.created_at = row.created_at.replace(year=2019)
    db.session.commit()
    assert '<span class="badge">1</span>' in text(district, "/")
    assert "共 1 条" in text(district, "/screening/overseas/?attention=yes")
    assert "共 0 条" in text(district, "/screening/overseas/?attention=no")
    row_of(ScreeningKind.OVERSEAS_RETURNEE, 8)
    db.session.commit()
    assert "共 1 条" in text(district, "/screening/overseas/?attention=no")


def test_a_clinics_patients_go_where_they_live_and_else_to_its_district(
    app: Flask, make: Factories, tmp_path: Any
) -> None:
    spec = list_named("fever").sheet
    person = make.person(document_number=id_card(11, birth="19850607"), phone=phone(11))
    tie = make.residency(person, status=QuarantineStatus.NOT_REQUIRED)
    known = {"listed_on": "2020-04-07", "name": "何晓明", "document_number": person.document_number}
    unknown = {"listed_on": "2020-04-07", "name": "路人", "phone": phone(12)}
    named = {**unknown, "phone": phone(13), "target_district": "中原区", "street": "林山寨街道"}
    header = [column.title for column in spec.columns]
    path = table(tmp_path / "fever.xlsx", *(cells(spec, row) for row in (known, unknown, named)), header=header)
    clinic = make.account(Role.MEDICAL_INSTITUTION, "410105003001")
    batch = import_list("fever", path, clinic)
    assert isinstance(batch, ImportBatch) and batch.area_code == "410105003001"
    places = {row.phone or row.name: (row.area_code, row.venue_id) for row in db.session.query(ScreeningEntry)}
    assert places["何晓明"] == (tie.area_code, tie.venue_id)
    assert places[phone(12)] == ("410105", None)
    assert places[phone(13)] == ("410102001", None)


def test_a_test_result_is_the_status_of_its_row(app: Flask, make: Factories, tmp_path: Any) -> None:
    spec = list_named("nucleic").sheet
    rows = [
        {"listed_on": "2020-04-07", "name": "甲", "phone": phone(21), "result": "阳性", "target_district": "金水区"},
        {"listed_on": "2020-04-07", "name": "乙", "phone": phone(22), "result": "", "target_district": "金水区"},
    ]
    header = [column.title for column in spec.columns]
    path = table(tmp_path / "nucleic.xlsx", *(cells(spec, row) for row in rows), header=header)
    import_list("nucleic", path, make.account(Role.CITY_ADMIN))
    statuses = {row.name: row.status for row in db.session.query(ScreeningEntry)}
    assert statuses == {"甲": "POSITIVE", "乙": "PENDING"}


def test_a_file_for_the_command_centre_has_its_category(
    app: Flask, make: Factories, signed_in: Any, tmp_path: Any
) -> None:
    spec = list_named("headquarters").sheet
    row = {"name": "何晓明", "phone": phone(21), "target_district": "金水区"}
    path = table(tmp_path / "h.xlsx", cells(spec, row), header=[column.title for column in spec.columns])
    import_list("headquarters", path, make.account(Role.FLIGHT_TEAM))
    city = signed_in(Role.CITY_ADMIN)
    assert "共 1 条" in text(city, "/screening/headquarters/?category=AIRPORT")
    assert "共 0 条" in text(city, "/screening/headquarters/?category=POLICE")
    assert "所属分类" in text(signed_in(Role.FLIGHT_TEAM), "/imports/headquarters/")


def test_patrol_staff_are_added_corrected_and_let_go(signed_in: Any) -> None:
    city = signed_in(Role.CITY_ADMIN)
    new = {"name": "周巡", "phone": phone(41), "document_type": "身份证", "unit": "街道办", "place": "410105"}
    assert post(city, "/screening/patrol/new", new).status_code == 302
    entry = db.session.execute(select(ScreeningEntry)).scalar_one()
    assert (entry.area_code, entry.status) == ("410105", "ON_DUTY")
    assert "周巡" in text(city, "/screening/patrol/?status=ON_DUTY")
    post(city, f"/screening/patrol/{entry.id}/do/outcome", {"status": "OFF_DUTY", "remark": ""})
    assert "共 1 条" in text(city, "/screening/patrol/?status=OFF_DUTY")
    assert "周巡" not in text(city, "/")


def test_returnees_from_risk_areas_are_searched_by_name_phone_and_number_each_in_its_field(signed_in: Any) -> None:
    row, _other = (row_of(ScreeningKind.RISK_AREA_RETURNEE, serial, area_code="410102") for serial in (1, 2))
    district = signed_in(Role.DISTRICT_ADMIN)
    page = text(district, "/screening/risk_returnee/")
    for label in ("姓名", "手机号", "身份证件号"):
        assert re.search(f"<label[^>]*>{label}</label>", page)
    assert 'name="keyword"' not in page
    for key, value in (("phone", row.phone), ("document_number", row.document_number)):
        assert value and "共 1 条" in text(district, f"/screening/risk_returnee/?{key}={value}")
    assert row.name and row.name in text(district, f"/screening/risk_returnee/?name={row.name}")


def test_the_fever_list_is_emptied_of_its_search_by_the_manuals_word(signed_in: Any) -> None:
    district = signed_in(Role.DISTRICT_ADMIN)
    assert '<a class="btn btn-default" href="?">清空</a>' in text(district, "/screening/fever/")
    assert "点击「清空」查看全部" in text(district, "/screening/fever/?status=PENDING")
    assert '<a class="btn btn-default" href="?">清除</a>' in text(district, "/screening/telecom/")


def test_a_clinic_finds_its_import_in_the_menu(signed_in: Any) -> None:
    menu = text(signed_in(Role.MEDICAL_INSTITUTION), "/").partition("<nav")[2].partition("</nav>")[0]
    assert re.search(r'href="/imports/fever/"[^>]*><span>发热人员导入<', menu)


def test_the_figures_of_a_compound_are_those_of_its_rows(login_as: Any, make: Factories, compound: Any) -> None:
    other = make.venue()
    for serial, venue in ((1, compound), (2, compound), (3, other)):
        row_of(ScreeningKind.POLICE, serial, venue=venue)
    db.session.commit()
    page = text(login_as(Role.COMPOUND_ADMIN, COMMUNITY, venues=[compound, other]), "/screening/police/")
    (total,) = re.findall(r">总数</a></dt>\s*<dd class=\"figure-value\"[^>]*>(\d+)<", page)
    assert f"共 {total} 条" in page and total in "12"


def test_the_way_of_return_is_read_in_the_readers_language(signed_in: Any) -> None:
    row_of(ScreeningKind.OVERSEAS_RETURNEE, area_code="410102001002")
    city = signed_in(Role.CITY_ADMIN)
    assert "飞机" in text(city, "/screening/overseas/").partition("<tbody")[2]
    city.get("/language/en")
    assert "飞机" not in text(city, "/screening/overseas/").partition("<tbody")[2]
