"""Tables of a SQLite file as they were once, put back one by one: a hundredth of copying the whole file back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable


class Keeper:
    """Knows every table as it found it; works on a connection of its own, whose triggers and foreign keys sleep."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=20)
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "temp_store=MEMORY"):
            self._connection.execute(f"PRAGMA {pragma}")
        # The trail's own triggers let nobody remove anything; whoever changes it in a walk is found by the comparison.
        self._triggers = self._named("trigger")
        for name, _sql in self._triggers:
            self._connection.execute(f"DROP TRIGGER {name}")
        self._connection.execute("ATTACH ':memory:' AS kept")
        self.tables = frozenset(name for name, _sql in self._named("table"))
        for name in self.tables:
            self._connection.execute(f"CREATE TABLE kept.k_{name} AS SELECT * FROM main.{name}")

    def _named(self, kind: str) -> list[tuple[str, str]]:
        query = "SELECT name, sql FROM main.sqlite_master WHERE type = ?"
        return self._connection.execute(query, [kind]).fetchall()

    def put_back(self, names: Iterable[str]) -> None:
        """These tables are as they were."""
        self._connection.execute("BEGIN IMMEDIATE")
        for name in names:
            self._connection.execute(f"DELETE FROM main.{name}")
            self._connection.execute(f"INSERT INTO main.{name} SELECT * FROM kept.k_{name}")
        self._connection.execute("COMMIT")

    def changed(self) -> list[str]:
        """The tables that are not as they were."""
        return [name for name in sorted(self.tables) if self._is_changed(f"main.{name}", f"kept.k_{name}")]

    def _is_changed(self, *tables: str) -> bool:
        differences = ("SELECT * FROM {} EXCEPT SELECT * FROM {}".format(*pair) for pair in (tables, tables[::-1]))
        return any(self._connection.execute(query).fetchone() for query in differences)

    def close(self) -> None:
        for _name, sql in self._triggers:
            self._connection.execute(sql)
        self._connection.close()
