"""Signing in: captcha, four wrong passwords, SMS code, and what an answer may not tell (Z-A3 to Z-A5)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.security import check_password_hash

from app.domain.errors import DomainError
from app.domain.roles import Role
from app.extensions import db, redis_connection
from app.models import Account, AuditEvent, OutgoingMessage
from app.services import captchas, passwords, sign_in
from app.services.limits import Counter
from app.services.messages import DECOY
from tests.factories import Factories
from tests.web import csrf_token, post

LOGIN, CODE = "/account/login/", "/account/login/code"
PHONE, STRANGER = "13700137000", "13700137999"
WRONG = "wrong-password-1"
FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture
def manager(make: Factories) -> Account:
    """A district manager who can sign in."""
    account = make.account(Role.DISTRICT_ADMIN, "410102", phone=PHONE)
    db.session.commit()
    return account


@pytest.fixture
def with_captcha(app: Flask) -> Iterator[None]:
    """Captchas are asked for, as they are in a real installation."""
    app.config["CAPTCHA"] = True
    yield
    app.config["CAPTCHA"] = False


def enter(client: FlaskClient, username: str, password: str, *, address: str = "127.0.0.1", **more: str) -> Any:
    """Fill in the sign-in and send it."""
    data = {"username": username, "password": password, **more}
    return post(client, LOGIN, data, page=LOGIN, environ_overrides={"REMOTE_ADDR": address})


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account/password/").status_code == 200


def captcha_text(client: FlaskClient) -> str:
    """What the picture that the client has just fetched shows."""
    assert client.get("/account/captcha.png").mimetype == "image/png"
    with client.session_transaction() as session:
        stored: Any = redis_connection().get("captcha:" + session["captcha"])
    return bytes(stored).decode()


def test_phone_and_password_open_the_back_office(client: FlaskClient, manager: Account) -> None:
    answer = enter(client, f" +86 {PHONE[:3]} {PHONE[3:]} ", Factories.password)
    assert (answer.status_code, answer.location) == (302, "/")
    assert is_signed_in(client)
    events = db.session.execute(select(AuditEvent.action, AuditEvent.actor_id)).all()
    assert events == [("sign_in", manager.id)]


def test_the_page_that_was_asked_for_comes_after_the_sign_in(client: FlaskClient, manager: Account) -> None:
    asked = client.get("/account/password/")
    assert "/account/login/?next=" in asked.location
    answer = post(client, asked.location, {"username": PHONE, "password": Factories.password}, page=LOGIN)
    assert answer.location == "/account/password/"


@pytest.mark.parametrize(
    "foreign",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "///evil.example", "javascript:1", "\t//e.x", "x"],
)
def test_nobody_is_sent_to_another_site(client: FlaskClient, manager: Account, foreign: str) -> None:
    details = {"username": PHONE, "password": Factories.password}
    details["csrf_token"] = csrf_token(client, LOGIN)
    answer = client.post(LOGIN, query_string={"next": foreign}, data=details)
    assert (answer.status_code, answer.location) == (302, "/")


def test_signing_out_returns_to_the_sign_in(client: FlaskClient, manager: Account) -> None:
    enter(client, PHONE, Factories.password)
    answer = post(client, "/account/logout/", {}, page="/account/password/")
    assert answer.location == LOGIN
    assert not is_signed_in(client)


def test_nothing_of_a_session_before_is_left_after_the_sign_in(client: FlaskClient, manager: Account) -> None:
    with client.session_transaction() as session:
        session["venue_id"], session["locale"] = 7, "en"
    enter(client, PHONE, Factories.password)
    with client.session_transaction() as session:
        assert "venue_id" not in session
        assert session["locale"] == "en"


def test_the_captcha_stands_on_the_page_when_it_is_on(client: FlaskClient, with_captcha: None) -> None:
    page = client.get(LOGIN).text
    assert 'for="captcha">验证码<' in page
    assert "/account/captcha.png" in page


def test_without_captcha_the_field_is_not_there(client: FlaskClient, app: Flask) -> None:
    assert 'name="captcha"' not in client.get(LOGIN).text


def test_the_captcha_is_upper_case_letters_and_small_ones_do(
    client: FlaskClient, manager: Account, with_captcha: None
) -> None:
    text = captcha_text(client)
    assert text.isalpha() and text.isupper()
    assert enter(client, PHONE, Factories.password, captcha=text.lower()).status_code == 302


@pytest.mark.parametrize("captcha", ["", "XXXXX"])
def test_without_the_right_captcha_no_password_is_looked_at(
    client: FlaskClient, manager: Account, with_captcha: None, captcha: str
) -> None:
    captcha_text(client)
    answer = enter(client, PHONE, Factories.password, captcha=captcha)
    assert answer.status_code == 200 and "验证码" in answer.text
    assert not is_signed_in(client)
    assert db.session.execute(select(AuditEvent.id)).all() == []


def test_a_captcha_works_once_right_or_wrong(client: FlaskClient, manager: Account, with_captcha: None) -> None:
    text = captcha_text(client)
    cookie = client.get_cookie("admin_session")
    assert cookie is not None
    assert "验证码不正确" not in enter(client, PHONE, WRONG, captcha=text).text
    client.set_cookie("admin_session", cookie.value)  # the session of before, as a replay brings it
    assert "验证码不正确或已过期" in enter(client, PHONE, Factories.password, captcha=text).text
    assert not is_signed_in(client)


def test_a_captcha_of_another_session_does_not_do(
    app: Flask, client: FlaskClient, manager: Account, with_captcha: None
) -> None:
    text = captcha_text(client)
    other = app.test_client()
    captcha_text(other)
    assert "验证码不正确或已过期" in enter(other, PHONE, Factories.password, captcha=text).text


def test_the_captcha_is_read_aloud_without_a_script(client: FlaskClient, manager: Account, with_captcha: None) -> None:
    assert '<audio controls preload="none" src="/account/captcha.wav"' in client.get(LOGIN).text
    text = captcha_text(client)
    sound = client.get("/account/captcha.wav")
    assert (sound.status_code, sound.mimetype) == (200, "audio/wav")
    assert sound.headers["Cache-Control"] == "no-store"
    piece = client.get("/account/captcha.wav", headers={"Range": "bytes=100-199"})
    assert (piece.status_code, piece.data) == (206, sound.data[100:200]), "pieces fit together"
    assert enter(client, PHONE, Factories.password, captcha=text).status_code == 302, "hearing it does not use it up"


def test_whoever_sees_no_picture_gets_a_captcha_by_listening(
    client: FlaskClient, manager: Account, with_captcha: None
) -> None:
    client.get("/account/captcha.wav")
    with client.session_transaction() as session:
        text = bytes(redis_connection().get("captcha:" + session["captcha"])).decode()
    assert enter(client, PHONE, Factories.password, captcha=text).status_code == 302


def test_sounds_are_limited_for_one_address(client: FlaskClient, app: Flask) -> None:
    counter = Counter(captchas.SOUNDS_FROM_ADDRESS, "127.0.0.1")
    redis_connection().set(counter.key, captchas.SOUNDS_FROM_ADDRESS.most, ex=60)
    assert "操作太频繁，请1分钟后再试" in client.get("/account/captcha.wav").text


def test_the_cookie_is_for_this_site_and_no_script(client: FlaskClient, manager: Account) -> None:
    cookie = enter(client, PHONE, Factories.password).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Domain" not in cookie
    assert "Expires" not in cookie, "it ends with the browser"


def test_in_production_the_cookie_travels_encrypted_only(app: Flask, client: FlaskClient, manager: Account) -> None:
    app.config["SESSION_COOKIE_SECURE"] = True  # tests/test_config.py: production has it
    try:
        assert "Secure" in enter(client, PHONE, Factories.password).headers["Set-Cookie"]
    finally:
        app.config["SESSION_COOKIE_SECURE"] = False


def test_a_session_that_somebody_planted_is_not_the_one_that_the_sign_in_opens(
    client: FlaskClient, manager: Account
) -> None:
    with client.session_transaction() as session:
        session["_user_id"] = "planted"
    enter(client, PHONE, Factories.password)
    with client.session_transaction() as session:
        assert len(session["_user_id"]) > 40
    assert is_signed_in(client)


def test_a_captcha_lives_two_minutes_and_the_next_one_voids_it(client: FlaskClient, app: Flask) -> None:
    captcha_text(client)
    captcha_text(client)
    (key,) = redis_connection().keys("captcha:*")
    assert 110 < redis_connection().ttl(key) <= 120


def fail_four_times(client: FlaskClient, username: str) -> list[str]:
    return [enter(client, username, WRONG).text for _ in range(4)]


def test_after_four_wrong_passwords_the_right_one_needs_a_code_too(client: FlaskClient, manager: Account) -> None:
    pages = fail_four_times(client, PHONE)
    assert all("账号或密码不正确" in page for page in pages)
    assert ["手机验证码" in page for page in pages] == [False, False, False, True]
    refused = enter(client, PHONE, Factories.password).text
    assert "10分钟后再试" in refused and not is_signed_in(client)

    said = post(client, CODE, {"username": PHONE}, page=LOGIN, headers=FETCH)
    assert said.status_code == 200 and "验证码已发送" in said.json["message"]
    (message,) = db.session.execute(select(OutgoingMessage)).scalars()
    assert message.phone == PHONE
    assert json.loads(message.params)["code"] == "123456"

    assert "验证码不正确或已过期" in enter(client, PHONE, Factories.password, sms_code="654321").text
    assert "账号或密码不正确" in enter(client, PHONE, WRONG, sms_code="123456").text
    assert enter(client, PHONE, Factories.password, sms_code="123456").status_code == 302
    assert is_signed_in(client)


def test_then_picture_code_and_password_must_all_be_right(
    client: FlaskClient, manager: Account, with_captcha: None
) -> None:
    for _ in range(4):
        enter(client, PHONE, WRONG, captcha=captcha_text(client))
    post(client, CODE, {"username": PHONE}, page=LOGIN)
    right = {"password": Factories.password, "sms_code": "123456"}
    for wrong in ({"captcha": "XXXXX"}, {"sms_code": "654321"}, {"password": WRONG}):
        assert enter(client, PHONE, **{"captcha": captcha_text(client), **right, **wrong}).status_code == 200
    assert enter(client, PHONE, captcha=captcha_text(client), **right).status_code == 302


def test_a_sign_in_ends_the_row_of_wrong_passwords(client: FlaskClient, manager: Account) -> None:
    for _ in range(3):
        enter(client, PHONE, WRONG)
    enter(client, PHONE, Factories.password)
    assert not sign_in.wants_code(PHONE, "127.0.0.1")


def test_whoever_gets_no_message_may_try_again_after_ten_minutes(client: FlaskClient, manager: Account) -> None:
    fail_four_times(client, PHONE)
    counter = Counter(sign_in.WRONG_FOR_ACCOUNT, PHONE)
    assert 590 < redis_connection().ttl(counter.key) <= 600
    enter(client, PHONE, Factories.password)  # refused, and the wait does not start anew
    redis_connection().expire(counter.key, 0)  # ten minutes later
    assert enter(client, PHONE, Factories.password).status_code == 302


def test_many_guesses_at_once_are_still_four(app: Flask, manager: Account) -> None:
    clients = [app.test_client() for _ in range(6)]
    tokens = [csrf_token(client, LOGIN) for client in clients]

    def guess(index: int) -> None:
        data = {"csrf_token": tokens[index % 6], "username": PHONE, "password": f"{WRONG}-{index}"}
        address = {"REMOTE_ADDR": f"10.1.{index}.1"}
        clients[index % 6].post(LOGIN, data=data, environ_overrides=address)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(guess, range(60)))
    assert db.session.execute(select(AuditEvent.action)).scalars().all() == ["sign_in_failed"] * 4


def test_one_account_is_guarded_from_many_addresses(client: FlaskClient, manager: Account) -> None:
    for number in range(12):
        enter(client, PHONE, f"{WRONG}-{number}", address=f"10.0.{number}.1")
    assert len(db.session.execute(select(AuditEvent.id)).all()) == 4
    assert "10分钟后再试" in enter(client, PHONE, Factories.password, address="10.9.9.9").text


def test_one_address_that_goes_through_many_accounts_is_stopped(client: FlaskClient, manager: Account) -> None:
    for number in range(40):
        enter(client, f"138{number:08d}", WRONG, address="10.0.0.1")
    assert len(db.session.execute(select(AuditEvent.id)).all()) == 30
    assert "手机验证码" in enter(client, PHONE, Factories.password, address="10.0.0.1").text
    assert enter(client, PHONE, Factories.password, address="10.0.0.2").status_code == 302


def test_a_code_is_guessed_five_times_at_most(client: FlaskClient, manager: Account) -> None:
    fail_four_times(client, PHONE)
    post(client, CODE, {"username": PHONE}, page=LOGIN, headers=FETCH)
    for number in range(5):
        enter(client, PHONE, Factories.password, sms_code=f"00000{number}")
    assert "验证码不正确或已过期" in enter(client, PHONE, Factories.password, sms_code="123456").text


def comparable(page: str, username: str) -> str:
    """The page without what is another with every request."""
    unmarked = re.sub(r'nonce="[^"]+"', "", page)
    return unmarked.replace(token_of(page), "TOKEN").replace(username, "ACCOUNT")


def token_of(page: str) -> str:
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def test_answers_are_the_same_for_a_phone_without_account(app: Flask, manager: Account) -> None:
    known, unknown = app.test_client(), app.test_client()
    for _ in range(5):
        there, nowhere = enter(known, PHONE, WRONG), enter(unknown, STRANGER, WRONG)
        assert comparable(there.text, PHONE) == comparable(nowhere.text, STRANGER)
    for url, field in ((CODE, "username"), ("/account/password/forgot/code", "phone")):
        answers = []
        for client, phone in ((known, PHONE), (unknown, STRANGER)):
            # Three times: sent, and twice too early.
            sent = [post(client, url, {field: phone}, page=LOGIN, headers=FETCH) for _ in range(3)]
            answers.append([(each.status_code, each.json["message"].split("，")[0]) for each in sent])
        assert answers[0] == answers[1]
        redis_connection().delete(*redis_connection().keys("limit:sms:*"))
    sent = db.session.execute(select(OutgoingMessage).order_by(OutgoingMessage.id)).scalars().all()
    assert [row.phone for row in sent if row.template != DECOY] == [PHONE, PHONE]
    assert len(sent) == 4, "nobody's messages are written too, so that the time is the same"


def test_no_code_is_sent_before_it_is_wanted(client: FlaskClient, manager: Account) -> None:
    assert post(client, CODE, {"username": PHONE}, page=LOGIN, headers=FETCH).status_code == 200
    assert [row.template for row in db.session.execute(select(OutgoingMessage)).scalars()] == [DECOY]


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The methods of the password hashes that are computed from now on."""
    computed: list[str] = []

    def counted(stored: str, password: str) -> bool:
        computed.append(stored.split("$")[0])
        return check_password_hash(stored, password)

    monkeypatch.setattr(passwords, "check_password_hash", counted)
    return computed


