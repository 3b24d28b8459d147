"""Stored colours on their way into the table: row by row, or by COPY and one UPDATE where they are many (issue 2.4).

Only `health_colors` calls this: a colour is never written but as an evaluation of evidence.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Text, bindparam, cast, insert, text, update
from sqlalchemy.dialects.postgresql import JSONB

from app.domain.colors import Color
from app.domain.health import Reason, RuleSet, Timeline
from app.extensions import db
from app.models import ColorCause, ColorChange, HealthState
from app.services.dialects import inserting

_STATES, _CHANGES = HealthState.__table__, ColorChange.__table__
# From here on a table of its own, COPY and one UPDATE are cheaper than a statement for each row.
_MANY = 200
_encode = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Stored:
    """A person's row, with timeline and reasons as JSON text already."""

    document_index: bytes
    color: str
    changes_at: datetime | None
    timeline: str
    reasons: str
    rules_version: str
    evaluated_at: datetime

    @classmethod
    def of(
        cls, person: bytes, rules: RuleSet, reasons: Sequence[Reason], stretches: Timeline, moment: datetime
    ) -> Stored:
        """The row that an evaluation at `moment` comes to. What is over is left out, what is to come is kept."""
        kept = [
            (reason.rule.key, reason.fact_key, iso(reason.began_at), iso(reason.ends_at))
            for reason in reasons
            if reason.ends_at is None or reason.ends_at > moment
        ]
        now = stretches[0]
        told = _timeline_text(stretches)
        return cls(person, now.color.name, now.until, told, _encode(kept), rules.version, moment)


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of a colour, for the history."""

    document_index: bytes
    from_color: Color
    to_color: Color
    changed_at: datetime
    cause: ColorCause
    cause_id: int | None
    rules_version: str


@lru_cache(maxsize=4096)
def iso(moment: datetime | None) -> str | None:
    """The moment as JSON keeps it."""
    return moment.isoformat() if moment else None


@lru_cache(maxsize=4096)
def _timeline_text(stretches: Timeline) -> str:
    return _encode([(iso(stretch.until), stretch.color.name) for stretch in stretches])


def add(rows: Sequence[Stored]) -> None:
    """Rows for people who have none yet; whoever has got one meanwhile keeps it."""
    adding = inserting(_STATES).values(_parameters()).on_conflict_do_nothing(index_elements=["document_index"])
    db.session.execute(adding, [asdict(row) for row in rows])


def store(rows: Sequence[Stored]) -> None:
    """The rows are as given, in the transaction in hand; their people have rows."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql" and len(rows) >= _MANY:
        _copy_and_update(connection, rows)
        return
    one = update(_STATES).where(_STATES.c.document_index == bindparam("person"))
    columns = {name: value for name, value in _parameters().items() if name != "document_index"}
    db.session.execute(one.values(columns), [{**asdict(row), "person": row.document_index} for row in rows])


def _parameters() -> dict[str, Any]:
    """Each column's parameter; JSON comes as text, which PostgreSQL has to be told."""
    is_postgres = db.engine.dialect.name == "postgresql"
    found: dict[str, Any] = {column.name: bindparam(column.name, type_=column.type) for column in _STATES.c}
    for name in ("timeline", "reasons"):
        as_text = bindparam(name, type_=Text())
        found[name] = cast(as_text, JSONB) if is_postgres else as_text
    return found


_SET = ", ".join(f"{column.name} = n.{column.name}" for column in _STATES.c if not column.primary_key)
_NAMES = ", ".join(column.name for column in _STATES.c)


def _copy_and_update(connection: Any, rows: Sequence[Stored]) -> None:
    # Names of ours only; the rows travel by COPY.
    connection.execute(text("CREATE TEMP TABLE IF NOT EXISTS health_new (LIKE health_state) ON COMMIT DROP"))
    connection.execute(text("TRUNCATE health_new"))
    with _driver(connection).cursor() as cursor, cursor.copy(f"COPY health_new ({_NAMES}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(
                (
                    row.document_index,
                    row.color,
                    row.changes_at,
                    row.timeline,
                    row.reasons,
                    row.rules_version,
                    row.evaluated_at,
                )
            )
    statement = f"UPDATE health_state s SET {_SET} FROM health_new n WHERE s.document_index = n.document_index"  # noqa: S608 - columns of our own
    connection.execute(text(statement))


def remember(changes: Sequence[Changed]) -> None:
    """The changes are in the history."""
    if not changes:
        return
    connection = db.session.connection()
    if connection.dialect.name != "postgresql" or len(changes) < _MANY:
        db.session.execute(insert(_CHANGES), [asdict(each) for each in changes])
        return
    names = "document_index, from_color, to_color, changed_at, cause, cause_id, rules_version"
    with _driver(connection).cursor() as cursor, cursor.copy(f"COPY color_change ({names}) FROM STDIN") as copy:
        for each in changes:
            colors = (each.from_color.name, each.to_color.name)
            copy.write_row(
                (each.document_index, *colors, each.changed_at, each.cause.name, each.cause_id, each.rules_version)
            )


def _driver(connection: Any) -> Any:
    return connection.connection.driver_connection
