"""Tables out: every export is text, streamed as .xlsx or .csv, and says who took it (ARCHITECTURE: one writer)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Literal

from app.domain.text import clean
from app.spreadsheets.xlsx_writer import XlsxWriter

Format = Literal["xlsx", "csv"]
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
BUFFERED_CHARACTERS = 1 << 16


@dataclass(frozen=True)
class TableColumn:
    """A column of an export: its title and about how many characters wide it is."""

    title: str
    width: float = 14


def write_table(
    target: Path | BinaryIO,
    *,
    columns: Sequence[TableColumn],
    rows: Iterable[Sequence[Any]],
    watermark: str = "",
    fmt: Format = "xlsx",
) -> None:
    """The rows stand in the target, each cell as text; the watermark, where given, is the line above the header."""
    if fmt == "csv":
        _write_csv(target, columns, rows, watermark)
        return
    titles = [column.title for column in columns]
    with XlsxWriter(target, titles=titles, widths=[column.width for column in columns], watermark=watermark) as book:
        book.write_texts(rows, shown=shown)


def shown(cell: Any) -> str:
    """A value as text: nothing for None, days and minutes as the manuals write them."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def _write_csv(
    target: Path | BinaryIO, columns: Sequence[TableColumn], rows: Iterable[Sequence[Any]], watermark: str
) -> None:
    if isinstance(target, Path):
        with target.open("wb") as file:
            _write_csv(file, columns, rows, watermark)
        return
    head = [[watermark]] if watermark else []
    # Without its mark Excel takes UTF-8 for GBK.
    pieces, held = ["\ufeff"], 0
    for row in chain(head, [[column.title for column in columns]], rows):
        line = csv_line(row)
        pieces.append(line)
        held += len(line)
        if held > BUFFERED_CHARACTERS:
            target.write("".join(pieces).encode("utf-8", "replace"))
            pieces, held = [], 0
    target.write("".join(pieces).encode("utf-8", "replace"))


def csv_line(row: Sequence[Any]) -> str:
    """The row as a line of a CSV file, every cell in quotes and none a formula: what csv.QUOTE_ALL makes of guarded cells.

    Guard and line together take what the line alone takes there, for nearly every cell is told by its first character.
    """
    cells = [
        cell if cell.__class__ is str and (not cell or cell[0].isalnum()) else guarded(shown(cell)) for cell in row
    ]
    if '"' in "".join(cells):
        cells = [cell.replace('"', '""') for cell in cells]
    return '"' + '","'.join(cells) + '"\r\n'


def guarded(cell: str) -> str:
    """The cell with an apostrophe in front where a spreadsheet would run it, behind blanks and invisible signs too."""
    if not cell or cell[0].isalnum():
        return cell
    is_formula = cell.startswith(FORMULA_STARTS) or clean(cell).startswith(FORMULA_STARTS)
    return "'" + cell if is_formula else cell
