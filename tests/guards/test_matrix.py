"""Every route × method × role × relation of the object: nothing foreign is told or changed, with the views' rules or without."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from flask import Flask

from app.access import everything
from app.domain.roles import Role
from app.extensions import db, redis_connection
from tests.conftest import empty
from tests.guards.asking import Asker, cheap_frames
from tests.guards.cells import Walk, subject_table
from tests.guards.everybody import Everybody
from tests.guards.ledger import Ledger
from tests.guards.open_views import open_all_views
from tests.guards.routes import PUBLIC, routes
from tests.guards.sight import Viewer

# The rest is Python alone or the session's own work; these differ in the policies that their rows meet.
ON_POSTGRESQL = (
    Role.DISTRICT_ADMIN,
    Role.COMPOUND_ADMIN,
    Role.SECTOR_ADMIN,
    Role.HIGH_SPEED_RAIL_TEAM,
    Role.DATA_REPORTER,
    Role.AUDITOR,
)
CELLS_OF_ALL, CELLS_OPEN, CELLS_ON_POSTGRESQL = 10_000, 5_000, 2_000
on_sqlite = pytest.mark.parametrize("application", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("application", ["postgresql"], indirect=True)


@pytest.fixture(scope="module")
def everybody(application: Flask) -> Iterator[Everybody]:
    """Rows of every table in every place, filled in once for all these tests; none of them leaves a change."""
    with application.app_context(), everything("a test sets things up"):
        found = Everybody()
        db.session.commit()
        db.session.remove()
        yield found
        db.session.rollback()
        empty()
        redis_connection().flushall()
        db.session.remove()


@pytest.fixture(scope="module")
def ledger(everybody: Everybody) -> Iterator[Ledger]:
    """What is in the tables."""
    found = Ledger(everybody)
    yield found
    found.close()


@pytest.fixture
def walk(application: Flask, everybody: Everybody, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    """A way through all routes, without tokens: what is behind them must be shut too."""
    monkeypatch.setitem(application.config, "WTF_CSRF_ENABLED", False)
    cheap_frames(monkeypatch)
    asker = Asker(application, everybody)
    logging.disable(logging.WARNING)
    yield Walk(application, everybody, asker, ledger)
    logging.disable(logging.NOTSET)
    asker.close()


def viewer(everybody: Everybody, role: Role) -> Viewer:
    return next(who for who in everybody.viewers if who.role is role)


@on_sqlite
def test_every_route_says_what_its_number_means(application: Flask, everybody: Everybody) -> None:
    who, unsaid = viewer(everybody, Role.CITY_ADMIN), []
    for route in (route for route in routes(application) if route.endpoint not in PUBLIC):
        try:
            subject_table(application, route, who)
        except LookupError as fault:
            unsaid.append(str(fault))
    assert unsaid == []


@on_sqlite
def test_nothing_foreign_is_told_or_changed(walk: Walk) -> None:
    for who in walk.everybody.viewers:
        walk.every_route(who)
        walk.subjects(who)
        walk.end(who)
    assert walk.faults == []
    assert walk.cells.total() >= CELLS_OF_ALL


@on_sqlite
def test_nor_is_it_when_every_view_is_open_to_everybody(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows' own scope alone: no screen asks for a role, none narrows its rows."""
    open_all_views(walk.app, walk.everybody.viewers[0], monkeypatch)
    for who in walk.everybody.viewers:
        walk.open_routes(who)
        walk.subjects(who)
        walk.end(who)
    assert walk.faults == []
    assert walk.cells.total() >= CELLS_OPEN


@on_postgresql
def test_nor_is_it_on_postgresql(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scope of the session and the policies of the rows."""
    open_all_views(walk.app, walk.everybody.viewers[0], monkeypatch)
    for who in (viewer(walk.everybody, role) for role in ON_POSTGRESQL):
        walk.open_routes(who)
        walk.subjects(who)
        walk.end(who)
    assert walk.faults == []
    assert walk.cells.total() >= CELLS_ON_POSTGRESQL


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.name)
@on_sqlite
def test_every_screen_is_in_the_menu_of_the_roles_that_may_list_it(walk: Walk, role: Role) -> None:
    who, app = viewer(walk.everybody, role), walk.app
    page = "".join(walk.asker.ask(who, "GET", url).text for url in ("/", "/m/"))
    faults = []
    for route in routes(app):
        if not route.endpoint.endswith(".list") or route.method != "GET":
            continue
        is_in_menu = f'<a href="{route.url}"' in page
        if is_in_menu != (role in route.roles(app) and route.kind(app) in (None, who.kind)):
            faults.append(f"{route}: in the menu: {is_in_menu}")
    assert faults == []
