"""Every declared screen, opened as every role: as its declaration says, and in the menu of those who may list it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.domain.roles import Role
from app.domain.venues import VenueKind
from tests.factories import COMMUNITY, Factories
from tests.guards.routes import PUBLIC, routes
from tests.web import csrf_token

# Reached by a subject of its own rules: the form answers 403 where the role may not see this subject.
BY_SUBJECT = {"RevealView.ask", "MobileRevealView.ask"}
# A sector's manager has this one; the screens of the others are shut.
KIND = VenueKind.BUS


@pytest.fixture(params=list(Role), ids=lambda role: role.name)
def role(request: pytest.FixtureRequest) -> Role:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def client(login_as: Any, make: Factories, role: Role) -> Any:
    """Somebody of that role, with something in hand."""
    lengths = {"STREET": "410102001", "DISTRICT": "410102", "CITY": "4101", "COMMUNITY": COMMUNITY}
    area = lengths[role.level.name] if role.level else COMMUNITY
    kind = KIND if role is Role.SECTOR_ADMIN else None
    return login_as(role, area, venues=[make.venue()] if role is Role.COMPOUND_ADMIN else (), venue_kind=kind)


def test_screens_open_exactly_to_the_roles_they_name(app: Flask, client: Any, role: Role) -> None:
    token, faults = csrf_token(client), []
    for route in routes(app):
        if route.endpoint in PUBLIC:
            continue
        is_permitted = role in route.roles(app) and route.kind(app) in (None, KIND)
        data = {"csrf_token": token} if route.method == "POST" else None
        status = client.open(route.url, method=route.method, data=data).status_code
        expected = status < 400 if is_permitted and not route.has_arguments else status in (404, 403, 302)
        if is_permitted and route.endpoint not in BY_SUBJECT and status == 403:
            expected = False
        if not is_permitted:
            expected = status == 403
        if is_permitted and not route.has_arguments and route.method == "POST":
            expected = status < 500 and status != 403
        if not expected:
            faults.append(f"{route}: {status}, permitted: {is_permitted}")
    assert faults == []


def test_every_screen_is_in_the_menu_of_the_roles_that_may_list_it(app: Flask, client: Any, role: Role) -> None:
    page, faults = client.get("/").text + client.get("/m/").text, []
    for route in routes(app):
        if not route.endpoint.endswith(".list") or route.method != "GET":
            continue
        is_in_menu = f'<a href="{route.url}"' in page
        if is_in_menu != (role in route.roles(app) and route.kind(app) in (None, KIND)):
            faults.append(f"{route}: in the menu: {is_in_menu}")
    assert faults == []
