"""The audit trail finds every change behind its back (X5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.extensions import db
from app.services import audit
from app.services.transaction import transaction
from tests.factories import Factories


@pytest.fixture
def trail(app: Flask, make: Factories) -> int:
    """Five events."""
    venue = make.venue()
    for number in range(5):
        with transaction():
            audit.record(
                audit.SYSTEM, "test", subject=venue, area_code=venue.area_code, changes={"number": [number, number + 1]}
            )
    return 5


def _tamper(*statements: str) -> None:
    """Write as somebody would who has the database's password and knows of the trigger."""
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
        else:
            for verb in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER audit_event_no_{verb}"))
        for statement in statements:
            connection.execute(text(statement))
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE audit_event ENABLE TRIGGER ALL"))
        else:
            for verb in ("UPDATE", "DELETE"):
                connection.execute(
                    text(
                        f"CREATE TRIGGER audit_event_no_{verb.lower()} BEFORE {verb} ON audit_event "
                        "BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END"
                    )
                )


def test_an_untouched_trail_holds(trail: int) -> None:
    assert audit.verify() == (trail, None)


def test_the_database_refuses_to_change_or_remove_an_event(trail: int) -> None:
    for statement in ("UPDATE audit_event SET action = 'x' WHERE id = 3", "DELETE FROM audit_event WHERE id = 3"):
        with pytest.raises(DatabaseError, match="append-only"):
            db.session.execute(text(statement))
        db.session.rollback()


_COLUMNS = "recorded_at, actor_id, actor_label, remote_address, action, subject_type, subject_id, area_code, changes, chain_hash"


@pytest.mark.parametrize(
    ("statements", "first_fault"),
    [
        (["UPDATE audit_event SET actor_label = '别人' WHERE id = 3"], 3),
        (["UPDATE audit_event SET changes = '{\"number\": [9, 9]}' WHERE id = 2"], 2),
        (["UPDATE audit_event SET subject_id = '99' WHERE id = 5"], 5),
        (["DELETE FROM audit_event WHERE id = 3"], 3),
        (["DELETE FROM audit_event WHERE id = 1"], 1),
        (["DELETE FROM audit_event WHERE id = 5"], 5),
        (["DELETE FROM audit_event WHERE id > 2", "UPDATE audit_head SET last_id = 2"], 3),
        ([f"INSERT INTO audit_event SELECT 6, {_COLUMNS} FROM audit_event WHERE id = 5"], 6),
        (
            [
                "UPDATE audit_event SET id = 9 WHERE id = 2",
                "UPDATE audit_event SET id = 2 WHERE id = 3",
                "UPDATE audit_event SET id = 3 WHERE id = 9",
            ],
            2,
        ),
        (["DELETE FROM audit_event", "DELETE FROM audit_head"], None),
    ],
    ids=["actor", "changes", "subject", "removed", "first", "last", "cut off", "inserted", "swapped", "everything"],
)
def test_a_change_behind_the_trail_is_found(trail: int, statements: list[str], first_fault: int | None) -> None:
    _tamper(*statements)
    _count, fault = audit.verify()
    if first_fault is None:
        # Nothing at all is left: only a copy kept elsewhere tells an emptied trail from a new one (docs/operations.md).
        assert fault is None
        return
    assert fault is not None
    assert fault.event_id == first_fault


def test_an_event_goes_with_the_change_that_it_tells_of(app: Flask, make: Factories) -> None:
    venue = make.venue()
    db.session.commit()

    def change() -> None:
        with transaction():
            venue.name = "改名小区"
            audit.record(audit.SYSTEM, "rename", subject=venue, area_code=venue.area_code)
            raise RuntimeError("in the middle")

    _fails(change)
    assert audit.verify() == (0, None)
    assert venue.name != "改名小区"


def _fails(change: Callable[[], None]) -> None:
    with pytest.raises(RuntimeError):
        change()


def test_the_command_names_the_fault(app: Flask, trail: int) -> None:
    runner = app.test_cli_runner()
    assert "OK: 5 events" in runner.invoke(args=["audit", "verify"]).output
    _tamper("UPDATE audit_event SET actor_label = '别人' WHERE id = 4")
    result = runner.invoke(args=["audit", "verify"])
    assert result.exit_code == 1
    assert "event 4" in result.output
