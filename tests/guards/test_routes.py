"""Every route needs a sign-in unless it is listed, and a token for what it changes."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.roles import Role
from tests.guards.routes import PUBLIC, routes

# What stands before a view and around its answer asks no database but for who is signed in.
pytestmark = pytest.mark.parametrize("application", ["sqlite"], indirect=True)


def test_whoever_is_not_signed_in_opens_listed_pages_only(app: Flask, client: FlaskClient) -> None:
    open_to_all = []
    app.config["WTF_CSRF_ENABLED"] = False  # what is behind the token must be shut too
    try:
        for route in routes(app):
            if route.endpoint in PUBLIC:
                continue
            answer = client.open(route.url, method=route.method)
            is_shut = 400 <= answer.status_code < 500 or (
                answer.status_code == 302 and "/account/login/" in answer.location
            )
            if not is_shut:
                open_to_all.append(f"{route}: {answer.status_code}")
    finally:
        app.config["WTF_CSRF_ENABLED"] = True
    assert open_to_all == []


def test_every_listed_page_exists(app: Flask) -> None:
    assert set(PUBLIC) <= {route.endpoint for route in routes(app)}


def test_every_route_behind_the_sign_in_has_a_permission_that_somebody_holds_or_nobody_by_declaration(
    app: Flask,
) -> None:
    views = {type(view).__name__: view for view in app.extensions["appbuilder"].baseviews}
    undeclared = [
        str(route)
        for route in routes(app)
        if route.endpoint not in PUBLIC and route.permission not in views[route.view].permitted_roles()
    ]
    assert undeclared == []


def test_nothing_is_changed_without_a_token(app: Flask, login_as: Any) -> None:
    client = login_as(Role.CITY_ADMIN)
    posts = [
        route
        for route in routes(app)
        if route.method != "GET" and not route.endpoint.startswith(("scan.", "code.", "receipts."))
    ]
    assert [str(route) for route in posts if client.open(route.url, method=route.method).status_code != 400] == []


def test_no_redirect_leaves_the_site_whatever_host_is_claimed(app: Flask, client: FlaskClient) -> None:
    for route in routes(app):
        if route.method == "GET":
            location = client.get(route.url, headers={"X-Forwarded-Host": "evil.example"}).headers.get("Location", "/")
            assert location.startswith("/") and not location.startswith("//"), str(route)
