"""「小区账号管理」 and 「账号管理」: who appoints whom, where, and what a crafted form cannot do (Z-A6, Z-A7)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.domain.roles import Role
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import Account, AuditEvent, OutgoingMessage, Venue
from tests.factories import COMMUNITY, Factories
from tests.web import open_session, post

COMPOUNDS, ACCOUNTS = "/compound-accounts/", "/accounts/"
DISTRICT, STREET = "410102", "410102001"
OTHER_DISTRICT, OTHER_COMMUNITY = "410105", "410105001001"
PHONE, NEW_PHONE = "13900139000", "13900139001"


def found(phone: str) -> Account | None:
    db.session.rollback()
    return db.session.execute(select(Account).where(Account.username == phone)).scalar_one_or_none()


def messages() -> list[tuple[str, str, dict[str, str]]]:
    rows = db.session.execute(select(OutgoingMessage).order_by(OutgoingMessage.id)).scalars()
    return [(row.phone, row.template, json.loads(row.params)) for row in rows]


def events(action: str) -> list[AuditEvent]:
    return list(db.session.execute(select(AuditEvent).where(AuditEvent.action == action)).scalars())


@pytest.fixture
def compound(make: Factories) -> Venue:
    return make.venue(name="阳光小区")


def new_manager(client: FlaskClient, *venues: int, phone: str = PHONE, **more: Any) -> Any:
    data = {"phone_number": phone, "name": "张三", "venue_ids": [str(venue) for venue in venues], **more}
    return post(client, f"{COMPOUNDS}new", data)


@pytest.mark.parametrize(
    ("role", "area"),
    [(Role.DISTRICT_ADMIN, DISTRICT), (Role.STREET_ADMIN, STREET), (Role.COMMUNITY_ADMIN, COMMUNITY)],
)
def test_the_three_levels_above_open_accounts_for_compounds(
    login_as: Any, compound: Venue, role: Role, area: str
) -> None:
    client, venue_id = login_as(role, area), compound.id
    assert new_manager(client, venue_id, phone="139 0013 9000").status_code == 302
    account = found(PHONE)
    assert account is not None and account.role is Role.COMPOUND_ADMIN and account.active
    assert [link.venue_id for link in account.venue_links] == [venue_id]
    assert (account.area_code, account.must_change_password) == (COMMUNITY, True)
    ((phone, template, params),) = messages()
    assert (phone, template) == (PHONE, "ACCOUNT_CREATED")
    assert len(params["password"]) >= 12
    (event,) = events("appoint")
    assert event.changes["phone"] == [None, "139****9000"]
    page = client.get(COMPOUNDS).text
    assert "139****9000" in page and "阳光小区" in page and PHONE not in page


def test_the_temporary_password_opens_the_change_of_password_only(
    app: Flask, client: FlaskClient, login_as: Any, compound: Venue
) -> None:
    new_manager(login_as(Role.COMMUNITY_ADMIN, COMMUNITY), compound.id)
    password = messages()[0][2]["password"]
    post(client, "/account/login/", {"username": PHONE, "password": password}, page="/account/login/")
    for page in ("/", "/residents/", "/reveal/residency/1"):
        assert client.get(page).location == "/account/password/"
    own = {"old_password": password, "new_password": "correct horse battery", "repeated": "correct horse battery"}
    assert post(client, "/account/password/", own, page="/account/password/").location == "/"
    assert client.get("/residents/").status_code == 200


def test_a_manager_of_two_communities_stands_at_their_street(login_as: Any, make: Factories, compound: Venue) -> None:
    second = make.venue(area_code="410102001003")
    client = login_as(Role.STREET_ADMIN, STREET)
    new_manager(client, compound.id, second.id)
    account = found(PHONE)
    assert account is not None
    assert account.area_code == STREET
    assert len(account.venue_links) == 2


@pytest.mark.parametrize(
    "role", [Role.CITY_ADMIN, Role.COMPOUND_ADMIN, Role.SECTOR_ADMIN, Role.AUDITOR, Role.FLIGHT_TEAM]
)
def test_others_do_not_open_accounts_for_compounds(login_as: Any, compound: Venue, role: Role) -> None:
    client = login_as(role, COMMUNITY if role is Role.COMPOUND_ADMIN else "4101", venues=[compound])
    assert client.get(COMPOUNDS).status_code == 403
    assert new_manager(client, compound.id).status_code == 403
    assert found(PHONE) is None


def test_compounds_elsewhere_are_not_offered_and_not_taken(login_as: Any, make: Factories) -> None:
    foreign = make.venue(name="远方小区", area_code=OTHER_COMMUNITY)
    client, foreign_id = login_as(Role.DISTRICT_ADMIN, DISTRICT), foreign.id
    assert client.get(f"{COMPOUNDS}compounds?q=远方").json == {"options": []}
    answer = new_manager(client, foreign_id, find="远方")
    assert answer.status_code == 200 and "远方小区" not in answer.text
    assert found(PHONE) is None


def test_the_search_of_compounds_finds_by_a_part_of_the_name(login_as: Any, compound: Venue) -> None:
    client, venue_id = login_as(Role.DISTRICT_ADMIN, DISTRICT), compound.id
    assert client.get(f"{COMPOUNDS}compounds?q=光小").json == {"options": [{"value": venue_id, "label": "阳光小区"}]}
    # Without a script the form itself searches, and keeps what was typed.
    answer = new_manager(client, find="阳光")
    assert "请选择管辖范围内的小区" in answer.text and "阳光小区" in answer.text and PHONE in answer.text


def test_a_phone_has_one_account_in_the_whole_city(login_as: Any, make: Factories, compound: Venue) -> None:
    make.account(Role.DISTRICT_ADMIN, OTHER_DISTRICT, phone=PHONE)
    answer = new_manager(login_as(Role.COMMUNITY_ADMIN, COMMUNITY), compound.id)
    assert 'id="phone_number-error"' in answer.text and "该手机号已开通账号" in answer.text
    assert messages() == []


@pytest.mark.parametrize(("phone", "said"), [("12345", "请填写11位数字手机号"), ("", "请填写11位数字手机号")])
def test_a_wrong_phone_is_refused_beside_its_field(login_as: Any, compound: Venue, phone: str, said: str) -> None:
    answer = new_manager(login_as(Role.COMMUNITY_ADMIN, COMMUNITY), compound.id, phone=phone)
    assert 'id="phone_number-error"' in answer.text and said in answer.text


def test_accounts_are_searched_by_phone_and_compound(login_as: Any, make: Factories, compound: Venue) -> None:
    make.account(Role.COMPOUND_ADMIN, COMMUNITY, venues=[compound], phone=PHONE, name="张三")
    make.account(Role.COMPOUND_ADMIN, COMMUNITY, venues=[make.venue(name="月亮小区")], phone=NEW_PHONE, name="李四")
    client = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    for query, name in ((f"phone={PHONE}", "张三"), ("compound=月亮", "李四")):
        page = client.get(f"{COMPOUNDS}?{query}").text
        assert [each in page for each in ("张三", "李四")] == [name == "张三", name == "李四"]
    assert "张三" not in client.get(f"{COMPOUNDS}?state=suspended").text


def test_the_list_shows_managers_below_only(login_as: Any, make: Factories) -> None:
    make.account(Role.COMPOUND_ADMIN, OTHER_COMMUNITY, name="外人", venues=[make.venue(area_code=OTHER_COMMUNITY)])
    assert "外人" not in login_as(Role.DISTRICT_ADMIN, DISTRICT).get(COMPOUNDS).text


@pytest.fixture
def manager(make: Factories, compound: Venue) -> Account:
    account = make.account(Role.COMPOUND_ADMIN, COMMUNITY, venues=[compound], phone=PHONE, name="张三")
    db.session.commit()
    return account


def signed_in(app: Flask, account: Account) -> FlaskClient:
    client = app.test_client()
    open_session(client, account)
    return client


def test_a_changed_phone_gets_a_password_and_the_old_one_stops(
    app: Flask, login_as: Any, manager: Account, compound: Venue
) -> None:
    theirs, key, venue_id = signed_in(app, manager), manager.id, compound.id
    assert theirs.get("/residents/").status_code == 200
    client = login_as(Role.STREET_ADMIN, STREET)
    form = client.get(f"{COMPOUNDS}{key}/do/correct").text
    assert "139****9000" in form and PHONE not in form
    data = {"phone_number": NEW_PHONE, "name": "王五", "venue_ids": [str(venue_id)]}
    assert post(client, f"{COMPOUNDS}{key}/do/correct", data).status_code == 302
    account = found(NEW_PHONE)
    assert account is not None and account.id == key and account.first_name == "王五"
    assert theirs.get("/residents/").status_code == 302
    assert [(phone, template) for phone, template, _params in messages()] == [
        (NEW_PHONE, "ACCOUNT_CREATED"),
        (PHONE, "PHONE_CHANGED"),
    ]
    (event,) = events("correct_account")
    assert event.changes["phone"] == ["139****9000", "139****9001"]


def test_a_correction_asks_in_the_order_of_a_new_account(login_as: Any, manager: Account) -> None:
    client = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    for path in ("new", f"{manager.id}/do/correct"):
        page = client.get(f"{COMPOUNDS}{path}").text
        at = [page.index(f'name="{name}"') for name in ("phone_number", "name", "find", "venue_ids")]
        assert at == sorted(at)


def test_a_managers_name_is_kept_without_the_blanks_that_made_it_wider(login_as: Any, compound: Venue) -> None:
    new_manager(login_as(Role.DISTRICT_ADMIN, DISTRICT), compound.id, name=" 周　明 ")
    account = found(PHONE)
    assert account is not None and account.first_name == "周明"


def test_compounds_are_given_and_taken(login_as: Any, make: Factories, manager: Account) -> None:
    second, key = make.venue(), manager.id
    client, second_id = login_as(Role.COMMUNITY_ADMIN, COMMUNITY), second.id
    post(client, f"{COMPOUNDS}{key}/do/correct", {"name": "张三", "venue_ids": [str(second_id)]})
    account = found(PHONE)
    assert account is not None and [link.venue_id for link in account.venue_links] == [second_id]
    assert messages() == []


def test_suspending_ends_the_session_at_once_and_needs_a_reason(app: Flask, login_as: Any, manager: Account) -> None:
    theirs, key = signed_in(app, manager), manager.id
    client = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    assert "请填写原因" in post(client, f"{COMPOUNDS}{key}/do/suspend", {"reason": " "}).text
    assert theirs.get("/residents/").status_code == 200
    assert post(client, f"{COMPOUNDS}{key}/do/suspend", {"reason": "离职"}).status_code == 302
    assert theirs.get("/residents/").status_code == 302
    assert post(client, f"{COMPOUNDS}{key}/do/resume", {"reason": "复职"}).status_code == 302
    assert theirs.get("/residents/").status_code == 302, "the session of before does not come back"
    account = found(PHONE)
    assert account is not None and account.active
    assert [events(name)[0].changes["reason"] for name in ("suspend_account", "resume_account")] == ["离职", "复职"]


def test_an_account_elsewhere_cannot_be_touched(login_as: Any, manager: Account) -> None:
    key = manager.id
    client = login_as(Role.DISTRICT_ADMIN, OTHER_DISTRICT)
    for action in ("correct", "suspend", "resume"):
        assert post(client, f"{COMPOUNDS}{key}/do/{action}", {"reason": "离职"}).status_code == 404
    assert client.get(f"/reveal/account/{key}").status_code == 404


def appointment(**more: Any) -> dict[str, Any]:
    return {"phone_number": PHONE, "name": "张三", **more}


@pytest.mark.parametrize(
    ("appointer", "area", "role", "place"),
    [
        (Role.SYSTEM_ADMIN, "4101", Role.CITY_ADMIN, "4101"),
        (Role.CITY_ADMIN, "4101", Role.DISTRICT_ADMIN, DISTRICT),
        (Role.CITY_ADMIN, "4101", Role.AUDITOR, "4101"),
        (Role.DISTRICT_ADMIN, DISTRICT, Role.STREET_ADMIN, STREET),
        (Role.STREET_ADMIN, STREET, Role.COMMUNITY_ADMIN, COMMUNITY),
    ],
)
def test_every_level_appoints_the_one_below(login_as: Any, appointer: Role, area: str, role: Role, place: str) -> None:
    client = login_as(appointer, area)
    assert post(client, f"{ACCOUNTS}new", appointment(role=role.name, area_code=place)).status_code == 302
    account = found(PHONE)
    assert account is not None and (account.role, account.area_code) == (role, place)
    assert "139****9000" in client.get(ACCOUNTS).text


def test_a_sector_manager_needs_a_sector(login_as: Any, app: Flask) -> None:
    client = login_as(Role.CITY_ADMIN, "4101")
    data = appointment(role="SECTOR_ADMIN", area_code="4101")
    assert "请选择行业" in post(client, f"{ACCOUNTS}new", data).text
    assert post(client, f"{ACCOUNTS}new", {**data, "venue_kind": "BUS"}).status_code == 302
    account = found(PHONE)
    assert account is not None and account.venue_kind is VenueKind.BUS


@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("STREET_ADMIN", "410105001"),  # another district's street
        ("STREET_ADMIN", DISTRICT),  # not of the role's level
        ("STREET_ADMIN", "410102999"),  # no such area
        ("STREET_ADMIN", "4101"),
        ("DISTRICT_ADMIN", OTHER_DISTRICT),
        ("DISTRICT_ADMIN", DISTRICT),
        ("CITY_ADMIN", "4101"),
        ("SYSTEM_ADMIN", "4101"),
        ("AUDITOR", DISTRICT),
        ("NOBODY", DISTRICT),
        ("", ""),
    ],
)
def test_a_district_appoints_nobody_elsewhere_or_above(login_as: Any, app: Flask, role: str, place: str) -> None:
    client = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    assert post(client, f"{ACCOUNTS}new", appointment(role=role, area_code=place)).status_code == 200
    assert found(PHONE) is None


def test_an_area_is_chosen_and_one_of_the_wrong_level_is_said_to_be(login_as: Any) -> None:
    client = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    page = post(client, f"{ACCOUNTS}new", appointment(role="STREET_ADMIN")).text
    assert "请选择管辖区域" in page and '<option value="">请选择</option>' in page
    assert "街道管理员的管辖区域应选择一个街道" in (
        post(client, f"{ACCOUNTS}new", appointment(role="STREET_ADMIN", area_code=DISTRICT)).text
    )


def test_fields_that_no_form_has_change_nothing(login_as: Any, manager: Account, compound: Venue) -> None:
    key, venue_id = manager.id, compound.id
    client = login_as(Role.COMMUNITY_ADMIN, COMMUNITY)
    before = {name: getattr(manager, name) for name in Account.__mapper__.columns.keys()}  # noqa: SIM118
    crafted = {
        "id": "1", "username": NEW_PHONE, "password": "x", "role": "SYSTEM_ADMIN", "area_code": "41", "active": "",
        "venue_kind": "BUS", "session_stamp": "99", "must_change_password": "", "email": "x@x.x", "login_count": "9",
        "created_by_fk": "1", "password_expires_at": "2099-01-01", "first_name": "改", "last_name": "改",
        "roles": "1", "groups": "1", "fail_login_count": "7",
    }  # fmt: skip
    data = {**crafted, "name": "新名", "venue_ids": [str(venue_id)]}
    assert post(client, f"{COMPOUNDS}{key}/do/correct", data).status_code == 302
    account = found(PHONE)
    assert account is not None and account.id == key and account.first_name == "新名"
    changed = {name for name, value in before.items() if getattr(account, name) != value}
    assert changed <= {"first_name", "changed_on", "changed_by_fk"}
    assert new_manager(client, venue_id, phone="13900139077", **crafted).status_code == 302
    made = found("13900139077")
    assert made is not None and (made.role, made.area_code, made.active) == (Role.COMPOUND_ADMIN, COMMUNITY, True)
    assert made.id != 1 or db.session.execute(select(func.count(Account.id))).scalar_one() == 1


def test_nobody_changes_an_own_account(login_as: Any, app: Flask) -> None:
    client = login_as(Role.CITY_ADMIN, "4101")
    for path in (COMPOUNDS, ACCOUNTS):
        answer = post(client, f"{path}{client.account_id}/do/suspend", {"reason": "试试"})
        assert answer.status_code in (403, 404)


def test_a_phone_is_seen_in_full_for_a_reason_that_is_kept(login_as: Any, manager: Account) -> None:
    key = manager.id
    client = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    shown = post(client, f"/reveal/account/{key}", {"reason": "电话通知开会"})
    assert PHONE in shown.text
    (event,) = events("reveal")
    assert event.changes["reason"] == "电话通知开会" and PHONE not in str(event.changes)


def test_accounts_for_compounds_are_searched_by_name(login_as: Any, make: Factories, manager: Account) -> None:
    make.account(Role.COMPOUND_ADMIN, COMMUNITY, venues=[make.venue()], name="李四")
    page = login_as(Role.DISTRICT_ADMIN, DISTRICT).get(f"{COMPOUNDS}?name=张三").text
    assert "张三" in page and "李四" not in page


def test_a_new_first_password_goes_to_the_phone_and_ends_the_old_one(
    app: Flask, login_as: Any, manager: Account
) -> None:
    theirs, key, before = signed_in(app, manager), manager.id, manager.password
    client = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    assert "原密码立即失效" in client.get(f"{COMPOUNDS}{key}/do/renew_password").text
    answer = post(client, f"{COMPOUNDS}{key}/do/renew_password", {"reason": "忘记密码且换机"}, follow_redirects=True)
    ((phone, template, params),) = messages()
    assert (phone, template) == (PHONE, "PASSWORD_RENEWED")
    assert params["password"] not in answer.text
    account = found(PHONE)
    assert account is not None and account.password != before and account.must_change_password
    assert theirs.get("/residents/").status_code == 302
    (event,) = events("renew_password")
    assert event.changes == {"reason": "忘记密码且换机"}


def test_a_password_is_renewed_five_times_a_day_and_not_while_suspended(login_as: Any, manager: Account) -> None:
    key, client = manager.id, login_as(Role.DISTRICT_ADMIN, DISTRICT)
    answers = [post(client, f"{COMPOUNDS}{key}/do/renew_password", {"reason": "换机"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [200]
    assert "每天最多重置 5 次" in answers[-1].text
    assert len(messages()) == 5
    post(client, f"{COMPOUNDS}{key}/do/suspend", {"reason": "离职"})
    post(client, f"{COMPOUNDS}{key}/do/renew_password", {"reason": "换机"})
    assert len(messages()) == 5


def test_what_was_done_to_an_account_stands_in_its_log(login_as: Any, manager: Account) -> None:
    key, client = manager.id, login_as(Role.DISTRICT_ADMIN, DISTRICT)
    post(client, f"{COMPOUNDS}{key}/do/suspend", {"reason": "岗位调整"})
    page = client.get(f"{COMPOUNDS}{key}?tab=log").text
    assert "停用账号" in page and "岗位调整" in page
    facts = client.get(f"{COMPOUNDS}{key}").text
    assert "139****9000" in facts and "阳光小区" in facts and PHONE not in facts
    assert login_as(Role.DISTRICT_ADMIN, OTHER_DISTRICT).get(f"{COMPOUNDS}{key}?tab=log").status_code == 404


def test_a_unit_does_not_touch_the_scanners_of_another(login_as: Any, app: Flask) -> None:
    one, other = login_as(Role.UNIT_ADMIN, DISTRICT), login_as(Role.UNIT_ADMIN, DISTRICT)
    assert post(one, f"{ACCOUNTS}new", appointment(role="SCANNER", area_code=DISTRICT)).status_code == 302
    scanner = found(PHONE)
    assert scanner is not None
    key = scanner.id
    assert "139****9000" in one.get(ACCOUNTS).text
    assert "139****9000" not in other.get(ACCOUNTS).text
    for action in ("correct", "suspend", "resume", "renew_password"):
        assert post(other, f"{ACCOUNTS}{key}/do/{action}", {"reason": "离职", "name": "改"}).status_code == 404
    assert post(other, f"/reveal/account/{key}", {"reason": "打电话通知"}).status_code == 404
