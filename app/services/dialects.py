"""What the two databases say differently: INSERT … ON CONFLICT, membership of many, JSON as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from typing import cast as cast_type

from sqlalchemy import ColumnElement, LargeBinary, Text, any_, bindparam, cast, type_coerce
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY

from app.extensions import db


def inserting(table: Any) -> Any:
    """An INSERT into `table` that knows ON CONFLICT."""
    return (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(table)


def among(column: Any, values: Sequence[bytes]) -> ColumnElement[bool]:
    """That a binary column is one of many values: one array where there are arrays, else a parameter each."""
    if db.engine.dialect.name == "postgresql":
        array: ColumnElement[Any] = bindparam(None, list(values), type_=ARRAY(LargeBinary()))
        return cast_type(ColumnElement[bool], column == any_(array))
    return cast_type(ColumnElement[bool], column.in_(values))


def as_text(column: Any) -> Any:
    """A JSON column as the text that it is, unread."""
    return cast(column, Text) if db.engine.dialect.name == "postgresql" else type_coerce(column, Text)
