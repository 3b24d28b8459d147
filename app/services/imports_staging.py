"""Checked rows on their way into the staging table, sealed in the form in which the list will hold them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from app.access import row_security
from app.domain.comparison import birth_date_in
from app.domain.dispatch import Dispatch
from app.domain.documents import DocumentType
from app.domain.screening import ScreeningKind
from app.extensions import db
from app.models import ImportRow, ScreeningEntry
from app.models.encryption import document_index, key_ring, name_birth_index, phone_index
from app.services.dialects import among
from app.services.doubts import linked_identities
from app.services.imports_progress import forget_chunks
from app.services.lists import ScreeningList, Values
from app.spreadsheets.columns import identity_key

_ROWS = ImportRow.__table__
_ENTRIES = ScreeningEntry.__table__
COLUMNS = (
    "batch_id", "row_number", "identity_index", "area_code", "undispatched_reason", "venue_id", "listed_on", "name",
    "document_type", "document_number", "document_index", "phone", "phone_index", "name_birth_index", "particulars", "remark",
    "category", "status", "arrived_at",
)  # fmt: skip
_encode = json.JSONEncoder(ensure_ascii=False).encode
_DOCUMENT = "screening_entry.document_number"
_PHONE = "screening_entry.phone"
_PARTICULARS = "screening_entry.particulars"


def identity_index(declared: ScreeningList, values: Values) -> bytes:
    """Which row of the list this is, as 16 bytes that tell nobody who it is about."""
    parts = (declared.row_kind.name, *identity_key(declared.sheet, values))
    return key_ring().blind_index("list identity", "\x1f".join(parts))


def seal(declared: ScreeningList, values: Values, zone: ZoneInfo) -> tuple[Any, ...]:
    """The part of a staged row that comes from its sheet, from `listed_on` to the end; `zone` is its clock's."""
    ring = key_ring()
    number, phone = values.get("document_number"), values.get("phone")
    kind = declared.document_type(values).name if number else None
    others = particulars(declared, values)
    return (
        day_of(values.get(declared.listed_on)),
        values.get("name"),
        kind,
        ring.encrypt(number, _DOCUMENT) if number else None,
        document_index(kind, number) if kind and number else None,
        ring.encrypt(phone, _PHONE) if phone else None,
        phone_index(phone) if phone else None,
        birth_index(values.get("name"), kind, number),
        ring.encrypt(others, _PARTICULARS) if others else None,
        values.get("remark"),
        declared.category_of(values),
        declared.status_of(values),
        arrival_of(declared, values, zone),
    )


def birth_index(name: str | None, kind: str | None, number: str | None) -> bytes | None:
    """The blind index of name and birthday, where an identity card tells the day."""
    born = birth_date_in(number) if kind == DocumentType.ID_CARD.name else None
    return name_birth_index(name, born) if name and born else None


def arrival_of(declared: ScreeningList, values: Values, zone: ZoneInfo) -> datetime | None:
    """When the person came, as a moment: sheets write the region's time without saying so."""
    found = values.get(declared.arrived_key) if declared.arrived_key else None
    return found.replace(tzinfo=zone) if isinstance(found, datetime) else None


def particulars(declared: ScreeningList, values: Values) -> str | None:
    """The columns that are kept together, as the JSON that is sealed; None where all are blank."""
    others = {key: _plain(values[key]) for key in declared.particulars if values.get(key) is not None}
    return _encode(others) if others else None


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def day_of(value: Any) -> date | None:
    """The calendar day of a cell, None for no day."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def staged_row(
    batch_id: int, number: int, *, identity: bytes, place: Dispatch, city_code: str, sealed: tuple[Any, ...]
) -> tuple[Any, ...]:
    """A row as COLUMNS; without a district it waits at the city, with the reason."""
    reason = place.reason.name if place.reason else None
    return (batch_id, number, identity, place.area_code or city_code, reason, place.venue_id, *sealed)


def write_rows(rows: Sequence[tuple[Any, ...]]) -> None:
    """The rows are staged, in the transaction in hand: by COPY where there is one."""
    if not rows:
        return
    connection = db.session.connection()
    if connection.dialect.name != "postgresql":
        marks = ", ".join("?" * len(COLUMNS))
        statement = f"INSERT INTO import_row ({', '.join(COLUMNS)}) VALUES ({marks})"  # noqa: S608 - names of ours
        connection.exec_driver_sql(statement, [tuple(map(_for_sqlite, row)) for row in rows])
        return
    row_security.hold(connection)
    driver: Any = connection.connection.driver_connection
    statement = f"COPY import_row ({', '.join(COLUMNS)}) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _for_sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value


def forget_rows(batch_id: int) -> None:
    """Nothing of the batch is staged any more."""
    db.session.execute(delete(_ROWS).where(_ROWS.c.batch_id == batch_id))
    forget_chunks(batch_id)


def present_identities(kind: ScreeningKind, identities: Collection[bytes]) -> set[bytes]:
    """Those of the identities that the list has already, as a row or linked to one."""
    query = select(_ENTRIES.c.identity_index).where(
        _ENTRIES.c.kind == kind.name, among(_ENTRIES.c.identity_index, list(identities))
    )
    found = {bytes(index) for index in db.session.execute(query).scalars()}
    return found | linked_identities(kind, identities)
