"""The second lock: on PostgreSQL, sessions in a scope work as a role that row policies narrow (ARCHITECTURE, "Row scope").

Whatever the first lock (session.py) misses, raw SQL included, meets the database's own. A statement goes out as the
scoped role when its scope is not `everything`; unscoped work runs as the connecting role and pays nothing.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from app.access.policies import SCOPED_ROLE, is_takeable
from app.access.scope import Scope, current_scope
from app.domain.areas import code_after

_log = logging.getLogger(__name__)

# Of the transaction in hand: whether a session began it, and the settings that it stands under.
_IS_GUARDED, _IN_FORCE, _LOCK = "row_security_guarded", "row_security_in_force", "row_security_lock"
_UNKNOWN = ("unknown",)
_UNSCOPED: tuple[str, ...] = ()
_NAMES = ("reach", "area_from", "area_to", "venue_ids", "venue_kind", "account_id", "role")
# For the transaction only: a pooled connection, ours or of a pooler between, carries nothing to the next one.
# A plan for any area (PostgreSQL makes one after some turns of a statement) takes a city's rows for one in 200 and sorts
# them all for each page; a manager's statements are worth a plan of their own each time.
_ENTER = (
    f"SELECT set_config('role', '{SCOPED_ROLE}', true), set_config('plan_cache_mode', 'force_custom_plan', true)"
    + "".join(f", set_config('app.{name}', %s, true)" for name in _NAMES)
)
_LEAVE = "SELECT set_config('role', 'none', true), set_config('plan_cache_mode', 'auto', true)"


@lru_cache(maxsize=512)
def settings_of(scope: Scope) -> tuple[str, ...]:
    """Return the settings of a transaction in `scope`, in the order of _NAMES; none for everything."""
    if scope.is_everything:
        return _UNSCOPED
    prefix = scope.area_prefix
    if prefix is None:
        return ("",) * len(_NAMES)
    venue_ids = "{" + ",".join(map(str, sorted(scope.venue_ids or ()))) + "}"
    return (
        _reach(scope),
        prefix,
        code_after(prefix),
        venue_ids,
        scope.venue_kind.name if scope.venue_kind else "",
        str(scope.account_id or ""),
        scope.role.name if scope.role else "",
    )


def _reach(scope: Scope) -> str:
    if scope.venue_ids is not None:
        return "compounds"
    return "area" if scope.venue_kind is None else "sector"


def install(engine: Engine) -> None:
    """Put every session's statements on `engine` under the row policies; nothing to do on SQLite."""
    if engine.dialect.name != "postgresql":
        return
    lock = _Lock(engine)
    event.listen(engine, "begin", lock.forget)
    event.listen(engine, "before_cursor_execute", lock.before_statement)
    if not event.contains(Session, "after_begin", _guard):
        event.listen(Session, "after_begin", _guard)


def hold(connection: Connection) -> None:
    """Do for a statement that is given to the driver itself what else happens by itself."""
    lock = connection.info.get(_LOCK)
    if lock is not None:
        lock.enforce(connection)


def _guard(_session: Session, _transaction: Any, connection: Connection) -> None:
    # Connections taken from the engine by hand are system paths; only sessions work for somebody.
    connection.info[_IS_GUARDED] = True


class _Lock:
    """What stands on the connections of one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_available: bool | None = None

    def forget(self, connection: Connection) -> None:
        """A transaction begins as the connecting role."""
        connection.info[_IS_GUARDED] = False
        connection.info[_IN_FORCE] = _UNSCOPED
        connection.info[_LOCK] = self

    def before_statement(self, connection: Connection, _cursor: Any, statement: str, *_more: Any) -> None:
        """Every statement but those of savepoints, which may come after a failure, when nothing else is answered."""
        if statement.startswith("ROLLBACK TO SAVEPOINT"):
            # It takes back the settings, too, that were made since.
            connection.info[_IN_FORCE] = _UNKNOWN
        elif not statement.startswith(("SAVEPOINT", "RELEASE SAVEPOINT")):
            self.enforce(connection)

    def enforce(self, connection: Connection) -> None:
        """The statement that follows runs under the scope of the work in hand."""
        if not connection.info.get(_IS_GUARDED):
            return
        wanted = settings_of(current_scope())
        if wanted == connection.info[_IN_FORCE] or not self._check_availability():
            return
        connection.info[_IN_FORCE] = wanted  # first: the statement below comes through here as well
        connection.exec_driver_sql(_ENTER if wanted else _LEAVE, wanted)

    def _check_availability(self) -> bool:
        if self._is_available is None:
            with self._engine.connect() as connection:
                self._is_available = is_takeable(connection)
            if not self._is_available:
                _log.warning(
                    "Row-level security is off: this database role may not work as %s. What to run is in"
                    " docs/operations.md, and `flask --app run db upgrade` prints it.",
                    SCOPED_ROLE,
                )
        return self._is_available
