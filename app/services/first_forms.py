"""A form of which nothing follows but its rows, of somebody who must not quarantine: five rows and nothing to ask (issue 1.5).

Where a scan binds, that is somebody of whom nothing is known. At checkpoints and in sectors it may be somebody known,
under the same name and free to go everywhere, who gives the same or a new phone: a traveller fills in the form every
time. At a checkpoint nothing may follow from the declared origin either: no place listed there, no returnee's row (Z-S6).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg
from flask import current_app
from sqlalchemy import BigInteger, ColumnElement, Table, TypeDecorator, bindparam, exists, or_, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.expression import BindParameter, ClauseElement
from sqlalchemy.types import TypeEngine

from app import clock
from app.domain.gate import judge_declared
from app.domain.overseas import sighting_at
from app.domain.quarantine import QuarantineStatus, is_in_quarantine
from app.domain.returns import Assessment, assess
from app.domain.venues import VenueFamily, VenueKind
from app.extensions import db
from app.models import EntryRecord, HealthState, Person, Registration, RememberedIdentity, Residency, Venue
from app.models.types import UtcDateTime
from app.profiles import load_profile
from app.services import bindings, checkpoints, identities, registration, risk_areas, scan_entries
from app.services.bindings import ScannedForm
from app.services.filled_form import FilledForm
from app.services.prepared import Prepared
from app.services.scan_entries import Scan, ScanResult
from app.services.thread_connection import as_text, thread_connection

_PEOPLE: Table = Person.__table__
_STATES: Table = HealthState.__table__
_VENUES: Table = Venue.__table__
_TIES: Table = Residency.__table__
_OBLIGED = [status for status in QuarantineStatus if is_in_quarantine(status)]
_DIALECT = postgresql.dialect()
_NAMED = re.compile(r"%\((\w+)\)s")
# The person and the form have no numbers yet while the rows are put together.
_UNNUMBERED = {"person_id": 0, "registration_id": 0}

Values = Mapping[str, Any]


@dataclass(frozen=True)
class _Way:
    """What is written, and under which conditions: with a tie, for a journey that may have consequences, or neither;
    of new people alone, or of known ones too."""

    binds: bool
    is_arrival: bool
    takes_known: bool

    @classmethod
    def of(cls, kind: VenueKind) -> _Way:
        """Return the way of venues of `kind`."""
        # Nobody is tied to a checkpoint or a sector's venue: a form there changes no tie.
        return cls(kind.binds, kind.family is VenueFamily.CHECKPOINT, kind.family is not VenueFamily.COMPOUND)


_WAYS = {_Way.of(kind) for kind in VenueKind}


@dataclass(frozen=True)
class _Rows:
    """What one form writes, but for the numbers that the database gives; the person's with what is asked before."""

    person: Values
    form: Values
    tie: Values
    identity: Values
    entry: Values
    way: _Way


def record_plain(form: FilledForm, scan: Scan) -> ScanResult | None:
    """Register a person without an obligation; None for anybody else, and nothing was done."""
    profile = load_profile(current_app.config["REGION"])
    today = clock.local_date(scan.moment, profile.zone)
    assessment = assess(profile.quarantine, form.declaration, today)
    if assessment.status is not QuarantineStatus.NOT_REQUIRED or scan.device_index is None:
        return None
    if sighting_at(scan.venue.kind) is not None:
        return None  # it may change the screening of a returnee (Z-S5)
    way, origin = _Way.of(scan.venue.kind), form.declaration.origin_area_code
    asked = {"venue_id": scan.venue.id, "changed_at": scan.venue.changed_at}
    if way.is_arrival:
        if origin is None:
            return None
        asked |= risk_areas.listing_values(origin, today)
    passage = judge_declared(assessment, today, profile.quarantine)
    rows = _Rows(
        person=registration.person_values(form, scan.moment) | asked,
        form=registration.form_values(form, scan, person_id=0),
        tie=_tie(form, scan, assessment) if way.binds else {},
        identity=identities.identity_values(scan.device_index, moment=scan.moment, **_UNNUMBERED),
        entry=scan_entries.entry_values(scan, passage, **_UNNUMBERED),
        way=way,
    )
    is_added = _on_postgres(rows) if db.engine.dialect.name == "postgresql" else _on_sqlite(rows)
    return scan_entries.result_of(scan, passage, name=form.name) if is_added else None


