"""Every answer of every route keeps what browsers are promised: headers, a nonce on every script, no kept page."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.domain.roles import Role
from app.extensions import db
from app.scan_pages import express
from tests.factories import COMMUNITY, Factories
from tests.guards.promises import NONCE, SCRIPT, broken_promises, page_in
from tests.guards.routes import routes
from tests.scan_pages.phone import Phone, forms_of

# What is nobody's and may be kept: files, names of areas, public keys.
KEPT = {"static", "appbuilder.static", "scan.areas", "code.keys"}
# The frame of an answer asks no database.
pytestmark = pytest.mark.parametrize("application", ["sqlite"], indirect=True)


def faults(answer: TestResponse, **details: bool) -> list[str]:
    text = answer.get_data().decode(errors="replace")  # a picture is none, and is no page
    return list(broken_promises(answer.headers, page_in(answer.headers, text), **details))


def test_every_route_keeps_the_promises_to_whoever_is_not_signed_in(app: Flask, client: FlaskClient) -> None:
    """What accounts are answered is looked at in each cell of the matrix."""
    found = [
        f"{route}: {fault}"
        for route in routes(app)
        for answer in [client.open(route.url, method=route.method)]
        for fault in faults(answer, may_be_kept=route.endpoint in KEPT)
    ]
    assert found == []


@pytest.mark.parametrize("path", ["/nothing", "/s/", "/static/nothing.css", "/code/nothing"])
def test_errors_keep_the_promises(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert faults(answer, may_be_kept=path.startswith("/static")) == []


@pytest.mark.parametrize(("path", "code"), [("/nothing", 404), ("/audit-trail/", 403), ("/residents/search", 405)])
def test_errors_keep_the_promises_to_accounts(login_as: Any, path: str, code: int) -> None:
    """With the frame around them, which the matrix leaves out."""
    answer = login_as(Role.COMMUNITY_ADMIN, COMMUNITY).get(path)
    assert answer.status_code == code
    assert SCRIPT.search(answer.text)
    assert faults(answer) == []


def test_a_scan_keeps_the_promises_on_either_lane(app: Flask, make: Factories) -> None:
    phone, venue = Phone(app), make.venue()
    db.session.commit()
    first = phone.fill_in(venue)
    known = phone.scan(venue)
    tap = {**forms_of(known)[0].values, "action": "register"}
    app.express_lane = None  # type: ignore[attr-defined]
    try:
        long_way = phone.post(venue, tap)
    finally:
        app.express_lane = express.answer  # type: ignore[attr-defined]
    for answer in (first, known, long_way, phone.post(venue, {**forms_of(phone.scan(venue))[0].values, **tap})):
        assert answer.status_code == HTTPStatus.OK
        assert SCRIPT.search(answer.text)
        assert faults(answer) == []


def test_no_two_pages_share_a_nonce(client: FlaskClient) -> None:
    def nonce() -> str:
        found = NONCE.search(client.get("/account/login/").headers["Content-Security-Policy"])
        assert found
        return found.group(1)

    assert len({nonce() for _ in range(5)}) == 5


def test_only_encrypted_installations_ask_for_encryption_for_ever(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/account/login/").headers
