"""「动态口令」 on its page and at the sign-in (issue 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.domain import one_time_codes
from app.domain.roles import Role
from app.extensions import db, redis_connection
from app.models import Account, AuditEvent
from tests.factories import Factories
from tests.guards.routes import opened_before
from tests.second_factors import app_code, next_step, secret_on
from tests.web import open_session, post

LOGIN, SECOND, PAGE = "/account/login/", "/account/login/second", "/account/second-factor/"
PHONE = "13700137000"


@pytest.fixture
def administrator(make: Factories) -> Account:
    account = make.account(Role.CITY_ADMIN, phone=PHONE)
    db.session.commit()
    return account


@pytest.fixture
def client(app: Flask, administrator: Account) -> FlaskClient:
    """Signed in with the password alone."""
    found = app.test_client()
    open_session(found, administrator)
    return found


@pytest.fixture
def demanded(app: Flask) -> Iterator[None]:
    """As in production."""
    app.config["SECOND_FACTOR_REQUIRED"] = True
    yield
    app.config["SECOND_FACTOR_REQUIRED"] = False


def enrol(client: FlaskClient, url: str = PAGE) -> str:
    """On the page, by a code of the half minute before; the page that tells the recovery codes."""
    offered = client.get(url).text
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="qr-code"' in offered
    code = one_time_codes.code_at(secret_on(offered), next_step() - 2)
    return str(post(client, url, {"password": Factories.password, "second_code": code}, page=url).text)


def codes_on(page: str) -> list[str]:
    """The recovery codes that a page tells."""
    return re.findall(r'<li><code class="secret">([^<]+)</code>', page)


def enter(client: FlaskClient, url: str = LOGIN) -> Any:
    return post(client, url, {"username": PHONE, "password": Factories.password}, page=LOGIN)


def answer(client: FlaskClient, code: str, url: str = SECOND) -> Any:
    return post(client, url, {"second_code": code}, page=url)


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account/sessions/").status_code == 200


def test_the_recovery_codes_are_shown_once(client: FlaskClient) -> None:
    assert f'href="{PAGE}"' in client.get("/").text
    codes = codes_on(enrol(client))
    assert len(codes) == 10
    page = client.get(PAGE).text
    assert not any(code in page for code in codes) and "剩余恢复码：10 个" in page
    assert "停用动态口令" in page and "qr-code" not in page


def test_the_secret_can_be_typed_in_place_of_the_picture(client: FlaskClient) -> None:
    page = client.get(PAGE).text
    assert len(secret_on(page)) == 20
    assert "otpauth" not in page, "the address stands in the picture only"


def test_a_sign_in_needs_the_code_after_the_password(app: Flask, client: FlaskClient, administrator: Account) -> None:
    enrol(client)
    other = app.test_client()
    first = enter(other, f"{LOGIN}?next=/account/password/")
    assert first.location == f"{SECOND}?next=/account/password/"
    assert not is_signed_in(other), "the password alone opens nothing"
    assert "动态口令不正确或已使用过" in answer(other, "000000").text
    last = answer(other, app_code(administrator, next_step()), first.location)
    assert last.location == "/account/password/" and is_signed_in(other)
    events = db.session.execute(select(AuditEvent.action).order_by(AuditEvent.id)).scalars().all()
    assert events == ["enrol_second_factor", "sign_in_failed", "sign_in"], "a sign-in is on record when it is complete"


def test_a_recovery_code_does_in_place_of_the_app(app: Flask, client: FlaskClient, administrator: Account) -> None:
    codes = codes_on(enrol(client))
    other = app.test_client()
    enter(other)
    assert answer(other, codes[0]).location == "/"
    assert "剩余恢复码：9 个" in other.get(PAGE).text


def test_the_second_step_belongs_to_one_browser_and_ends_after_five_minutes(
    app: Flask, client: FlaskClient, administrator: Account
) -> None:
    enrol(client)
    other, stranger = app.test_client(), app.test_client()
    enter(other)
    assert stranger.get(SECOND).location == LOGIN
    (key,) = redis_connection().keys("ticket:second_step:*")
    assert 290 < redis_connection().ttl(key) <= 300
    redis_connection().delete(key)
    assert other.get(SECOND).location == LOGIN


def test_a_password_that_is_changed_meanwhile_ends_the_second_step(
    app: Flask, client: FlaskClient, administrator: Account
) -> None:
    enrol(client)
    other = app.test_client()
    enter(other)
    administrator.session_stamp = 9
    db.session.commit()
    assert other.get(SECOND).location == LOGIN


def test_removing_it_on_the_page_takes_password_and_code(client: FlaskClient, administrator: Account) -> None:
    codes = codes_on(enrol(client))
    given = {"password": "wrong-password-1", "second_code": codes[0]}
    assert "密码不正确" in post(client, f"{PAGE}remove", given, page=PAGE).text
    assert post(client, f"{PAGE}remove", {**given, "password": Factories.password}, page=PAGE).location == PAGE
    assert "启用动态口令" in client.get(PAGE).text


def test_new_recovery_codes_are_shown_once_and_the_app_stays(client: FlaskClient, administrator: Account) -> None:
    url = f"{PAGE}recovery-codes"
    assert client.get(url).location == PAGE, "there are none before the app"
    old = codes_on(enrol(client))
    assert f'href="{url}"' in client.get(PAGE).text
    given = {"password": Factories.password, "second_code": old[0]}
    assert "密码不正确" in post(client, url, {**given, "password": "wrong-password-1"}, page=url).text
    told = post(client, url, given, page=url).text
    new = codes_on(told)
    assert len(new) == 10 and not set(new) & set(old) and "原恢复码已作废" in told
    page = client.get(PAGE).text
    assert "剩余恢复码：10 个" in page and not any(code in page for code in new)


def test_a_demo_signs_in_with_phone_and_password_alone(app: Flask, administrator: Account) -> None:
    client = app.test_client()
    assert enter(client).location == "/"
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("application", ["sqlite"], indirect=True)  # what stands before a view asks no rows
def test_where_it_is_demanded_nothing_else_opens_before(app: Flask, client: FlaskClient, demanded: None) -> None:
    assert opened_before(app, client, PAGE) == ["GET /account/password/", "POST /account/password/"]
    page = client.get(PAGE).text
    assert "取消" not in page and 'action="/account/logout/"' in page, "who has no phone at hand may leave"

    codes = codes_on(enrol(client))
    assert client.get("/").status_code == 200
    changed = {"old_password": Factories.password, "new_password": "correct horse battery"}
    post(client, "/account/password/", {**changed, "repeated": changed["new_password"]}, page="/account/password/")
    assert client.get("/").status_code == 200, "a changed password does not ask for it again"
    post(client, f"{PAGE}remove", {"password": changed["new_password"], "second_code": codes[0]}, page=PAGE)
    assert client.get("/").location == PAGE, "whoever puts it out of use puts another into use"


def test_where_it_is_demanded_a_phone_comes_back_to_its_own_site(
    client: FlaskClient, administrator: Account, demanded: None
) -> None:
    asked = client.get("/m/").location
    assert asked == f"{PAGE}?next=/m/"
    assert 'href="/m/">我已保存' in enrol(client, asked)
    assert client.get("/m/").status_code == 200


def test_others_are_not_asked_for_it(login_as: Any, demanded: None) -> None:
    assert login_as(Role.DISTRICT_ADMIN, "410102").get("/").status_code == 200
