"""Statements compiled once, for the few use cases where building them anew costs more than running them (issue 1.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.expression import BindParameter, ClauseElement

from app.access import row_security
from app.models.types import UtcDateTime

Rows = list[tuple[Any, ...]]
Convert = Callable[[Any], Any] | None


@dataclass(frozen=True)
class _Compiled:
    """The SQL, the parameters that a run gives, and those that stand in the statement itself."""

    sql: str
    parameters: list[tuple[str, Convert]]
    fixed: dict[str, Any]


class Prepared:
    """A Core statement with named parameters; columns' types still encrypt and convert what goes in.

    What comes out is as the driver gives it. `build` gets the dialect's module, for its INSERT … ON CONFLICT.
    """

    def __init__(self, build: Callable[[Any], ClauseElement]) -> None:
        self._build = build
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Rows:
        """Run it in the connection's transaction; return the rows, if it has any."""
        row_security.hold(connection)
        cursor = connection.connection.cursor()
        try:
            return self.run_by(cursor, connection.dialect, values)
        finally:
            cursor.close()

    def run_by(self, cursor: Any, dialect: Dialect, values: Mapping[str, Any]) -> Rows:
        """Run it by a cursor of the driver's own; only where no scope has to hold."""
        compiled = self._compiled.get(dialect.name) or self._compile(dialect)
        bound = {
            name: values[name] if convert is None else convert(values[name]) for name, convert in compiled.parameters
        }
        try:
            cursor.execute(compiled.sql, bound | compiled.fixed if compiled.fixed else bound)
            return list(cursor.fetchall()) if cursor.description else []
        except _dbapi(dialect).IntegrityError as fault:
            # As SQLAlchemy would raise it, without the values: they are personal data.
            raise IntegrityError(compiled.sql, None, fault) from None

    def _compile(self, dialect: Dialect) -> _Compiled:
        is_postgres = dialect.name == "postgresql"
        # Named parameters on either database: SQLite's driver takes them too.
        compiler = dialect if is_postgres else sqlite.dialect(paramstyle="named")
        compiled = self._build(postgresql if is_postgres else sqlite).compile(dialect=compiler)
        binds: Mapping[str, BindParameter[Any]] = compiled.binds  # type: ignore[attr-defined]  # a compiled statement has them
        made = {name: (_converter(bind, dialect), bind) for name, bind in binds.items()}
        self._compiled[dialect.name] = _Compiled(
            compiled.string,
            [(name, convert) for name, (convert, bind) in made.items() if bind.required],
            {
                name: bind.value if convert is None else convert(bind.value)
                for name, (convert, bind) in made.items()
                if not bind.required
            },
        )
        return self._compiled[dialect.name]


def _converter(bind: BindParameter[Any], dialect: Dialect) -> Convert:
    if isinstance(bind.type, UtcDateTime):
        return _moments(dialect)
    convert: Convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
    return convert


@cache
def _moments(dialect: Dialect) -> Convert:
    """A form is one moment in nine places."""
    convert = UtcDateTime().dialect_impl(dialect).bind_processor(dialect)
    return None if convert is None else lru_cache(maxsize=64)(convert)


def _dbapi(dialect: Dialect) -> Any:
    return dialect.loaded_dbapi
