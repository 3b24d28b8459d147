"""A sheet as declared data: one declaration makes the template, the messages and the reader (Z-T13)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from app.spreadsheets.checks import Check, text

ANY_TEXT = text()
Cell = str | int | float | date | datetime | None
Value = str | date | datetime | None
Raw = list[Cell]


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell of a row, in the words the importer reads."""

    column_key: str
    code: str
    message: str


@dataclass(frozen=True)
class SheetColumn:
    """One column: how it is called, how it is checked, and how the template explains it."""

    key: str
    title: str
    synonyms: tuple[str, ...] = ()
    check: Check = ANY_TEXT
    is_required: bool = False  # the cell must be filled
    is_expected: bool = False  # the column must be there, its cells may be blank
    width: int = 14
    example: str = ""


@dataclass(frozen=True)
class AnyOf:
    """A row needs at least one of these columns filled; a faulty cell counts as filled, its own fault is reported."""

    keys: tuple[str, ...]
    code: str
    message: str


@dataclass(frozen=True)
class DayOf:
    """The day of a column that holds a moment: two who report one arrival differ by minutes."""

    key: str


@dataclass(frozen=True)
class SheetSpec:
    """A list's sheet. `identity` makes two rows the same; of a nested tuple the first filled column counts."""

    key: str
    title: str
    columns: tuple[SheetColumn, ...]
    row_checks: tuple[AnyOf, ...] = ()
    identity: tuple[str | DayOf | tuple[str, ...], ...] = ()

    def column(self, key: str) -> SheetColumn:
        """The column of that key; KeyError when there is none."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(key)


@dataclass(slots=True)
class ParsedRow:
    """A row with what could be understood of it; sound when it has no faults."""

    number: int
    values: dict[str, Value]
    raw: Raw
    faults: list[Fault]


class SheetRows(Protocol):
    """Rows below a header: their sheet's row numbers and their cells in the header's order."""

    @property
    def header(self) -> Sequence[str]: ...

    @property
    def positions(self) -> Mapping[str, int]: ...

    def __iter__(self) -> Iterator[tuple[int, Raw]]: ...


def identity_key(spec: SheetSpec, values: Mapping[str, Value]) -> tuple[str, ...]:
    """The normalised values that make a row the same as another of this list.

    A person is the document number, or the phone where there is none; on another day the same person is listed anew.
    """
    parts: list[str] = []
    for part in spec.identity:
        if isinstance(part, DayOf):
            parts.append(str(values.get(part.key) or "")[: len("2020-04-07")])
            continue
        keys = (part,) if isinstance(part, str) else part
        found: Value = next((values[key] for key in keys if values.get(key)), None)
        parts.append("" if found is None else str(found))
    return tuple(parts)