def test_a_wrong_password_costs_one_hash_for_nobody_as_for_somebody(
    app: Flask, make: Factories, manager: Account, hashes: list[str]
) -> None:
    """The slow part of a try is computed as often, and with the same method, whether there is an account or not."""
    passwords.put_own(manager, "correct horse battery")
    suspended = make.account(Role.DISTRICT_ADMIN, "410102")
    suspended.active = False
    passwords.put_own(suspended, "correct horse battery")
    db.session.commit()
    for username in (PHONE, STRANGER, suspended.username):
        with pytest.raises(DomainError):
            sign_in.sign_in(sign_in.Attempt(username, WRONG))
    assert len(hashes) == 3 and len(set(hashes)) == 1 and hashes[0] == app.config["HASHING_METHOD"]


def test_after_four_wrong_passwords_no_hash_is_computed_without_a_code(
    client: FlaskClient, manager: Account, hashes: list[str]
) -> None:
    fail_four_times(client, PHONE)
    assert len(hashes) == 4
    for code in ("", "654321"):
        enter(client, PHONE, Factories.password, sms_code=code)
    assert len(hashes) == 4


def test_nobodys_password_is_hashed_by_the_method_of_the_others(app: Flask) -> None:
    assert app.config["AUTH_DB_FAKE_PASSWORD_HASH_CHECK"].startswith(app.config["HASHING_METHOD"] + "$")


def test_a_suspended_account_does_not_sign_in_and_loses_its_session(client: FlaskClient, manager: Account) -> None:
    enter(client, PHONE, Factories.password)
    manager.active = False
    db.session.commit()
    assert not is_signed_in(client)
    assert "账号或密码不正确" in enter(client, PHONE, WRONG).text
    assert "该账号已停用" in enter(client, PHONE, Factories.password).text


def test_the_session_cookie_holds_no_address_that_was_visited(client: FlaskClient, manager: Account) -> None:
    enter(client, PHONE, Factories.password)
    for url in ("/?q=何晓明", "/language/en", "/account/password/?phone=13800000000"):
        client.get(url)
    with client.session_transaction() as session:
        assert "page_history" not in session
        assert "13800000000" not in str(dict(session))
