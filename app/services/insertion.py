"""INSERT … ON CONFLICT of whichever database is in hand."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from app.extensions import db


def inserting(table: Any) -> Any:
    """An INSERT into `table` that knows ON CONFLICT."""
    return (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(table)
