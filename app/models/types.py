"""Column types named once: UTC moments, enums by name, and the types that differ between SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import JSON, BigInteger, DateTime, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

E = TypeVar("E", bound=Enum)

# SQLite numbers rows by itself only for INTEGER PRIMARY KEY.
BigId = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON().with_variant(JSONB(), "postgresql")


class AreaCode(String):
    """The code of a node of the area tree. When a node moves, every column of this type follows (services/area_moves.py)."""

    inherit_cache = True


AREA_CODE = AreaCode(12)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment; stored in UTC, because screens and days differ by region while the record must not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """Paging by key reads it: a decorated type says `object` by itself."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """Return what makes a moment of what the driver gives, which on PostgreSQL it mostly is already."""
        as_read = super().result_processor(dialect, coltype)
        assert as_read is not None
        return lambda value: value if value is None or getattr(value, "tzinfo", None) is UTC else as_read(value)


class EnumByName(TypeDecorator[E]):
    """An enum kept as its member's name: texts on screens may change, rows do not."""

    impl = String(40)
    cache_ok = True

    def __init__(self, members: type[E]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None or isinstance(value, str):
            return value
        return value.name

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], E | None]:
        """Return the way from a name to its member, one look into a table: lists read hundreds of thousands."""
        members: dict[str | None, E | None] = {name: member for name, member in self.members.__members__.items()}
        members[None] = None
        return members.__getitem__
