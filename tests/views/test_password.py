"""「修改密码」 and 「忘记密码」 (Z-A3, Z-A4, checklist Z50 and Z51)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.domain.roles import Role
from app.extensions import db, redis_connection
from app.models import Account, AuditEvent, OutgoingMessage
from app.services.messages import DECOY
from tests.factories import Factories
from tests.guards.routes import opened_before
from tests.web import post

LOGIN, CHANGE = "/account/login/", "/account/password/"
SET = "/account/password/new"
FORGOT, CODE = "/account/password/forgot", "/account/password/forgot/code"
PHONE, STRANGER = "13700137000", "13700137999"
NEW = "correct horse battery"


@pytest.fixture
def manager(make: Factories) -> Account:
    account = make.account(Role.DISTRICT_ADMIN, "410102", phone=PHONE)
    db.session.commit()
    return account


def enter(client: FlaskClient, password: str) -> Any:
    return post(client, LOGIN, {"username": PHONE, "password": password}, page=LOGIN)


def is_signed_in(client: FlaskClient) -> bool:
    return client.get(CHANGE).status_code == 200


def change(client: FlaskClient, new: str, *, old: str = Factories.password, repeated: str | None = None) -> Any:
    data = {"old_password": old, "new_password": new, "repeated": new if repeated is None else repeated}
    return post(client, CHANGE, data, page=CHANGE)


def test_a_changed_password_keeps_this_session_and_ends_the_others(app: Flask, manager: Account) -> None:
    here, elsewhere = app.test_client(), app.test_client()
    enter(here, Factories.password)
    enter(elsewhere, Factories.password)
    assert change(here, NEW).location == "/"
    assert is_signed_in(here) and not is_signed_in(elsewhere)
    assert "账号或密码不正确" in enter(elsewhere, Factories.password).text
    assert enter(elsewhere, NEW).status_code == 302


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("short-one", "密码至少要有10个字符"),
        ("1234567890", "太常见"),
        ("Password123", "太常见"),
        ("aaaaaaaaaaaa", "太常见"),
        ("abcdefghijkl", "太常见"),
        (f"x{PHONE}y", "不能包含手机号"),
        (Factories.password, "不能与原密码相同"),
        ("x" * 129, "最多128个字符"),
    ],
)
def test_a_weak_password_is_refused_beside_its_field(
    client: FlaskClient, manager: Account, new: str, said: str
) -> None:
    enter(client, Factories.password)
    page = change(client, new).text
    assert said in page and 'id="new_password-error"' in page


def test_both_new_passwords_must_be_the_same(client: FlaskClient, manager: Account) -> None:
    enter(client, Factories.password)
    assert "两次输入的新密码不一致" in change(client, NEW, repeated="something else").text


def test_the_old_password_cannot_be_tried_out_from_an_open_session(client: FlaskClient, manager: Account) -> None:
    enter(client, Factories.password)
    pages = [change(client, NEW, old=f"guess-{number}").text for number in range(6)]
    assert ["原密码不正确" in page for page in pages] == [True] * 5 + [False]
    assert "操作太频繁，请10分钟后再试" in change(client, NEW).text


def ask(client: FlaskClient, phone: str, code: str) -> Any:
    return post(client, FORGOT, {"phone": phone, "sms_code": code}, page=FORGOT)


def get_code(client: FlaskClient, phone: str) -> Any:
    return post(client, CODE, {"phone": phone}, page=FORGOT, headers={"X-Requested-With": "fetch"})


def set_new(client: FlaskClient, new: str, *, repeated: str | None = None) -> Any:
    return post(client, SET, {"new_password": new, "repeated": new if repeated is None else repeated}, page=SET)


def sent(template: str) -> list[OutgoingMessage]:
    query = select(OutgoingMessage).where(OutgoingMessage.template == template).order_by(OutgoingMessage.id)
    return list(db.session.execute(query).scalars())


def prove_phone(client: FlaskClient) -> None:
    get_code(client, PHONE)
    assert ask(client, PHONE, "123456").location == SET


def test_whoever_has_the_phone_sets_a_new_password(app: Flask, manager: Account) -> None:
    signed_in, client = app.test_client(), app.test_client()
    enter(signed_in, Factories.password)
    prove_phone(client)
    assert "手机号验证成功" in client.get(SET).text
    assert is_signed_in(signed_in), "nothing has changed yet: a code alone puts nobody out"
    assert set_new(client, NEW).location == LOGIN
    assert "请使用新密码登录" in client.get(LOGIN).text
    assert not is_signed_in(signed_in) and not is_signed_in(client)
    assert "账号或密码不正确" in enter(client, Factories.password).text
    assert enter(client, NEW).location == "/"


def test_the_owner_is_told_of_a_password_that_was_set_anew_and_never_the_password(
    client: FlaskClient, manager: Account
) -> None:
    prove_phone(client)
    set_new(client, NEW)
    (notice,) = sent("ACCOUNT_NOTICE")
    assert notice.phone == PHONE and "重新设置密码" in notice.params
    assert not any(NEW in row.params for row in db.session.execute(select(OutgoingMessage)).scalars())
    events = db.session.execute(select(AuditEvent.action, AuditEvent.actor_id)).all()
    assert events == [("reset_password", manager.id)]


def test_the_right_to_a_new_password_works_once_in_one_browser_for_ten_minutes(app: Flask, manager: Account) -> None:
    client, other = app.test_client(), app.test_client()
    prove_phone(client)
    assert other.get(SET).location == FORGOT, "another browser has no ticket"
    (key,) = redis_connection().keys("ticket:new_password:*")
    assert 590 < redis_connection().ttl(key) <= 600
    cookie = client.get_cookie("admin_session")
    assert cookie is not None
    set_new(client, NEW)
    client.set_cookie("admin_session", cookie.value)  # the session of before, as a replay brings it
    assert client.get(SET).location == FORGOT
    assert "验证已过期" in client.get(FORGOT).text


def test_a_weak_new_password_is_refused_and_another_may_follow(client: FlaskClient, manager: Account) -> None:
    prove_phone(client)
    assert "密码至少要有10个字符" in set_new(client, "short-one").text
    assert "两次输入的新密码不一致" in set_new(client, NEW, repeated="something else").text
    assert "不能与原密码相同" in set_new(client, Factories.password).text
    assert set_new(client, NEW).location == LOGIN


@pytest.mark.parametrize("change", [{"active": False}, {"session_stamp": 7}], ids=["suspended", "changed"])
def test_the_right_to_a_new_password_ends_with_what_it_was_given_for(
    client: FlaskClient, manager: Account, change: dict[str, Any]
) -> None:
    prove_phone(client)
    for name, value in change.items():
        setattr(manager, name, value)
    db.session.commit()
    assert client.get(SET).location == FORGOT


def test_wrong_passwords_of_before_count_no_longer_after_a_new_one(client: FlaskClient, manager: Account) -> None:
    for number in range(4):
        enter(client, f"wrong-password-{number}")
    prove_phone(client)
    set_new(client, NEW)
    assert enter(client, NEW).location == "/"


@pytest.fixture
def newcomer(make: Factories) -> Account:
    """Somebody whose first password has come by message."""
    account = make.account(Role.DISTRICT_ADMIN, "410102", phone=PHONE, must_change_password=True)
    account.password_expires_at = clock.now() + timedelta(days=7)
    db.session.commit()
    return account


def test_whoever_cannot_set_the_first_password_now_may_leave(client: FlaskClient, newcomer: Account) -> None:
    enter(client, Factories.password)
    assert 'action="/account/logout/"' in client.get(CHANGE).text
    assert post(client, "/account/logout/", page=CHANGE).location == LOGIN
    assert not is_signed_in(client)


@pytest.mark.parametrize("application", ["sqlite"], indirect=True)  # what stands before a view asks no rows
def test_the_first_sign_in_forces_a_new_password_whatever_page_is_asked_for(app: Flask, newcomer: Account) -> None:
    client = app.test_client()
    enter(client, Factories.password)
    assert opened_before(app, client, CHANGE) == []
    change(client, NEW)
    assert client.get("/").status_code == 200


def test_a_first_password_ends_after_its_time(client: FlaskClient, newcomer: Account) -> None:
    newcomer.password_expires_at = clock.now() - timedelta(seconds=1)
    db.session.commit()
    assert "临时密码已过期" in enter(client, Factories.password).text


def test_a_code_resets_once(client: FlaskClient, manager: Account) -> None:
    get_code(client, PHONE)
    ask(client, PHONE, "123456")
    assert "验证码不正确或已过期" in ask(client, PHONE, "123456").text


def test_without_the_code_nothing_is_reset(client: FlaskClient, manager: Account) -> None:
    get_code(client, PHONE)
    for number in range(5):
        assert "验证码不正确或已过期" in ask(client, PHONE, f"00000{number}").text
    assert "验证码不正确或已过期" in ask(client, PHONE, "123456").text, "five checks are all that a code gives"
    assert enter(client, Factories.password).status_code == 302


def test_a_code_for_the_sign_in_does_not_reset_a_password(client: FlaskClient, manager: Account) -> None:
    for number in range(4):
        enter(client, f"wrong-password-{number}")
    post(client, "/account/login/code", {"username": PHONE}, page=LOGIN)
    assert len(db.session.execute(select(OutgoingMessage)).all()) == 1
    assert "验证码不正确或已过期" in ask(client, PHONE, "123456").text


def test_answers_are_the_same_for_a_phone_without_account(app: Flask, manager: Account) -> None:
    manager.active = True
    answers = []
    for phone in (PHONE, STRANGER):
        client = app.test_client()
        first, second = get_code(client, phone), get_code(client, phone)
        wrong = ask(client, phone, "000000").text.replace(phone, "PHONE").split('name="csrf_token"')[1].split(">", 1)[1]
        answers.append((first.status_code, first.json, second.status_code, second.json["message"][:12], wrong))
    assert answers[0] == answers[1]


def test_a_suspended_account_gets_no_code_and_no_password(client: FlaskClient, manager: Account) -> None:
    manager.active = False
    db.session.commit()
    assert get_code(client, PHONE).status_code == 200
    assert "验证码不正确或已过期" in ask(client, PHONE, "123456").text
    assert [row.template for row in db.session.execute(select(OutgoingMessage)).scalars()] == [DECOY]


def test_without_a_script_the_code_comes_with_the_page(client: FlaskClient, manager: Account) -> None:
    page = post(client, CODE, {"phone": PHONE}, page=FORGOT).text
    assert "验证码已发送" in page and f'value="{PHONE}"' in page
    assert f'action="{FORGOT}"' in page