def _tie(form: FilledForm, scan: Scan, assessment: Assessment) -> Values:
    scanned = ScannedForm(person_id=0, registration_id=0, declaration=form.declaration, is_new=True)
    return bindings.tie_values(scan, scanned, assessment)


def _add_person(dialect: Any, way: _Way) -> ClauseElement:
    """One statement asks and adds: what it asks is still so when the person is there."""
    given = {column.name: bindparam(column.name, type_=column.type) for column in _PEOPLE.c if column.name != "id"}
    chosen = select(*given.values()).where(*_conditions(given, way))
    statement = dialect.insert(_PEOPLE).from_select(list(given), chosen, include_defaults=False)
    if way.takes_known:
        is_same = _PEOPLE.c.name == statement.excluded.name
        changes = {name: statement.excluded[name] for name in registration.RENEWED}
        statement = statement.on_conflict_do_update(index_elements=["document_index"], set_=changes, where=is_same)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=["document_index"])
    added: ClauseElement = statement.returning(_PEOPLE.c.id)
    return added


def _conditions(given: Mapping[str, BindParameter[Any]], way: _Way) -> list[ColumnElement[bool]]:
    """Return what must hold for the form to have no consequence."""
    found = [
        # About whom evidence was ever brought, the long way looks.
        ~exists().where(_STATES.c.document_index == given["document_index"]),
        exists().where(
            _VENUES.c.id == bindparam("venue_id", type_=BigInteger()),
            _VENUES.c.updated_at == bindparam("changed_at", type_=UtcDateTime()),
            _VENUES.c.closed_at.is_(None),
        ),
    ]
    if way.is_arrival:
        found.append(~checkpoints.something_follows(given["document_index"], given["phone_index"], given["name"]))
    if way.takes_known:
        found.append(~_must_quarantine(given["document_index"]))
    return found


def _must_quarantine(document_index: BindParameter[Any]) -> ColumnElement[bool]:
    """The condition that an active tie of the person obliges to quarantine: then the gate shows another colour."""
    known = _PEOPLE.alias()
    is_obliged = or_(*(_TIES.c.status == status for status in _OBLIGED))
    is_own = (_TIES.c.person_id == known.c.id) & (known.c.document_index == document_index)
    return exists().where(is_own, _TIES.c.ended_at.is_(None), is_obliged)


_ADD_PERSON = {way: Prepared(partial(_add_person, way=way)) for way in _WAYS}


def _on_sqlite(rows: _Rows) -> bool:
    """Add the rows one after the other; return whether they are there, all or none."""
    dialect = db.engine.dialect
    with closing(db.engine.raw_connection()) as connection:  # what was not committed is rolled back where it ends
        cursor = connection.cursor()
        added = _ADD_PERSON[rows.way].run_by(cursor, dialect, rows.person)
        if not added:
            return False
        numbers = {"person_id": added[0][0]}
        numbers["registration_id"] = registration.ADD_FORM.run_by(cursor, dialect, {**rows.form, **numbers})[0][0]
        if rows.way.binds:
            bindings.ADD_TIE.run_by(cursor, dialect, {**rows.tie, **numbers})
        identities.REMEMBER.run_by(cursor, dialect, {**rows.identity, **numbers})
        is_added = bool(scan_entries.RECORD.run_by(cursor, dialect, {**rows.entry, **numbers}))
        if is_added:
            connection.commit()
    return is_added


