"""Turns: of two transactions that look first and then write, the second looks when the first has written (X3, X4)."""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import text, update

from app.extensions import db
from app.models import AuditHead

_HEAD = AuditHead.__table__


class Turn(IntEnum):
    """What is done one at a time; the numbers are the first halves of the database's locks."""

    MANUAL_EVIDENCE = 0x45564401
    MASS_CHANGE = 0x45564402
    AREA_MOVE = 0x45564403
    RELATIVES = 0x45564404


def take(turn: Turn, key: int = 0) -> None:
    """Whoever takes the same turn waits until the transaction in hand has ended; nobody else does."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        # Not a row's lock: that would keep others from writing what points to the row.
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn, :key)"), {"turn": int(turn), "key": key})
        return
    # A write takes SQLite's only write lock, which is the same promise.
    connection.execute(update(_HEAD).where(_HEAD.c.id < 0).values(last_id=_HEAD.c.last_id))
