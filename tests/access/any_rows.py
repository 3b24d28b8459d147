"""Rows for every table that has a rule of scope, whatever its columns: a model that comes later is covered at once."""

from __future__ import annotations

import itertools
import secrets
from datetime import UTC, date, datetime
from enum import Enum
from random import Random
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import Boolean, Date, DateTime, Integer, LargeBinary

from app.access import Scope
from app.access.rules import OPEN_TO_READ, RULES
from app.domain.roles import Role
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import Venue
from app.models.types import EnumByName, Json, UtcDateTime

COMMUNITIES = ("410102001002", "410102003001", "410105001001", "410105008013", "410199999999", "411002001001")
PREFIXES = ("41", "4101", "4110", "410102", "410105", "410102001", *COMMUNITIES)
ROWS_A_TABLE = 10
_OF_AREAS = [role for role in Role if role not in (Role.COMPOUND_ADMIN, Role.SECTOR_ADMIN)]
_numbers = itertools.count(1)
# Of a table with several classes, the one that is ours.
MODELS: dict[Table, type] = {
    model.__table__: model  # type: ignore[attr-defined]
    for model in RULES
    if model not in OPEN_TO_READ and not any(other is not model and issubclass(other, model) for other in RULES)
}
TABLES = [table for table in db.metadata.sorted_tables if table in MODELS]


def key_of(table: Table) -> tuple[Column[Any], ...]:
    return tuple(table.primary_key.columns)


class Rows:
    """What is in the tables, by table."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.of: dict[Table, list[dict[str, Any]]] = {}
        for table in TABLES:
            made = (self._add(table) for _ in range(ROWS_A_TABLE))
            self.of[table] = [row for row in made if row is not None]

    def _add(self, table: Table) -> dict[str, Any] | None:
        """A row with what the database gave it; None where chance made one that is there already."""
        values = {column.name: self._value(column) for column in table.columns if self._is_filled(table, column)}
        if "venue_id" in values and "area_code" in values:
            place = next(row for row in self.of[Venue.__table__] if row["id"] == values["venue_id"])
            values["area_code"] = place["area_code"]
        adding = postgresql.insert(table).values(**values).on_conflict_do_nothing().returning(*key_of(table))
        made = db.session.connection().execute(adding).one_or_none()
        return None if made is None else {**values, **made._mapping}

    @staticmethod
    def _is_filled(table: Table, column: Column[Any]) -> bool:
        if column is table.autoincrement_column:
            return False
        points_elsewhere = any(key.column.table is not table for key in column.foreign_keys)
        return not column.nullable or points_elsewhere or column.name == "area_code"

    def _value(self, column: Column[Any]) -> Any:
        for key in column.foreign_keys:
            return self.random.choice(self.of[key.column.table])[key.column.name]
        if column.name == "area_code":
            return self.random.choice(COMMUNITIES)
        if column.name == "document_index":  # few people, so that several tables know the same one
            return bytes([self.random.randrange(2 * ROWS_A_TABLE)]) * 16
        return self._of_type(column)

    def _of_type(self, column: Column[Any]) -> Any:
        kind = column.type
        if isinstance(kind, EnumByName):
            return self.random.choice(list(kind.members))
        if isinstance(kind, UtcDateTime | DateTime):
            return datetime.now(UTC)
        if isinstance(kind, Integer):
            return next(_numbers) if column.primary_key else 1
        if type(kind) is type(Json):
            return {}
        fixed = {Boolean: False, Date: date(2022, 1, 1), LargeBinary: secrets.token_bytes(16)}
        return fixed.get(type(kind), secrets.token_hex(20)[: getattr(kind, "length", None) or 20])

    def scope(self) -> Scope:
        """Anybody: a role, an area, perhaps compounds or a sector, as an account may have them."""
        accounts, venues = self.of[db.metadata.tables["ab_user"]], self.of[Venue.__table__]
        kind: Enum | None = self.random.choice([None, None, *(row["kind"] for row in venues)])
        is_of_compounds = kind is None and self.random.random() < 0.3
        ids = frozenset(row["id"] for row in self.random.sample(venues, self.random.randrange(4)))
        return Scope(
            reason="anybody",
            area_prefix=self.random.choice(PREFIXES),
            venue_ids=ids if is_of_compounds else None,
            venue_kind=VenueKind(kind) if kind else None,
            account_id=self.random.choice(accounts)["id"],
            role=Role.COMPOUND_ADMIN
            if is_of_compounds
            else Role.SECTOR_ADMIN
            if kind
            else self.random.choice(_OF_AREAS),
        )