@dataclass(frozen=True)
class _Slot:
    """A parameter: of which part's values, under which name; `fixed` where the statement itself says what it is."""

    part: str
    name: str
    kind: TypeEngine[Any]
    fixed: Any = None


class _OneStatement:
    """The same rows as one statement, in which each table takes its numbers from the one before."""

    def __init__(self, way: _Way) -> None:
        self._slots: list[_Slot] = []
        self.name = f"first_form_{way.binds:d}{way.is_arrival:d}{way.takes_known:d}".encode()
        owner = {"person_id": "person_id", "registration_id": "id"}
        person = self._person(_add_person(postgresql, way))
        form, form_cells = self._insert("form", Registration, {"person_id": "id"})
        tie = self._tie(owner) if way.binds else ""
        identity, identity_cells = self._insert("identity", RememberedIdentity, owner)
        again = ", ".join(f"{name} = excluded.{name}" for name in identities.RENEWED)
        entry, entry_cells = self._insert("entry", EntryRecord, owner, left_out=())
        # Names of tables and columns only; values travel as parameters.
        self.sql = f"""
            WITH new_person AS ({person}),
            new_form AS ({form} SELECT {form_cells} FROM new_person RETURNING id, person_id),
            {tie}
            new_identity AS ({identity} SELECT {identity_cells} FROM new_form
                ON CONFLICT ({", ".join(identities.KEY)}) DO UPDATE SET {again})
            {entry} SELECT {entry_cells} FROM new_form RETURNING id""".encode()  # noqa: S608 - cells of our own models

    def _person(self, statement: ClauseElement) -> str:
        compiled = statement.compile(dialect=_DIALECT)
        binds: Mapping[str, BindParameter[Any]] = compiled.binds  # type: ignore[attr-defined]  # a compiled statement has them

        def numbered(found: re.Match[str]) -> str:
            bind = binds[found[1]]
            return self._numbered(_Slot("person", found[1], bind.type, None if bind.required else bind.value))

        return _NAMED.sub(numbered, compiled.string)

    def _tie(self, owner: Mapping[str, str]) -> str:
        tie, cells = self._insert("tie", Residency, owner, left_out=bindings.LATER)
        return f"new_tie AS ({tie} SELECT {cells} FROM new_form),"  # noqa: S608 - cells of our own models

    def _numbered(self, slot: _Slot) -> str:
        self._slots.append(slot)
        return f"${len(self._slots)}::{slot.kind.compile(dialect=_DIALECT)}"

    def _insert(
        self, part: str, model: Any, taken: Mapping[str, str], *, left_out: tuple[str, ...] = ("id",)
    ) -> tuple[str, str]:
        """Return the head of an INSERT and its list of values: those `taken` from a table before, else parameters."""
        names, cells = list(taken), list(taken.values())
        for column in model.__table__.c:
            if column.name not in taken and column.name not in left_out:
                names.append(column.name)
                cells.append(self._numbered(_Slot(part, column.name, column.type)))
        return f"INSERT INTO {model.__tablename__} ({', '.join(names)})", ", ".join(cells)

    def cells(self, rows: _Rows) -> list[bytes | None]:
        """Return the parameters as PostgreSQL reads them, personal data sealed by their columns' types."""
        return [as_text(_stored(slot, getattr(rows, slot.part))) for slot in self._slots]


def _stored(slot: _Slot, values: Values) -> Any:
    value = values[slot.name] if slot.fixed is None else slot.fixed
    return slot.kind.process_bind_param(value, _DIALECT) if isinstance(slot.kind, TypeDecorator) else value


_STATEMENTS = {way: _OneStatement(way) for way in _WAYS}


def _on_postgres(rows: _Rows) -> bool:
    """Add the rows at once; return whether they are there, all or none."""
    statement = _STATEMENTS[rows.way]
    try:
        return thread_connection().run(statement.name, statement.sql, statement.cells(rows)) is not None
    except psycopg.IntegrityError:  # the page came before, with somebody else's form
        return False
