"""What is in the tables, so that a change of what is somebody else's is seen, and everything can be put back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, delete, select, text, tuple_

from app.extensions import db
from tests.guards.everybody import Everybody
from tests.guards.keeping import Keeper
from tests.guards.sight import ACCOUNTS, Viewer

# Any work adds to these; nothing changes them.
_TRACES = frozenset({"audit_event", "audit_head", "outgoing_message"})
# Gone with a reset by whoever may change the account; nobody else reads them, and nobody changes them.
_RESET = frozenset({"second_factor", "recovery_code", "sign_in_session"})
Rows = dict[tuple[Any, ...], tuple[Any, ...]]


class Ledger:
    """Every table as it was filled; on SQLite what is written is put back, on PostgreSQL what was added is removed."""

    def __init__(self, everybody: Everybody) -> None:
        self.puts_back = db.engine.dialect.name == "sqlite"
        self._before = {table.name: _rows(table) for table in db.metadata.sorted_tables}
        things = {(t.table.name, tuple(t.row[c.name] for c in t.table.primary_key)): t for t in everybody.things}
        self._numbers = {key: thing.number for key, thing in things.items()}
        accounts = {key[0]: number for (name, key), number in self._numbers.items() if name == ACCOUNTS}
        self._owners = {key: accounts[thing.account] for key, thing in things.items() if key[0] in _RESET}
        self._keeper = Keeper(str(db.engine.url.database)) if self.puts_back else None

    def close(self) -> None:
        """The database is whoever comes next's."""
        if self._keeper is not None:
            self._keeper.close()

    def unnoticed_changes(self) -> list[str]:
        """The tables that are not as they were although no statement was seen to write them; they are put back."""
        if self._keeper is None:
            return []
        found = self._keeper.changed()
        self._keeper.put_back(found)
        return found

    def foreign_changes(self, who: Viewer, tables: Iterable[str], seen: frozenset[int]) -> list[str]:
        """What was written that is not the viewer's; then it is as it was, on PostgreSQL but for what was changed."""
        faults, names = [], sorted(set(tables) & self._before.keys())
        for name in names:
            table = db.metadata.tables[name]
            before, after = self._before[name], _rows(table)
            for key in before.keys() | after.keys():
                if before.get(key) == after.get(key) or (
                    name in _TRACES and (key not in before or name == "audit_head")
                ):
                    continue
                if not self._is_theirs(who, table, key, after, seen):
                    faults.append(f"{name} {key}: {'added' if key not in before else 'changed'}")
        if self._keeper is not None:
            # With the numbers that SQLite gives next, so that a new row's is never one of ours.
            self._keeper.put_back({*names, "sqlite_sequence"} & self._keeper.tables)
        else:
            self._remove_added(names)
        return faults

    def _is_theirs(self, who: Viewer, table: Table, key: tuple[Any, ...], after: Rows, seen: frozenset[int]) -> bool:
        if table.name == ACCOUNTS and key == (who.account,):
            return True
        if table.name in _RESET and key not in after:
            return self._owners.get((table.name, key), 0) in (0, *seen)
        number = self._numbers.get((table.name, key))
        if number is not None and number not in seen:
            return False
        row = dict(zip(table.columns.keys(), after.get(key, ()), strict=False))
        area, venue = row.get("area_code"), row.get("venue_id")
        is_outside = area is not None and not str(area).startswith(who.area)
        return not is_outside and (venue is None or self._numbers.get(("venue", (venue,)), 0) in (0, *seen))

    def _remove_added(self, names: Iterable[str]) -> None:
        with db.engine.begin() as connection:
            # The trail's trigger lets nobody remove anything.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for table in (db.metadata.tables[name] for name in names):
                kept = tuple_(*table.primary_key).in_(self._before[table.name])
                connection.execute(delete(table).where(~kept))


def _rows(table: Table) -> Rows:
    keys = [column.name for column in table.primary_key] or table.columns.keys()
    with db.engine.connect() as connection:
        found = connection.execute(select(table)).mappings().all()
    return {tuple(row[name] for name in keys): tuple(map(_plain, row.values())) for row in found}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, (dict, list)) else value
