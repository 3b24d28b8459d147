"""The first form of somebody of whom nothing is known and who must not quarantine: five rows and nothing to ask (issue 1.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from flask import current_app
from sqlalchemy import Column, Table, TypeDecorator, bindparam, exists, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.expression import ClauseElement

from app import clock
from app.domain.gate import judge_declared
from app.domain.overseas import sighting_at
from app.domain.quarantine import QuarantineStatus
from app.domain.returns import assess
from app.extensions import db
from app.models import EntryRecord, HealthState, Person, Registration, RememberedIdentity, Residency, Venue
from app.profiles import load_profile
from app.services import bindings, identities, registration, scan_entries
from app.services.bindings import ScannedForm
from app.services.filled_form import FilledForm
from app.services.prepared import Prepared
from app.services.scan_entries import Scan, ScanResult
from app.services.scan_venues import ScanVenue
from app.services.thread_connection import as_text, thread_connection

_PEOPLE: Table = Person.__table__
_STATES: Table = HealthState.__table__
_VENUES: Table = Venue.__table__
_DIALECT = postgresql.dialect()
# The person and the form have no numbers yet while the rows are put together.
_UNNUMBERED = {"person_id": 0, "registration_id": 0}

Values = Mapping[str, Any]


@dataclass(frozen=True)
class _Rows:
    """What one form writes, but for the numbers that the database gives."""

    person: Values
    form: Values
    tie: Values
    identity: Values
    entry: Values
    venue: ScanVenue

    @property
    def binds(self) -> bool:
        return self.venue.kind.binds


def record_plain(form: FilledForm, scan: Scan) -> ScanResult | None:
    """Register a new person without an obligation; None for anybody else, and nothing was done."""
    profile = load_profile(current_app.config["REGION"])
    today = clock.local_date(scan.moment, profile.zone)
    assessment = assess(profile.quarantine, form.declaration, today)
    if assessment.status is not QuarantineStatus.NOT_REQUIRED or scan.device_index is None:
        return None
    if sighting_at(scan.venue.kind) is not None:
        return None  # it may change the screening of a returnee (Z-S5)
    passage = judge_declared(assessment, today, profile.quarantine)
    scanned = ScannedForm(person_id=0, registration_id=0, declaration=form.declaration, is_new=True)
    rows = _Rows(
        person=registration.person_values(form, scan.moment),
        form=registration.form_values(form, scan, person_id=0),
        tie=bindings.tie_values(scan, scanned, assessment),
        identity=identities.identity_values(scan.device_index, moment=scan.moment, **_UNNUMBERED),
        entry=scan_entries.entry_values(scan, passage, **_UNNUMBERED),
        venue=scan.venue,
    )
    is_added = _on_postgres(rows) if db.engine.dialect.name == "postgresql" else _on_sqlite(rows)
    return scan_entries.result_of(scan, passage, name=form.name) if is_added else None


def _add_person(dialect: Any) -> ClauseElement:
    given = {column.name: bindparam(column.name, type_=column.type) for column in _PEOPLE.c if column.name != "id"}
    # About whom evidence was ever brought, the long way looks.
    is_unknown = ~exists().where(_STATES.c.document_index == given["document_index"])
    chosen = select(*given.values()).where(is_unknown)
    statement = dialect.insert(_PEOPLE).from_select(list(given), chosen, include_defaults=False)
    statement = statement.on_conflict_do_nothing(index_elements=["document_index"])
    added: ClauseElement = statement.returning(_PEOPLE.c.id)
    return added


_ADD_PERSON = Prepared(_add_person)


def _find_venue(_dialect: Any) -> ClauseElement:
    found = select(_VENUES.c.id).where(_VENUES.c.id == bindparam("id"), _VENUES.c.closed_at.is_(None))
    return found.where(_VENUES.c.updated_at == bindparam("updated_at", type_=_VENUES.c.updated_at.type))


_FIND_VENUE = Prepared(_find_venue)


def _on_sqlite(rows: _Rows) -> bool:
    """Add the rows one after the other; return whether they are there, all or none."""
    with db.engine.connect() as connection, connection.begin() as transaction:
        if not _FIND_VENUE.run(connection, {"id": rows.venue.id, "updated_at": rows.venue.changed_at}):
            return False
        added = _ADD_PERSON.run(connection, rows.person)
        if not added:
            return False
        numbers = {"person_id": added[0][0]}
        numbers["registration_id"] = registration.ADD_FORM.run(connection, {**rows.form, **numbers})[0][0]
        if rows.binds:
            bindings.ADD_TIE.run(connection, {**rows.tie, **numbers})
        identities.REMEMBER.run(connection, {**rows.identity, **numbers})
        is_added = bool(scan_entries.RECORD.run(connection, {**rows.entry, **numbers}))
        if not is_added:
            transaction.rollback()
    return is_added


class _OneStatement:
    """The same rows as one statement, in which each table takes its numbers from the one before."""

    def __init__(self) -> None:
        self._slots: list[tuple[str, Column[Any]]] = []
        owner = {"person_id": "person_id", "registration_id": "id"}
        person, person_cells = self._insert("person", Person, {})
        form, form_cells = self._insert("form", Registration, {"person_id": "id"})
        tie, tie_cells = self._insert("tie", Residency, owner, left_out=bindings.LATER)
        identity, identity_cells = self._insert("identity", RememberedIdentity, owner)
        entry, entry_cells = self._insert("entry", EntryRecord, owner, left_out=())
        whose = person_cells.split(", ")[self._at("person", "document_index")]
        last = len(self._slots)
        # Names of tables and columns only; values travel as parameters.
        self.sql = f"""
            WITH here AS (SELECT 1 FROM venue WHERE id = ${last + 2}::bigint AND updated_at = ${last + 3}::timestamptz
                AND closed_at IS NULL),
            new_person AS ({person} SELECT {person_cells} FROM here
                WHERE NOT EXISTS (SELECT 1 FROM health_state WHERE document_index = {whose})
                ON CONFLICT (document_index) DO NOTHING RETURNING id),
            new_form AS ({form} SELECT {form_cells} FROM new_person RETURNING id, person_id),
            new_tie AS ({tie} SELECT {tie_cells} FROM new_form WHERE ${last + 1}::boolean),
            new_identity AS ({identity} SELECT {identity_cells} FROM new_form)
            {entry} SELECT {entry_cells} FROM new_form RETURNING id""".encode()  # noqa: S608

    def _insert(
        self, part: str, model: Any, taken: Mapping[str, str], *, left_out: tuple[str, ...] = ("id",)
    ) -> tuple[str, str]:
        """Return the head of an INSERT and its list of values: those `taken` from a table before, else parameters."""
        names, cells = list(taken), list(taken.values())
        for column in model.__table__.c:
            if column.name not in taken and column.name not in left_out:
                self._slots.append((part, column))
                names.append(column.name)
                cells.append(f"${len(self._slots)}::{column.type.compile(dialect=_DIALECT)}")
        return f"INSERT INTO {model.__tablename__} ({', '.join(names)})", ", ".join(cells)

    def _at(self, part: str, name: str) -> int:
        """Return the place of a part's column among its parameters."""
        return [column.name for owner, column in self._slots if owner == part].index(name)

    def cells(self, rows: _Rows) -> list[bytes | None]:
        """Return the parameters as PostgreSQL reads them, personal data sealed by their columns' types."""
        values = [_stored(column, getattr(rows, part)[column.name]) for part, column in self._slots]
        return [as_text(value) for value in (*values, rows.binds, rows.venue.id, rows.venue.changed_at)]


def _stored(column: Column[Any], value: Any) -> Any:
    kind = column.type
    return kind.process_bind_param(value, _DIALECT) if isinstance(kind, TypeDecorator) else value


_ONE_STATEMENT = _OneStatement()


def _on_postgres(rows: _Rows) -> bool:
    """Add the rows at once; return whether they are there, all or none."""
    try:
        return thread_connection().run(b"first_form", _ONE_STATEMENT.sql, _ONE_STATEMENT.cells(rows)) is not None
    except psycopg.IntegrityError:  # the page came before, with somebody else's form
        return False
