"""From a sheet's rows to normalised values and every fault of each row (issue 1.4)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.spreadsheets.cells import is_blank
from app.spreadsheets.checks import Read
from app.spreadsheets.columns import Fault, ParsedRow, Raw, SheetRows, SheetSpec, Value

MEMO_SIZE = 4096
REQUIRED = N_("不能为空")
UNSEEN = object()


@dataclass(slots=True)
class _Column:
    key: str
    index: int  # -1 when the sheet has no such column
    read: Read
    is_required: bool
    memo: dict[Any, Value] | None = field(default=None)


def parse_rows(spec: SheetSpec, rows: SheetRows, *, today: date) -> Iterator[ParsedRow]:
    """Every row of the sheet, sound or with all of its faults, each naming its column."""
    plan = _plan(spec, rows.positions)
    for number, cells in rows:
        yield _parse(spec, plan, number, cells, today)


def parse_values(spec: SheetSpec, cells: Mapping[str, Any], *, today: date) -> ParsedRow:
    """One row that came from a form, cells by the keys of the columns, checked like a sheet's."""
    positions = {key: at for at, key in enumerate(cells)}
    return _parse(spec, _plan(spec, positions), 1, list(cells.values()), today)


def _plan(spec: SheetSpec, positions: Mapping[str, int]) -> list[_Column]:
    plan = [
        _Column(c.key, positions.get(c.key, -1), c.check.read, c.is_required, {} if c.check.is_repeating else None)
        for c in spec.columns
    ]
    # The kind of a document must be known before its number is read.
    return sorted(plan, key=lambda column: not column.key.endswith("_type"))


def _parse(spec: SheetSpec, plan: list[_Column], number: int, cells: Raw, today: date) -> ParsedRow:
    values: dict[str, Value] = {}
    faults: list[Fault] = []
    width = len(cells)
    for column in plan:
        index = column.index
        cell = cells[index] if 0 <= index < width else None
        value: Any = None
        if cell is not None and cell != "":
            memo = column.memo
            value = UNSEEN if memo is None else memo.get(cell, UNSEEN)
            if value is UNSEEN:
                value = _read(column, cell, values, today, faults)
        if value is None and column.is_required and (not faults or faults[-1].column_key != column.key):
            faults.append(Fault(column.key, "required", REQUIRED))
        values[column.key] = value
    for check in spec.row_checks:
        for key in check.keys:
            if values[key]:
                break
        else:
            if not any(fault.column_key in check.keys for fault in faults):
                faults.append(Fault(check.keys[0], check.code, check.message))
    return ParsedRow(number, values, cells, faults)


def _read(column: _Column, cell: Any, values: Mapping[str, Value], today: date, faults: list[Fault]) -> Value:
    """The cell's value, remembered where equal cells are many; None where it is blank or, with a fault, wrong."""
    try:
        value: Value = column.read(cell, values, today) or None
    except DomainError as error:
        if not isinstance(cell, str) or not is_blank(cell):
            faults.append(Fault(column.key, error.code, str(error)))
        return None
    memo = column.memo
    if memo is not None and len(memo) < MEMO_SIZE:
        memo[cell] = value
    return value
