"""Work of a job through an absence of the database (issue 4, faults)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.services.outages import MOST_TURNS, outlast


def lose_the_connection() -> None:
    """The server ends our session; SQLite has none to end, and says that it cannot read."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    db.session.execute(text("SELECT * FROM nowhere"))


def test_what_lost_its_database_is_begun_again(app: Flask) -> None:
    turns: list[int] = []

    def work() -> None:
        turns.append(db.session.execute(select(1)).scalar_one())
        if len(turns) < MOST_TURNS:
            lose_the_connection()

    outlast(work)
    assert len(turns) == MOST_TURNS


def test_what_fails_so_every_time_ends_with_its_fault(app: Flask) -> None:
    turns: list[int] = []

    def work() -> None:
        turns.append(1)
        lose_the_connection()

    with pytest.raises(OperationalError):
        outlast(work)
    assert len(turns) == MOST_TURNS


def test_any_other_fault_is_nothing_to_wait_for(app: Flask) -> None:
    turns: list[int] = []

    def work() -> None:
        turns.append(1)
        raise LookupError("not there")

    with pytest.raises(LookupError, match="not there"):
        outlast(work)
    assert len(turns) == 1
