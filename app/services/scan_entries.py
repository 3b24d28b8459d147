"""Entries by scan: the row that one submitted page is (Z-S10), written once however often the page arrives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.sql.expression import ClauseElement

from app.domain.colors import Color
from app.domain.gate import Passage
from app.domain.labels import Text
from app.extensions import db
from app.models import EntryOutcome, EntryRecord, EntrySource, Person, Registration
from app.services import health_gate
from app.services.prepared import Prepared
from app.services.scan_venues import ScanVenue

_ENTRIES = EntryRecord.__table__


@dataclass(frozen=True, kw_only=True)
class Scan:
    """One submitted page: the entry's id that was issued with it, where, by which phone, and when it arrived.

    A paper form typed in later is one too: by no phone, by hand, at the moment that stands on the paper (Z-R10).
    """

    entry_id: int
    venue: ScanVenue
    device_index: bytes | None
    moment: datetime
    source: EntrySource = EntrySource.SCAN
    recorded_by_id: int | None = None
    is_remote: bool = False
    # The sender's network, for limits (services/limits.py); kept nowhere.
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class ScanResult:
    """What the result page shows of a recorded entry; `name` is the one typed on the phone, never the one we know."""

    name: str
    color: Color
    is_refused: bool
    is_key_area: bool
    recorded_at: datetime
    is_remote: bool = False
    # Why in this colour (X1), where the page says so: a rule's text, or a message id.
    reason: Text | str = ""


class SentBefore(Exception):
    """The entry of this page is on record already; the transaction that tried again must not leave anything behind."""


def _record(dialect: Any) -> ClauseElement:
    given = {column.name: bindparam(column.name, type_=column.type) for column in _ENTRIES.c}
    statement = dialect.insert(_ENTRIES).values(given)
    once: ClauseElement = statement.on_conflict_do_nothing(index_elements=["id"]).returning(_ENTRIES.c.id)
    return once


RECORD = Prepared(_record)


def record(scan: Scan, passage: Passage, *, person_id: int, registration_id: int, name: str) -> ScanResult:
    """Add the entry to the transaction in hand and return its result; raise SentBefore where it is there already."""
    values = entry_values(scan, passage, person_id=person_id, registration_id=registration_id)
    if not RECORD.run(db.session.connection(), values):
        raise SentBefore
    result = result_of(scan, passage, name=name)
    return replace(result, reason=_sentence(person_id, result))


def _sentence(person_id: int, result: ScanResult) -> Text | str:
    return health_gate.sentence_of(person_id, name=result.name, color=result.color, moment=result.recorded_at) or ""


def entry_values(scan: Scan, passage: Passage, *, person_id: int, registration_id: int) -> dict[str, Any]:
    """Return the entry's row."""
    return {
        "id": scan.entry_id,
        "recorded_at": scan.moment,
        "venue_id": scan.venue.id,
        "area_code": scan.venue.area_code,
        "person_id": person_id,
        "registration_id": registration_id,
        "source": scan.source,
        "recorded_by_id": scan.recorded_by_id,
        "outcome": EntryOutcome.REFUSED if passage.is_refused else EntryOutcome.ADMITTED,
        "color": passage.color,
        "is_key_area": passage.is_key_area,
        "is_breach": passage.is_breach,
        "is_remote": scan.is_remote,
    }


def result_of(scan: Scan, passage: Passage, *, name: str) -> ScanResult:
    """Return what the result page shows of the scan's passage."""
    return ScanResult(
        name=name,
        color=passage.color,
        is_refused=passage.is_refused,
        is_key_area=passage.is_key_area,
        recorded_at=scan.moment,
        is_remote=scan.is_remote,
    )


def recorded(entry_id: int, *, document_index: bytes | None = None) -> ScanResult | None:
    """Return the result of an entry on record; with `document_index`, only if it is that person's."""
    query = (
        select(
            Registration.__table__.c.name,
            _ENTRIES.c.person_id,
            _ENTRIES.c.color,
            _ENTRIES.c.outcome,
            _ENTRIES.c.is_key_area,
            _ENTRIES.c.recorded_at,
            _ENTRIES.c.is_remote,
        )
        .join(Registration.__table__, Registration.__table__.c.id == _ENTRIES.c.registration_id)
        .where(_ENTRIES.c.id == entry_id)
    )
    if document_index is not None:
        person = Person.__table__
        query = query.join(person, person.c.id == _ENTRIES.c.person_id).where(person.c.document_index == document_index)
    row = db.session.execute(query).one_or_none()
    if row is None:
        return None
    result = ScanResult(
        name=row.name,
        color=row.color,
        is_refused=row.outcome is EntryOutcome.REFUSED,
        is_key_area=row.is_key_area,
        recorded_at=row.recorded_at,
        is_remote=row.is_remote,
    )
    return replace(result, reason=_sentence(row.person_id, result))
