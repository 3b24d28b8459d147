"""An .xlsx written row by row in flat memory: text, numbers and dates as told, never a formula and never a link.

Why not a library: xlsxwriter takes many times as long; rustpy-xlsxwriter is fast, but wants a dict for every row and
hangs on one maintainer. What an export needs of the format is a hundred lines.
"""

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import IntEnum
from math import isfinite
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from xml.sax.saxutils import escape, quoteattr

from app.spreadsheets import xlsx_templates as templates
from app.spreadsheets.archive import column_letters
from app.spreadsheets.dates import EPOCH

MAX_ROWS = 1_048_576
MAX_CHARACTERS = 32_767
MAX_SHEET_BYTES = 1_900_000_000  # an archive member beyond 2 GB needs an extension that not every reader has
BUFFERED_CHARACTERS = 1 << 18
SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_x[0-9A-Fa-f]{4}_")
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
ESCAPE_LOOKALIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


class Style(IntEnum):
    """The cell formats of xlsx_templates.STYLES, by their place there. All but the dates are text."""

    TEXT = 1
    HEADER = 2
    TITLE = 3
    FAULT = 4
    DATE = 5
    MOMENT = 6
    FAULT_DATE = 7
    FAULT_MOMENT = 8
    REASON = 9


class XlsxWriter:
    """A workbook being written to a path or a binary stream; further sheets begin by themselves when one is full."""

    def __init__(
        self,
        target: Path | BinaryIO,
        *,
        titles: Sequence[str],
        widths: Sequence[float],
        watermark: str = "",
        sheet: str = "Sheet1",
    ) -> None:
        self._archive = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=2)
        self._titles, self._widths, self._watermark, self._sheet = titles, widths, watermark, sheet
        self._part: BinaryIO | None = None
        self._pieces: list[str] = []
        self._held = self._row = self._sheets = self._written = 0
        self._letters = [column_letters(at) for at in range(len(titles))]
        # One row of text cells with gaps for the row's number and for what stands between two cells.
        self._openings = [
            f'<c r="{letters}\x00" s="1" t="inlineStr"><is><t xml:space="preserve">' for letters in self._letters
        ]

    def write_texts(self, rows: Iterable[Sequence[str]]) -> None:
        """Rows of text cells only, as fast as it goes; each has as many cells as there are titles."""
        closing, openings = "</t></is></c>", self._openings
        for row in rows:
            joined = "".join(row)
            if len(joined) > MAX_CHARACTERS or SPECIAL.search(joined):
                row = [safe(cell) for cell in row]
            number = str(self._next_row())
            cells = [opening + cell + closing for opening, cell in zip(openings, row, strict=False) if cell]
            self._put(f'<row r="{number}">' + "".join(cells).replace("\x00", number) + "</row>")

    def write_row(self, cells: Sequence[str | int | float | date | None], styles: Sequence[Style]) -> None:
        """One row of mixed cells, each in its style."""
        number = self._next_row()
        written = [
            _cell(f"{letters}{number}", cell, style)
            for letters, cell, style in zip(self._letters, cells, styles, strict=False)
            if cell is not None and (cell != "" or style is Style.FAULT)  # a blank cell at fault is coloured too
        ]
        self._put(f'<row r="{number}">{"".join(written)}</row>')

    def _next_row(self) -> int:
        if self._part is None or self._row >= MAX_ROWS or self._written > MAX_SHEET_BYTES:
            self._end_sheet()
            self._begin_sheet()
        self._row += 1
        return self._row

    def _put(self, xml: str) -> None:
        self._pieces.append(xml)
        self._held += len(xml)
        if self._held > BUFFERED_CHARACTERS:
            self._flush()

    def _flush(self) -> None:
        assert self._part is not None
        content = "".join(self._pieces).encode()
        self._part.write(content)
        self._written += len(content)
        self._pieces.clear()
        self._held = 0

    def _begin_sheet(self) -> None:
        self._sheets += 1
        self._row = self._written = 0
        self._part = self._archive.open(f"xl/worksheets/sheet{self._sheets}.xml", "w")  # type: ignore[assignment]
        head_rows = 2 if self._watermark else 1
        self._put(templates.sheet_start(self._widths, frozen_rows=head_rows))
        if self._watermark:
            self._row += 1
            self._put(f'<row r="1">{_cell("A1", self._watermark, Style.TITLE)}</row>')
        self._row += 1
        cells = (
            _cell(f"{at}{self._row}", title, Style.HEADER)
            for at, title in zip(self._letters, self._titles, strict=True)
        )
        self._put(f'<row r="{self._row}">{"".join(cells)}</row>')

    def _end_sheet(self) -> None:
        if self._part is None:
            return
        self._put(templates.sheet_end(self._letters[-1] if self._letters else "A", self._row))
        self._flush()
        self._part.close()
        self._part = None

    def close(self) -> None:
        """The workbook is complete; it has its header even when no row came."""
        if self._part is None:
            self._begin_sheet()
        self._end_sheet()
        names = [self._sheet if at == 1 else f"{self._sheet} ({at})" for at in range(1, self._sheets + 1)]
        for name, content in templates.package([quoteattr(name) for name in names]).items():
            self._archive.writestr(name, content)
        self._archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()


def safe(cell: str) -> str:
    """The text as XML: marks escaped, what XML forbids dropped, and nothing that Excel would decode as _x000D_."""
    if len(cell) > MAX_CHARACTERS:
        cell = cell[:MAX_CHARACTERS]
    return ESCAPE_LOOKALIKE.sub("_x005F_", escape(FORBIDDEN.sub("", cell).replace("\r", "\n")))


def _cell(reference: str, cell: str | int | float | date | None, style: Style) -> str:
    if cell == "":
        return f'<c r="{reference}" s="{style:d}"/>'
    if isinstance(cell, str):
        return f'<c r="{reference}" s="{style:d}" t="inlineStr"><is><t xml:space="preserve">{safe(cell)}</t></is></c>'
    if isinstance(cell, date):
        return f'<c r="{reference}" s="{_date_style(cell, style):d}"><v>{_serial(cell)!r}</v></c>'
    if isinstance(cell, float) and not isfinite(cell):
        return _cell(reference, str(cell), style)
    return f'<c r="{reference}" s="{style:d}"><v>{cell!r}</v></c>'


def _date_style(cell: date, style: Style) -> Style:
    if isinstance(cell, datetime):
        return Style.FAULT_MOMENT if style is Style.FAULT else Style.MOMENT
    return Style.FAULT_DATE if style is Style.FAULT else Style.DATE


def _serial(cell: date) -> float | int:
    if not isinstance(cell, datetime):
        return (cell - EPOCH.date()).days
    passed = cell - EPOCH
    return passed.days + passed.seconds / 86_400
