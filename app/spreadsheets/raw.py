"""A row as it came, kept as JSON until it is written back into a file of rejected rows."""

import json
from collections.abc import Iterable
from datetime import date, datetime

from app.spreadsheets.columns import Cell, Raw

DAY, MOMENT = "day", "moment"


def raw_to_json(raw: Iterable[Cell]) -> str:
    """The cells with their types: numbers stay numbers, dates are marked as such."""
    return json.dumps([_marked(cell) for cell in raw], ensure_ascii=False, separators=(",", ":"))


def raw_from_json(content: str) -> Raw:
    """The cells as they were before raw_to_json."""
    return [_unmarked(cell) if isinstance(cell, dict) else cell for cell in json.loads(content)]


def _marked(cell: Cell) -> str | int | float | dict[str, str] | None:
    if isinstance(cell, datetime):
        return {MOMENT: cell.isoformat()}
    if isinstance(cell, date):
        return {DAY: cell.isoformat()}
    return cell


def _unmarked(cell: dict[str, str]) -> date:
    return datetime.fromisoformat(cell[MOMENT]) if MOMENT in cell else date.fromisoformat(cell[DAY])
