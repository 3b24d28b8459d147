"""The blind index of name and birthday, for rows that entered their lists before there was one (Z-T13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from app.domain.documents import DocumentType
from app.extensions import db
from app.models import ScreeningEntry
from app.services.imports_staging import birth_index
from app.services.transaction import transaction

_ENTRIES = ScreeningEntry.__table__
_CHUNK = 500
# A row that was corrected meanwhile has the index of what it says now.
_FILL = (
    update(_ENTRIES)
    .where(_ENTRIES.c.id == bindparam("key"), _ENTRIES.c.name == bindparam("read_name"))
    .where(_ENTRIES.c.document_index == bindparam("read_index"), _ENTRIES.c.name_birth_index.is_(None))
    .values(name_birth_index=bindparam("found"))
)


def fill() -> int:
    """How many rows got the index that doubts are found by; in small transactions, to be stopped and run again at any time."""
    filled = last = 0
    while True:
        with transaction():
            rows = _without(last)
            filled += _fill(rows)
        if len(rows) < _CHUNK:
            return filled
        last = rows[-1].id


def _without(last: int) -> Sequence[Row[Any]]:
    columns = ("id", "name", "document_type", "document_number", "document_index")
    query = select(*(_ENTRIES.c[name] for name in columns)).where(
        _ENTRIES.c.id > last,
        _ENTRIES.c.name_birth_index.is_(None),
        _ENTRIES.c.document_type == DocumentType.ID_CARD.name,
        _ENTRIES.c.document_index.is_not(None),
        _ENTRIES.c.name.is_not(None),
    )
    return db.session.execute(query.order_by(_ENTRIES.c.id).limit(_CHUNK)).all()


def _fill(rows: Sequence[Row[Any]]) -> int:
    found = [(row, birth_index(row.name, row.document_type.name, row.document_number)) for row in rows]
    values = [
        {"key": row.id, "read_name": row.name, "read_index": bytes(row.document_index), "found": index}
        for row, index in found
        if index is not None
    ]
    if values:
        db.session.connection().execute(_FILL, values)
    return len(values)
