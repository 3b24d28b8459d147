"""「登录会话」: one's own sessions, shown and ended, and cookies of sessions that have ended (Z-A3)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.domain.roles import Role
from app.extensions import db
from app.models import Account, AuditEvent, SignInSession
from tests.factories import Factories
from tests.web import open_session, post

PAGE = "/account/sessions/"


@pytest.fixture
def manager(make: Factories) -> Account:
    account = make.account(Role.DISTRICT_ADMIN, "410102")
    db.session.commit()
    return account


@pytest.fixture
def clients(app: Flask, manager: Account) -> tuple[FlaskClient, FlaskClient]:
    """The account here and elsewhere."""
    here, elsewhere = app.test_client(), app.test_client()
    for client in (here, elsewhere):
        open_session(client, manager)
    return here, elsewhere


def is_signed_in(client: FlaskClient) -> bool:
    return client.get(PAGE).status_code == 200


def keys() -> list[int]:
    return list(db.session.execute(select(SignInSession.id).order_by(SignInSession.id)).scalars())


def test_the_avatar_menu_leads_to_ones_own_sessions(login_as: Any, make: Factories) -> None:
    for role in (Role.COMPOUND_ADMIN, Role.AUDITOR):
        client = login_as(role, "410102001002" if role is Role.COMPOUND_ADMIN else "4101")
        assert f'href="{PAGE}"' in client.get("/").text
        page = client.get(PAGE).text
        assert page.count("本次登录") == 1 and "127.0.0.*" in page and "其他浏览器" in page
        assert "结束会话" not in page and "结束其他会话" not in page


def test_a_session_that_is_ended_elsewhere_opens_nothing_more(clients: tuple[FlaskClient, FlaskClient]) -> None:
    here, elsewhere = clients
    assert here.get(PAGE).text.count("其他登录") == 1
    assert post(here, f"{PAGE}{keys()[1]}/end").location == PAGE
    assert is_signed_in(here) and not is_signed_in(elsewhere)
    assert post(here, f"{PAGE}987654321/end").status_code == 404


def test_all_others_end_at_once_and_on_record(clients: tuple[FlaskClient, FlaskClient], manager: Account) -> None:
    here, elsewhere = clients
    assert post(here, f"{PAGE}end-others").location == PAGE
    assert "已结束 1 个其他会话" in here.get(PAGE).text
    assert not is_signed_in(elsewhere)
    events = db.session.execute(select(AuditEvent.action, AuditEvent.actor_id, AuditEvent.changes)).all()
    assert events == [("end_sessions", manager.id, {"rows": 1})]


def test_nobody_sees_or_ends_anothers_session(
    clients: tuple[FlaskClient, FlaskClient], login_as: Any, manager: Account
) -> None:
    theirs = keys()
    city = login_as(Role.CITY_ADMIN)
    assert "其他登录" not in city.get(PAGE).text
    for key in theirs:
        assert post(city, f"{PAGE}{key}/end").status_code == 404
    post(city, f"{PAGE}end-others")
    assert set(theirs) <= set(keys())


def test_a_cookie_that_was_kept_opens_nothing_after_the_sign_out(clients: tuple[FlaskClient, FlaskClient]) -> None:
    here, elsewhere = clients
    cookie = here.get_cookie("admin_session")
    assert cookie is not None
    post(here, "/account/logout/")
    here.set_cookie("admin_session", cookie.value)
    assert not is_signed_in(here)
    assert is_signed_in(elsewhere)
    assert db.session.execute(select(AuditEvent.action)).scalars().all() == ["sign_out"]


def test_public_pages_ask_for_no_session(clients: tuple[FlaskClient, FlaskClient], make: Factories) -> None:
    venue = make.venue()
    db.session.commit()
    answer = clients[0].get(f"/s/{venue.code}")
    assert answer.status_code == 200 and "admin_session" not in answer.headers.get("Set-Cookie", "")
