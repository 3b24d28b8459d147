"""A statement of PostgreSQL that each thread keeps prepared on a connection of its own (issue 1.5).

Run through libpq itself: pool, cursor and conversion of the driver cost three times the statement.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo
from psycopg.errors import error_from_result
from psycopg.pq import abc
from sqlalchemy import Engine

_NAME = b"statement"
# Planned once: the plan is the same for every person, and planning takes three times as long as running it.
_OPTIONS = "-c plan_cache_mode=force_generic_plan -c jit=off"


class ThreadStatement:
    """`sql` takes $1, $2 … as texts, is committed by itself, and must bear being run twice: after a connection that
    broke nobody knows whether it ran."""

    def __init__(self, engine: Engine, sql: str) -> None:
        _, details = engine.dialect.create_connect_args(engine.url)
        details.pop("context", None)  # how the driver would convert values, which are texts here
        options = f"{details.pop('options', '')} {_OPTIONS}".strip()
        self._conninfo = make_conninfo(client_encoding="UTF8", options=options, **details).encode()
        self._sql = sql.encode()
        self._local = threading.local()

    def run(self, parameters: Sequence[bytes]) -> tuple[bytes | None, ...] | None:
        """Return the first row as texts, or None; OperationalError where the server cannot be reached."""
        connection: abc.PGconn | None = getattr(self._local, "connection", None)
        if connection is not None:
            result = connection.exec_prepared(_NAME, parameters)
            if result.status == pq.ExecStatus.TUPLES_OK:
                return _first_row(result)
            if connection.status == pq.ConnStatus.OK:
                raise error_from_result(result)
        connection = self._local.connection = self._connect()
        return _first_row(_checked(connection.exec_prepared(_NAME, parameters)))

    def _connect(self) -> abc.PGconn:
        connection = pq.PGconn.connect(self._conninfo)
        if connection.status != pq.ConnStatus.OK:
            raise psycopg.OperationalError("PostgreSQL cannot be reached")
        _checked(connection.prepare(_NAME, self._sql))
        return connection


def _checked(result: abc.PGresult) -> abc.PGresult:
    if result.status not in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
        raise error_from_result(result)
    return result


def _first_row(result: abc.PGresult) -> tuple[bytes | None, ...] | None:
    if not result.ntuples:
        return None
    return tuple(result.get_value(0, column) for column in range(result.nfields))
