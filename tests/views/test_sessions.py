"""「登录会话」: one's own sessions, shown and ended, and cookies of sessions that have ended (Z-A3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app import clock
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, AuditEvent, ExportFile, SignInSession
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


def idle_for(**time: int) -> None:
    db.session.execute(update(SignInSession).values(last_seen_at=clock.now() - timedelta(**time)))
    db.session.commit()


@pytest.mark.parametrize("asks", ["what was seen elsewhere", "how far a job is"])
def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(login_as: Any, make: Factories, asks: str) -> None:
    client, address = login_as(Role.COMPOUND_ADMIN, venues=[make.venue()]), "/check/elsewhere"
    if asks == "how far a job is":
        client.get("/residents/export")
        address = f"/exports/{db.session.execute(select(ExportFile.id)).scalar_one()}/progress"
    idle_for(minutes=29)
    before = db.session.execute(select(SignInSession.last_seen_at)).scalar_one()
    assert client.get(address).status_code == 200
    assert db.session.execute(select(SignInSession.last_seen_at)).scalar_one() == before
    idle_for(minutes=31)
    answer = client.get(address)
    assert (answer.status_code, answer.text, answer.headers.get("Set-Cookie")) == (401, "", None)


def test_a_code_that_a_guard_checks_is_use(login_as: Any, make: Factories) -> None:
    client = login_as(Role.COMPOUND_ADMIN, venues=[make.venue()])
    idle_for(minutes=29)
    assert post(client, "/check/", {"shown": "12345"}).status_code == 422
    idle = clock.now() - db.session.execute(select(SignInSession.last_seen_at)).scalar_one()
    assert idle < timedelta(minutes=1)


def test_whoever_was_idle_for_too_long_learns_why_and_comes_back_to_the_page(login_as: Any) -> None:
    client = login_as(Role.CITY_ADMIN)
    idle_for(minutes=31)
    login = client.get("/residents/?tab=1").location
    assert login == "/account/login/?next=/residents/?tab%3D1"
    page = client.get(login).text
    assert "登录已结束：超过30分钟没有操作" in page and "没有保存" not in page


@pytest.mark.parametrize(
    ("sent_to", "stood_on", "leads_to"),
    [
        ("/compound-accounts/1/do/suspend", "http://localhost/compound-accounts/?tab=1", "/compound-accounts/?tab%3D1"),
        ("/switch-compound", "https://evil.example/", "/"),
        ("/m/residents/1/do/confirm", "", "/m/"),
    ],
)
def test_a_form_that_comes_too_late_is_said_to_be_lost_and_leads_back_to_its_page(
    login_as: Any, sent_to: str, stood_on: str, leads_to: str
) -> None:
    client = login_as(Role.CITY_ADMIN)
    idle_for(minutes=31)
    answer = post(client, sent_to, headers={"Referer": stood_on})
    assert answer.location == f"/account/login/?next={leads_to}"
    assert "刚才提交的内容没有保存。" in client.get(answer.location).text


def test_whoever_never_signed_in_is_asked_to(client: FlaskClient) -> None:
    assert "请先登录。" in client.get(client.get("/residents/").location).text
