"""「小区居民管理」: what the list shows, what may be done to a row, and what is left of it in the log."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from app.domain.quarantine import QuarantineStatus
from app.domain.roles import Role
from app.extensions import db
from app.models import AuditEvent, Registration, Residency
from app.services import audit
from app.services.quarantine import today
from tests.factories import Factories, id_card
from tests.web import post


def test_a_manager_sees_the_residents_of_the_compound_in_hand(make: Factories, login_as) -> None:
    mine, other = make.venue(), make.venue()
    make.residency(make.person("何晓明"), mine)
    make.residency(make.person("王芳"), other)
    page = login_as(Role.COMPOUND_ADMIN, mine.area_code, venues=[mine]).get("/residents/").text
    assert "小区居民管理" in page
    assert "何晓明" in page
    assert "王芳" not in page


def test_a_row_has_the_colour_of_its_days(make: Factories, login_as) -> None:
    venue = make.venue()
    for name, days in (("红某", 8), ("黄某", 7)):
        make.residency(
            make.person(name), venue, status=QuarantineStatus.CONFIRMED, since=today() - timedelta(days=days)
        )
    make.residency(make.person("绿某"), venue)
    page = login_as(Role.COMPOUND_ADMIN, venue.area_code, venues=[venue]).get("/residents/").text
    tones = {
        name: tone for tone, name in re.findall(r'<tr role="row" class="row-(\w+)".*?(红某|黄某|绿某)', page, re.S)
    }
    assert tones == {"红某": "red", "黄某": "yellow", "绿某": "green"}


@pytest.fixture
def pending(make: Factories, login_as):
    """A pending resident and the manager of the compound."""
    venue = make.venue()
    row = make.residency(venue=venue, status=QuarantineStatus.PENDING, since=today())
    return row.id, login_as(Role.COMPOUND_ADMIN, venue.area_code, venues=[venue])


def _status(key: int) -> QuarantineStatus:
    db.session.expire_all()
    return db.session.get_one(Residency, key).status


def test_a_pending_quarantine_is_confirmed_and_logged(pending) -> None:
    key, manager = pending
    assert post(manager, f"/residents/{key}/do/confirm", {"confirmed": "1"}).status_code == 302
    assert _status(key) is QuarantineStatus.CONFIRMED
    event = db.session.execute(select(AuditEvent).where(AuditEvent.action == "confirm_quarantine")).scalar_one()
    assert event.changes["status"] == ["PENDING", "CONFIRMED"]
    log = manager.get(f"/residents/{key}?tab=log").text
    assert "待确认隔离 → 已确认隔离" in log
    assert audit.verify() == (1, None)


def test_without_a_script_the_question_comes_as_a_page(pending) -> None:
    key, manager = pending
    answer = post(manager, f"/residents/{key}/do/confirm")
    assert "确定此人已经处于隔离状态吗？" in answer.text
    assert _status(key) is QuarantineStatus.PENDING


def test_a_release_needs_a_reason_and_a_certificate(pending) -> None:
    key, manager = pending
    answer = post(manager, f"/residents/{key}/do/release", {"reason": ""}).text
    assert "请填写解除隔离原因" in answer and "请确认是否已提交健康证明" in answer
    answer = post(manager, f"/residents/{key}/do/release", {"reason": "", "has_health_certificate": "y"})
    assert "请填写解除隔离原因" in answer.text
    answer = post(manager, f"/residents/{key}/do/release", {"reason": "核酸阴性"})
    assert "请确认是否已提交健康证明" in answer.text
    assert _status(key) is QuarantineStatus.PENDING
    answer = post(manager, f"/residents/{key}/do/release", {"reason": "核酸阴性", "has_health_certificate": "y"})
    assert answer.status_code == 302
    assert _status(key) is QuarantineStatus.RELEASED


def test_a_returnee_from_a_key_area_is_not_released_before_the_days_are_over(make: Factories, login_as) -> None:
    venue = make.venue()
    row = make.residency(
        venue=venue, status=QuarantineStatus.CONFIRMED, since=today() - timedelta(days=4), is_key_area=True
    )
    key, manager = row.id, login_as(Role.COMPOUND_ADMIN, venue.area_code, venues=[venue])
    before = manager.get(f"/residents/{key}/do/release").text
    assert "此人隔离期 14 天，还剩 10 天，期满前不能解除隔离" in before, "said before anything is typed"
    answer = post(manager, f"/residents/{key}/do/release", {"reason": "核酸阴性", "has_health_certificate": "y"})
    assert "期满前不能解除隔离" in answer.text
    assert _status(key) is QuarantineStatus.CONFIRMED


def test_ending_the_tie_takes_the_row_off_the_list_until_asked_for(pending) -> None:
    key, manager = pending
    answer = post(manager, f"/residents/{key}/do/leave", {"residency_id": str(key), "remark": "已搬走"})
    assert answer.status_code == 302
    assert "何晓明" not in manager.get("/residents/").text
    again = manager.get("/residents/?with_ended=y").text
    assert "何晓明" in again
    assert "已解除关联" in again


def test_somebody_elses_resident_does_not_exist(make: Factories, login_as) -> None:
    mine, other = make.venue(), make.venue(area_code="410105001001")
    row = make.residency(venue=other, status=QuarantineStatus.PENDING, since=today())
    key = row.id
    for client in (
        login_as(Role.COMPOUND_ADMIN, mine.area_code, venues=[mine]),
        login_as(Role.DISTRICT_ADMIN, "410102"),
    ):
        assert client.get(f"/residents/{key}").status_code == 404
        assert client.get(f"/residents/{key}/do/release").status_code == 404
        assert post(client, f"/residents/{key}/do/confirm", {"confirmed": "1"}).status_code == 404
    assert _status(key) is QuarantineStatus.PENDING


def test_a_resident_is_found_by_name_number_or_phone(make: Factories, login_as) -> None:
    venue = make.venue()
    person = make.person("欧阳修")
    make.residency(person, venue)
    make.residency(make.person("王安石"), venue)
    number, phone = person.document_number, person.phone
    manager = login_as(Role.COMPOUND_ADMIN, venue.area_code, venues=[venue])
    for query in ({"name": "欧阳"}, {"document_number": number}, {"phone": phone}):
        answer = post(manager, "/residents/search", query, follow_redirects=True)
        page = answer.text
        assert next(iter(query.values())) not in unquote(answer.request.url), "what was typed stays out of the address"
        assert f'value="{next(iter(query.values()))}"' in page
        assert "欧阳修" in page
        assert "王安石" not in page


def test_a_search_that_finds_nobody_does_not_call_the_list_empty(make: Factories, login_as) -> None:
    venue = make.venue()
    manager = login_as(Role.COMPOUND_ADMIN, venue.area_code, venues=[venue])
    assert "还没有居民" in manager.get("/residents/").text
    searched = manager.get("/residents/?status=PENDING").text
    assert "没有符合条件的记录" in searched and "还没有居民" not in searched


def test_numbers_are_masked_until_a_reason_is_given(pending) -> None:
    key, manager = pending
    number = db.session.get_one(Residency, key).person.document_number
    assert number not in manager.get(f"/residents/{key}").text
    assert number not in post(manager, f"/reveal/residency/{key}", {"reason": ""}).text
    shown = post(manager, f"/reveal/residency/{key}", {"reason": "电话核实本人身份", "back": f"/residents/{key}"}).text
    assert number in shown
    assert f'<a class="back" href="/residents/{key}">' in shown, "the way back for a browser without scripts"
    event = db.session.execute(select(AuditEvent).where(AuditEvent.action == "reveal")).scalar_one()
    assert event.changes["reason"] == "电话核实本人身份"


def test_paging_by_key_shows_every_row_once(make: Factories, login_as) -> None:
    venue = make.venue()
    for serial in range(60):
        make.residency(make.person(f"居民{serial:02d}"), venue)
    manager = login_as(Role.COMPOUND_ADMIN, venue.area_code, venues=[venue])
    seen, url = [], "/residents/"
    while url:
        page = manager.get(url).text
        seen += re.findall(r"居民\d\d", re.sub(r'aria-label="[^"]*"', "", page))
        following = re.search(r'href="([^"]*after=[^"]*)"', page)
        url = following.group(1).replace("&amp;", "&") if following else ""
    assert len(set(seen)) == 60


def test_a_manager_adds_somebody_known_to_isolate(make: Factories, login_as) -> None:
    venue = make.venue()
    manager = login_as(Role.COMPOUND_ADMIN, venue.area_code, venues=[venue])
    form = {
        "name": "周建国",
        "document_type": "ID_CARD",
        "document_number": id_card(7),
        "phone_number": "13900000077",
        "address": "幸福小区3号楼501室",
        "is_returnee": "yes",
        "arrival_date": today().isoformat(),
        "transport": "SELF_DRIVE",
        "is_from_abroad": "no",
        "origin_district": "湖北省武汉市武昌区",
        "quarantine_method": "HOME",
    }
    answer = post(manager, "/residents/new", {**form, "document_number": "410102199001011231"})
    assert "周建国" in answer.text, "nothing typed is lost"
    assert db.session.execute(select(Residency)).first() is None
    assert post(manager, "/residents/new", form).status_code == 302
    row = db.session.execute(select(Residency)).scalar_one()
    assert (row.status, row.is_key_area, row.venue_id) == (QuarantineStatus.PENDING, True, venue.id)
    actions = set(db.session.execute(select(AuditEvent.action)).scalars())
    assert actions == {"quarantine_by_policy", "create_resident"}


def test_a_sealed_search_opens_for_its_own_account_only(make: Factories, login_as) -> None:
    venue = make.venue()
    make.residency(make.person("欧阳修"), venue)
    make.residency(make.person("王安石"), venue)
    first, second = (login_as(Role.COMPOUND_ADMIN, venue.area_code, venues=[venue]) for _ in range(2))
    address = post(first, "/residents/search", {"name": "欧阳", "status": "NOT_REQUIRED"}).location
    assert "status=NOT_REQUIRED" in address
    assert "王安石" not in first.get(address).text
    assert "王安石" in second.get(address).text
    assert first.get("/residents/?q=abc").status_code == 200


def test_editing_shows_no_number_and_keeps_what_is_left_blank(pending) -> None:
    key, manager = pending
    person = db.session.get_one(Residency, key).person
    number, phone = person.document_number, person.phone
    page = manager.get(f"/residents/{key}/do/edit").text
    assert number not in page
    assert phone not in page
    changed = {"name": "何小明", "document_type": "ID_CARD", "document_number": "", "phone": "13611112222"}
    assert post(manager, f"/residents/{key}/do/edit", changed).status_code == 302
    db.session.expire_all()
    person = db.session.get_one(Residency, key).person
    assert (person.name, person.document_number, person.phone) == ("何小明", number, "13611112222")
    event = db.session.execute(select(AuditEvent).where(AuditEvent.action == "correct_person")).scalar_one()
    assert event.changes["name"] == ["何晓明", "何小明"]
    assert "13611112222" not in str(event.changes)


def test_a_corrected_address_is_a_later_form_and_the_signed_one_stays(pending) -> None:
    key, manager = pending
    signed = db.session.get_one(Residency, key).registration
    signed_id, declared, before = signed.id, signed.declaration, signed.address
    typed = {
        "name": "何晓明",
        "document_type": "ID_CARD",
        "address": "幸福小区9号楼1单元201室",
        "plate_number": "豫a·12345",
    }
    assert "车牌号格式不正确" in post(manager, f"/residents/{key}/do/edit", {**typed, "plate_number": "豫A1"}).text
    assert post(manager, f"/residents/{key}/do/edit", typed).status_code == 302
    db.session.expire_all()
    form = db.session.get_one(Residency, key).registration
    assert (form.address, form.plate, form.declaration) == (typed["address"], "豫A12345", declared)
    assert form.id != signed_id
    assert db.session.get_one(Registration, signed_id).address == before
    log = manager.get(f"/residents/{key}?tab=log").text
    assert "现住地址" in log and "幸福小区***" in log and "9号楼" not in log
