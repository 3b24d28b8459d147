"""Statements compiled once, for the few use cases where building them anew costs more than running them (issue 1.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.expression import ClauseElement

from app.access import row_security

Rows = list[tuple[Any, ...]]
_Compiled = tuple[str, list[tuple[str, Callable[[Any], Any] | None]]]


class Prepared:
    """A Core statement with named parameters; columns' types still encrypt and convert what goes in.

    What comes out is as the driver gives it. `build` gets the dialect's module, for its INSERT … ON CONFLICT.
    """

    def __init__(self, build: Callable[[Any], ClauseElement]) -> None:
        self._build = build
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Rows:
        """Run it in the connection's transaction; return the rows, if it has any."""
        dialect = connection.dialect
        sql, parameters = self._compiled.get(dialect.name) or self._compile(dialect)
        bound = {name: values[name] if convert is None else convert(values[name]) for name, convert in parameters}
        row_security.hold(connection)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(sql, bound)
            return list(cursor.fetchall()) if cursor.description else []
        except _dbapi(dialect).IntegrityError as fault:
            # As SQLAlchemy would raise it, without the values: they are personal data.
            raise IntegrityError(sql, None, fault) from None
        finally:
            cursor.close()

    def _compile(self, dialect: Dialect) -> _Compiled:
        is_postgres = dialect.name == "postgresql"
        # Named parameters on either database: SQLite's driver takes them too.
        compiler = dialect if is_postgres else sqlite.dialect(paramstyle="named")
        compiled = self._build(postgresql if is_postgres else sqlite).compile(dialect=compiler)
        parameters = [
            (name, bind.type.dialect_impl(dialect).bind_processor(dialect))
            for name, bind in compiled.binds.items()  # type: ignore[attr-defined]
        ]
        self._compiled[dialect.name] = (compiled.string, parameters)
        return self._compiled[dialect.name]


def _dbapi(dialect: Dialect) -> Any:
    return dialect.loaded_dbapi
