"""One connection to PostgreSQL a thread, with the statements of the public pages prepared on it (issue 1.5).

They run through libpq itself: pool, cursor and conversion of the driver cost three times the statement.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import psycopg
from flask import current_app
from psycopg import pq
from psycopg.conninfo import make_conninfo
from psycopg.errors import error_from_result
from psycopg.pq import abc
from sqlalchemy import Engine

from app.extensions import db

# Planned once: the plan is the same for every person, and planning takes three times as long as running it. Nobody's
# scan waits long for a row that somebody else changes: it goes the ordinary way, and those beside it go on.
_OPTIONS = "-c plan_cache_mode=force_generic_plan -c jit=off -c lock_timeout=300"

# What stands in an array as it is.
_BARE = frozenset({int, bool, date, datetime})

Cells = Sequence[bytes | None]
Row = tuple[bytes | None, ...]


@dataclass
class _Open:
    """A connection and the names of what is prepared on it."""

    link: abc.PGconn
    prepared: set[bytes] = field(default_factory=set)


class ThreadConnection:
    """Each statement takes $1, $2 … as texts, is committed by itself, and must bear being run twice: after a
    connection that broke nobody knows whether it ran."""

    def __init__(self, engine: Engine) -> None:
        _, details = engine.dialect.create_connect_args(engine.url)
        details.pop("context", None)  # how the driver would convert values, which are texts here
        options = f"{details.pop('options', '')} {_OPTIONS}".strip()
        self._conninfo = make_conninfo(client_encoding="UTF8", options=options, **details).encode()
        self._local = threading.local()

    def run(self, name: bytes, sql: bytes, parameters: Cells) -> Row | None:
        """Return the first row as texts, or None; OperationalError where the server cannot be reached."""
        found = self.rows(name, sql, parameters)
        return found[0] if found else None

    def rows(self, name: bytes, sql: bytes, parameters: Cells) -> list[Row]:
        """Return all rows as texts; OperationalError where the server cannot be reached."""
        kept: _Open | None = getattr(self._local, "kept", None)
        if kept is not None:
            try:
                return _run(kept, name, sql, parameters)
            except psycopg.Error:
                if kept.link.status == pq.ConnStatus.OK and kept.link.transaction_status == pq.TransactionStatus.IDLE:
                    raise
        self._local.kept = kept = self._open()
        return _run(kept, name, sql, parameters)

    def _open(self) -> _Open:
        link = pq.PGconn.connect(self._conninfo)
        if link.status != pq.ConnStatus.OK:
            raise psycopg.OperationalError("PostgreSQL cannot be reached")
        return _Open(link)


def _run(kept: _Open, name: bytes, sql: bytes, parameters: Cells) -> list[Row]:
    if name not in kept.prepared:
        _checked(kept.link.prepare(name, sql))
        kept.prepared.add(name)
    result = _checked(kept.link.exec_prepared(name, parameters))  # type: ignore[arg-type]  # None is NULL
    return [tuple(result.get_value(row, column) for column in range(result.nfields)) for row in range(result.ntuples)]


def _checked(result: abc.PGresult) -> abc.PGresult:
    if result.status not in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
        raise error_from_result(result)
    return result


def thread_connection() -> ThreadConnection:
    """Return this process's handle; every thread has its own connection behind it."""
    found: ThreadConnection | None = current_app.extensions.get("thread_connection")
    return found or current_app.extensions.setdefault("thread_connection", ThreadConnection(db.engine))


def as_text(value: object) -> bytes | None:
    """Return a value as PostgreSQL reads it from text."""
    if value is None:
        return None
    return b"\\x" + value.hex().encode() if isinstance(value, bytes) else str(value).encode()


def as_list(values: Iterable[object]) -> bytes:
    """Return values as one array of PostgreSQL's, for a statement that does in one run what many would do."""
    cells = [str(value) if value.__class__ in _BARE else _in_list(value) for value in values]
    return ("{" + ",".join(cells) + "}").encode()


def _in_list(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
