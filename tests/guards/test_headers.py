"""Every answer of every route keeps what browsers are promised: headers, a nonce on every script, no kept page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.domain.roles import Role
from app.extensions import db
from app.scan_pages import express
from tests.factories import Factories
from tests.guards.routes import routes
from tests.scan_pages.phone import Phone, forms_of

PROMISED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# What is nobody's and may be kept: files, names of areas, public keys.
KEPT = {"static", "appbuilder.static", "scan.areas", "code.keys"}
CAMERA = {"CodeCheckView.list", "CodeCheckView.look"}
_NONCE = re.compile(r"script-src 'self' 'nonce-([\w-]{22})' 'strict-dynamic'")
_SCRIPT = re.compile(r"<script\b[^>]*>")


def faults(answer: TestResponse, *, may_be_kept: bool = False, has_camera: bool = False) -> Iterator[str]:
    headers = answer.headers
    yield from (name for name, value in PROMISED.items() if headers.getlist(name) != [value])
    policies = headers.getlist("Content-Security-Policy")
    found = [_NONCE.search(policy) for policy in policies]
    if len(policies) != 1 or not found[0]:
        yield "a policy without nonce"
        return
    if "unsafe-inline" in policies[0] or "'unsafe-eval'" in policies[0] or "frame-ancestors 'none'" not in policies[0]:
        yield "an open policy"
    if answer.mimetype == "text/html":
        tags = _SCRIPT.findall(answer.text)
        yield from (f"{tag} without the nonce" for tag in tags if f'nonce="{found[0].group(1)}"' not in tag)
    if not may_be_kept and headers.get("Cache-Control") != "no-store":
        yield "kept"
    if ("camera=(self)" in headers["Permissions-Policy"]) is not has_camera or "geolocation=()" not in headers[
        "Permissions-Policy"
    ]:
        yield "powers"


@pytest.mark.parametrize("role", [Role.CITY_ADMIN, Role.SCANNER, None], ids=str)
def test_every_route_keeps_the_promises(app: Flask, login_as: object, role: Role | None) -> None:
    client: FlaskClient = login_as(role) if role else app.test_client()  # type: ignore[operator]
    found = [
        f"{route}: {fault}"
        for route in routes(app)
        for answer in [client.open(route.url, method=route.method)]
        for fault in faults(
            answer,
            may_be_kept=route.endpoint in KEPT,
            has_camera=route.endpoint in CAMERA and answer.status_code == HTTPStatus.OK,
        )
    ]
    assert found == []


@pytest.mark.parametrize("path", ["/nothing", "/s/", "/static/nothing.css", "/code/nothing"])
def test_errors_keep_the_promises(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert list(faults(answer, may_be_kept=path.startswith("/static"))) == []


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
        assert _SCRIPT.search(answer.text)
        assert list(faults(answer)) == []


def test_no_two_pages_share_a_nonce(client: FlaskClient) -> None:
    def nonce() -> str:
        found = _NONCE.search(client.get("/account/login/").headers["Content-Security-Policy"])
        assert found
        return found.group(1)

    assert len({nonce() for _ in range(5)}) == 5


def test_only_encrypted_installations_ask_for_encryption_for_ever(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/account/login/").headers
