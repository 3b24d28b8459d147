"""Field keys in turn: a new key encrypts from now on, and what older keys sealed is sealed again (issue 1.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, bindparam, select, tuple_, type_coerce, update

from app.extensions import db
from app.models import ImportRow, StoredPiece
from app.models.encryption import EncryptedText, KeyRing, key_ring
from app.services.files import piece_context
from app.services.transaction import transaction

_CHUNK = 500


@dataclass(frozen=True)
class SealedColumn:
    """A column of ciphertexts, and the context that a row's ciphertext is bound to."""

    table: Table
    column: Column[Any]
    context: Callable[[Any], str]


def sealed_columns() -> Iterator[SealedColumn]:
    """Yield every column of the database that the key ring seals."""
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, EncryptedText):
                yield SealedColumn(table, column, _fixed(column.type.context))
    staged = ImportRow.__table__
    for name in ("document_number", "phone", "particulars"):
        yield SealedColumn(staged, staged.c[name], _fixed(f"screening_entry.{name}"))
    pieces = StoredPiece.__table__
    yield SealedColumn(pieces, pieces.c.sealed, lambda row: piece_context(row.file_id, row.position))


def _fixed(context: str) -> Callable[[Any], str]:
    return lambda _row: context


def rotate() -> int:
    """Seal again whatever an older key sealed; return how many values. It may be stopped and run again at any time."""
    return sum(_rotate(sealed, key_ring()) for sealed in sealed_columns())


def _rotate(sealed: SealedColumn, ring: KeyRing) -> int:
    keys = list(sealed.table.primary_key.columns)
    blob = type_coerce(sealed.column, LargeBinary).label("blob")
    changed, last = 0, None
    while True:
        query = select(*keys, blob).where(sealed.column.is_not(None)).order_by(*keys).limit(_CHUNK)
        if last is not None:
            query = query.where(_after(keys, last))
        with transaction():
            rows = db.session.execute(query).all()
            changed += _seal_again(sealed, keys, [row for row in rows if bytes(row.blob)[1] != ring.current], ring)
        if len(rows) < _CHUNK:
            return changed
        last = rows[-1]


def _after(keys: list[Column[Any]], last: Any) -> Any:
    return tuple_(*keys) > tuple(getattr(last, key.name) for key in keys)


def _seal_again(sealed: SealedColumn, keys: list[Column[Any]], rows: list[Any], ring: KeyRing) -> int:
    """Replace the ciphertexts of `rows`, but only where nobody changed the value meanwhile."""
    if not rows:
        return 0
    same = [key == bindparam(f"key_{key.name}") for key in keys]
    unchanged = type_coerce(sealed.column, LargeBinary) == bindparam("old_blob", type_=LargeBinary)
    value = type_coerce(bindparam("new_blob", type_=LargeBinary), LargeBinary)
    statement = update(sealed.table).where(*same, unchanged).values({sealed.column: value})
    parameters = []
    for row in rows:
        old = bytes(row.blob)
        context = sealed.context(row)
        new = ring.seal(ring.unseal(old, context), context)
        parameters.append(
            {**{f"key_{key.name}": getattr(row, key.name) for key in keys}, "old_blob": old, "new_blob": new}
        )
    db.session.connection().execute(statement, parameters)
    return len(rows)
