"""Who the rows of a list may be, among the people in the scope in hand: a few statements for thousands of rows (Z-T12)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from app import clock
from app.domain.colors import Color
from app.domain.comparison import MatchBasis, birth_date_in, is_doubtful
from app.domain.documents import DocumentType
from app.domain.text import digits
from app.extensions import db
from app.models import EntryRecord, Person, Residency, Venue
from app.models.encryption import document_index, phone_index
from app.services.dialects import among
from app.services.health_colors import colors_of
from app.services.list_dispatch import document_type_of_row
from app.spreadsheets.cells import cell_text
from app.spreadsheets.columns import ParsedRow

# A phone that more people share is an institution's and tells nobody.
_MOST_A_ROW = 5
Found = list[tuple[ParsedRow, Any, MatchBasis]]


@dataclass(frozen=True)
class Match:
    """Somebody whom a row may be about, with what is known of them now."""

    row_number: int
    person_id: int
    basis: MatchBasis
    is_doubtful: bool
    color: Color
    compound: str | None
    last_entry_at: datetime | None
    last_entry_place: str | None


def matches_of(rows: Sequence[ParsedRow], *, document_at: int | None) -> list[Match]:
    """Whom the rows may be about: by number, else by phone, else by name and day of birth.

    `document_at` is the number's column: a number that is no valid one may still tell the day of birth.
    """
    found = _by(rows, _document, Person.document_index, MatchBasis.DOCUMENT)
    left = _others(rows, found)
    by_phone = _by(left, _phone, Person.phone_index, MatchBasis.PHONE)
    by_birth = _by_name_and_birth(_others(left, by_phone), document_at)
    return _told([*found, *by_phone, *by_birth])


def _document(row: ParsedRow) -> bytes | None:
    number = row.values.get("document_number")
    return document_index(document_type_of_row(row.values).name, str(number)) if number else None


def _phone(row: ParsedRow) -> bytes | None:
    number = row.values.get("phone")
    return phone_index(str(number)) if number else None


def _others(rows: Sequence[ParsedRow], found: Found) -> list[ParsedRow]:
    told = {row.number for row, _person, _basis in found}
    return [row for row in rows if row.number not in told]


def _by(
    rows: Sequence[ParsedRow], key_of: Callable[[ParsedRow], bytes | None], column: Any, basis: MatchBasis
) -> Found:
    """The rows whose blind index somebody has."""
    wanted = {row.number: key for row in rows if (key := key_of(row)) is not None}
    if not wanted:
        return []
    query = select(Person.id, Person.name, Person.document_index, column.label("key"))
    people: dict[bytes, list[Any]] = defaultdict(list)
    for person in db.session.execute(query.where(among(column, sorted(set(wanted.values())))).order_by(Person.id)):
        people[bytes(person.key)].append(person)
    return [
        (row, person, basis)
        for row in rows
        if row.number in wanted and len(same := people.get(wanted[row.number], [])) <= _MOST_A_ROW
        for person in same
    ]


def _by_name_and_birth(rows: Sequence[ParsedRow], document_at: int | None) -> Found:
    """The rows whose name and day of birth somebody has; the day is read from the identity number."""
    wanted = {row.number: key for row in rows if (key := _name_and_birth(row, document_at)) is not None}
    names = sorted({name for name, _birth in wanted.values()})
    if not names:
        return []
    query = select(Person.id, Person.name, Person.document_index, Person.document_number)
    query = query.where(Person.name.in_(names), Person.document_type == DocumentType.ID_CARD)
    people: dict[tuple[str, date | None], list[Any]] = defaultdict(list)
    for person in db.session.execute(query.order_by(Person.id)):
        people[person.name, birth_date_in(person.document_number)].append(person)
    return [
        (row, person, MatchBasis.NAME_AND_BIRTH)
        for row in rows
        if row.number in wanted
        for person in people.get(wanted[row.number], [])[:_MOST_A_ROW]
    ]


def _name_and_birth(row: ParsedRow, document_at: int | None) -> tuple[str, date] | None:
    name, birth = row.values.get("name"), row.values.get("birth_date")
    if not isinstance(birth, date):
        written = row.raw[document_at] if document_at is not None and document_at < len(row.raw) else None
        birth = birth_date_in(digits(cell_text(written))) if written is not None else None
    return (str(name), birth) if name and birth else None


def _told(found: Found) -> list[Match]:
    """The matches with compound, colour and last entry of their people."""
    people = {person.id: bytes(person.document_index) for _row, person, _basis in found}
    if not people:
        return []
    compounds, entries = _compounds(people), _last_entries(people)
    colors = colors_of(set(people.values()), clock.now())
    matches = []
    for row, person, basis in found:
        at, place = entries.get(person.id, (None, None))
        name = row.values.get("name")
        matches.append(
            Match(
                row_number=row.number,
                person_id=person.id,
                basis=basis,
                is_doubtful=is_doubtful(basis, given=str(name) if name else None, known=person.name),
                color=colors.get(people[person.id], Color.GREEN),
                compound=compounds.get(person.id),
                last_entry_at=at,
                last_entry_place=place,
            )
        )
    return matches


def _compounds(people: Iterable[int]) -> dict[int, str]:
    """The compound of each, the latest tie where somebody has several."""
    query = select(Residency.person_id, Venue.name).join(Venue, Venue.id == Residency.venue_id)
    query = query.where(Residency.person_id.in_(list(people)), Residency.ended_at.is_(None)).order_by(Residency.id)
    return {person_id: name for person_id, name in db.session.execute(query)}


def _last_entries(people: Iterable[int]) -> dict[int, tuple[datetime, str]]:
    """When and where each was let in or turned away last; an entry's number carries its time."""
    latest = select(func.max(EntryRecord.id)).where(EntryRecord.person_id.in_(list(people)))
    numbers = list(db.session.execute(latest.group_by(EntryRecord.person_id)).scalars())
    query = select(EntryRecord.person_id, EntryRecord.recorded_at, Venue.name)
    query = query.join(Venue, Venue.id == EntryRecord.venue_id).where(EntryRecord.id.in_(numbers))
    return {person_id: (moment, name) for person_id, moment, name in db.session.execute(query)}
