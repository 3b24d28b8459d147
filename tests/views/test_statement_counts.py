"""What a page asks of the database: a few statements, whatever it lists and whoever reads it (issue 1.5)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, url_for
from sqlalchemy import event

from app import clock
from app.domain.quarantine import QuarantineStatus
from app.domain.roles import Role
from app.domain.venues import VenueKind
from app.extensions import appbuilder, db
from app.models import Residency
from app.services import health_rules
from app.services.quarantine import today
from app.views.entries import SCREEN as ENTRIES
from app.views.exporting import row_texts
from app.views.listing import read_all
from app.views.plain_rows import read_plain
from app.views.residents import SCREEN as RESIDENTS
from app.views.screen_view import ScreenView
from tests.factories import COMMUNITY, Factories

MOST_STATEMENTS = 8
KIND = VenueKind.MEDICAL_INSTITUTION  # has one list more than the other sectors
AREAS = {Role.DISTRICT_ADMIN: COMMUNITY[:6], Role.STREET_ADMIN: COMMUNITY[:9], Role.COMMUNITY_ADMIN: COMMUNITY}


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements that the database is sent meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def compound(make: Factories) -> Any:
    """A compound with residents of every kind and their entries."""
    venue = make.venue(area_code=COMMUNITY)
    for status in QuarantineStatus:
        for _ in range(4):
            make.entry(make.residency(venue=venue, status=status, since=today()))
    health_rules.in_force(clock.now())  # the first version comes with the first question
    db.session.commit()
    return venue


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.name)
def test_no_list_asks_more_than_a_few_statements(app: Flask, compound: Any, login_as, role: Role) -> None:
    holds = {Role.COMPOUND_ADMIN: {"venues": [compound]}, Role.SECTOR_ADMIN: {"venue_kind": KIND}}.get(role, {})
    client = login_as(role, AREAS.get(role, COMMUNITY if role is Role.COMPOUND_ADMIN else "4101"), **holds)
    counts = {}
    for name, address in _lists(app, role):
        client.get(address)
        with statements(app) as seen:
            assert client.get(address).status_code == 200, name
        counts[name] = len(seen)
    assert {name: count for name, count in counts.items() if count > MOST_STATEMENTS} == {}


def _lists(app: Flask, role: Role) -> list[tuple[str, str]]:
    """The lists that are declared for a role, with their addresses."""
    with app.test_request_context():
        return [
            (type(view).__name__, url_for(f"{view.endpoint}.list"))
            for view in appbuilder.baseviews
            if isinstance(view, ScreenView)
            and role in view.permitted_roles()["can_list"]
            and getattr(view, "venue_kind", None) in (None, KIND)
        ]


@pytest.mark.parametrize("screen", [RESIDENTS, ENTRIES], ids=["residents", "entries"])
def test_an_export_says_what_the_list_says(app: Flask, compound: Any, screen: Any) -> None:
    with app.test_request_context():
        plain = read_plain(screen.query(), reads=screen.export_reads, order=screen.order, chunk=7)
        texts_of = row_texts(screen.columns)
        shown = [texts_of(row) for row in plain]
        assert shown == [texts_of(row) for row in read_all(screen.query(), screen.order)]
    assert len(shown) == 4 * len(QuarantineStatus)


def test_an_export_stays_in_the_scope_of_the_account(compound: Any, make: Factories, login_as) -> None:
    other = make.residency(make.person("万里行"), make.venue())
    assert db.session.get_one(Residency, other.id)
    client = login_as(Role.COMPOUND_ADMIN, COMMUNITY, venues=[compound])
    names = exported_names(client.get("/residents/export").data)
    assert len(names) == 4 * len(QuarantineStatus)
    assert "万里行" not in names
    assert exported_names(client.get("/residents/export?name=万里行").data) == []


def exported_names(workbook: bytes) -> list[str]:
    """The first column below the watermark and the header."""
    import io

    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()
    return [str(row[0]) for row in rows[2:]]
