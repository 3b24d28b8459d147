"""「修改密码」 and 「忘记密码」 (Z-A3, Z-A4, checklist Z50 and Z51)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, OutgoingMessage
from app.services.messages import DECOY
from tests.factories import Factories
from tests.web import post

LOGIN, CHANGE = "/account/login/", "/account/password/"
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
    assert "操作太频繁" in change(client, NEW).text


def ask(client: FlaskClient, phone: str, code: str) -> Any:
    return post(client, FORGOT, {"phone": phone, "sms_code": code}, page=FORGOT)


def get_code(client: FlaskClient, phone: str) -> Any:
    return post(client, CODE, {"phone": phone}, page=FORGOT, headers={"X-Requested-With": "fetch"})


def test_a_forgotten_password_is_replaced_by_a_temporary_one_sent_to_the_phone(app: Flask, manager: Account) -> None:
    signed_in, client, key = app.test_client(), app.test_client(), manager.id
    enter(signed_in, Factories.password)
    assert get_code(client, PHONE).status_code == 200
    answer = ask(client, PHONE, "123456")
    assert answer.location == LOGIN
    assert "新密码已发送至您的手机" in client.get(LOGIN).text
    sent = db.session.execute(select(OutgoingMessage).order_by(OutgoingMessage.id)).scalars().all()
    assert [row.template for row in sent] == ["VERIFICATION_CODE", "TEMPORARY_PASSWORD"]
    assert not is_signed_in(signed_in)
    assert "账号或密码不正确" in enter(client, Factories.password).text
    enter(client, json.loads(sent[1].params)["password"])
    assert client.get("/").location == CHANGE
    db.session.expire_all()
    assert db.session.get_one(Account, key).must_change_password


def test_a_temporary_password_ends_after_its_time(client: FlaskClient, manager: Account) -> None:
    get_code(client, PHONE)
    ask(client, PHONE, "123456")
    db.session.expire_all()
    manager.password_expires_at = clock.now() - timedelta(seconds=1)
    db.session.commit()
    sent = db.session.execute(select(OutgoingMessage).order_by(OutgoingMessage.id)).scalars().all()
    assert "临时密码已过期" in enter(client, json.loads(sent[1].params)["password"]).text


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
