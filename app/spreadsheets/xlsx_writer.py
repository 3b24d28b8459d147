"""An .xlsx written row by row in flat memory: text, numbers and dates as told, never a formula and never a link.

Why not a library: xlsxwriter takes many times as long; rustpy-xlsxwriter is fast, but wants a dict for every row and
hangs on one maintainer. What an export needs of the format is a hundred lines.
"""

import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime
from enum import IntEnum
from math import isfinite
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self
from xml.sax.saxutils import escape, quoteattr

from app.spreadsheets import xlsx_templates as templates
from app.spreadsheets.archive import column_letters
from app.spreadsheets.dates import EPOCH

MAX_ROWS = 1_048_576
MAX_CHARACTERS = 32_767
MAX_SHEET_BYTES = 1_900_000_000  # an archive member beyond 2 GB needs an extension that not every reader has
BUFFERED_CHARACTERS = 1 << 18
MAX_FRAMES = 1_024
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
ESCAPE_LOOKALIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
NUMBER = "\x00"  # where its number goes in the frame of a row
Shape = tuple[bool, ...]  # which cells of a row are filled


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
        # Packing takes a third of the time and leaves the interpreter free: the next rows are written beside it.
        self._packer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="xlsx")
        self._packed: Future[int] | None = None
        self._pieces: list[str] = []
        self._held = self._row = self._sheets = self._written = 0
        self._letters = [column_letters(at) for at in range(len(titles))]
        self._frames: dict[Shape, list[str]] = {}

    def write_texts(self, rows: Iterable[Sequence[Any]], *, shown: Callable[[Any], str] = str) -> None:
        """Rows of text cells only, as fast as it goes; each has as many cells as there are titles.

        What is not text yet becomes so by `shown`.
        """
        for row in rows:
            try:
                joined = "".join(row)
            except TypeError:
                row = [cell if isinstance(cell, str) else shown(cell) for cell in row]
                joined = "".join(row)
            if len(joined) > MAX_CHARACTERS or not is_plain(joined):
                row = [safe(cell) for cell in row]
            frame = self._frame(tuple(map(bool, row)))
            self._put(str(self._next_row()).join(frame) % tuple(filter(None, row)))

    def _frame(self, shape: Shape) -> list[str]:
        """The XML of a row of that shape, in pieces between which its number goes, with a %s for each filled cell."""
        frame = self._frames.get(shape)
        if frame is None:
            filled = [letters for letters, is_filled in zip(self._letters, shape, strict=False) if is_filled]
            cells = "".join(_text_cell(f"{letters}{NUMBER}", "%s", Style.TEXT) for letters in filled)
            frame = f'<row r="{NUMBER}">{cells}</row>'.split(NUMBER)
            # Lists have few shapes. Should one have many, they are not all worth keeping.
            if len(self._frames) < MAX_FRAMES:
                self._frames[shape] = frame
        return frame

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
        self._written += len(content)
        self._pieces.clear()
        self._held = 0
        self._wait()
        self._packed = self._packer.submit(self._part.write, content)

    def _wait(self) -> None:
        """What was given to be packed is in the archive, or its error is raised."""
        if self._packed is not None:
            self._packed.result()
            self._packed = None

    def _begin_sheet(self) -> None:
        self._sheets += 1
        self._row = self._written = 0
        self._part = self._archive.open(f"xl/worksheets/sheet{self._sheets}.xml", "w")  # type: ignore[assignment]  # it is writable
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
        self._wait()
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
        try:
            if kind is None:
                self.close()
        finally:
            self._packer.shutdown()


def is_plain(text: str) -> bool:
    """Whether the text is XML as it stands; some texts that would be are not known to be, and go the longer way."""
    # Four searches for a few characters and one look at their kinds take a quarter of a regular expression's time.
    return text.isprintable() and not ("&" in text or "<" in text or ">" in text or "_x" in text)


def safe(cell: str) -> str:
    """The text as XML: marks escaped, what XML forbids dropped, and nothing that Excel would decode as _x000D_."""
    if len(cell) > MAX_CHARACTERS:
        cell = cell[:MAX_CHARACTERS]
    return ESCAPE_LOOKALIKE.sub("_x005F_", escape(FORBIDDEN.sub("", cell).replace("\r", "\n")))


def _cell(reference: str, cell: str | int | float | date | None, style: Style) -> str:
    if cell == "":
        return f'<c r="{reference}" s="{style:d}"/>'
    if isinstance(cell, str):
        return _text_cell(reference, safe(cell), style)
    if isinstance(cell, date):
        return f'<c r="{reference}" s="{_date_style(cell, style):d}"><v>{_serial(cell)!r}</v></c>'
    if isinstance(cell, float) and not isfinite(cell):
        return _cell(reference, str(cell), style)
    return f'<c r="{reference}" s="{style:d}"><v>{cell!r}</v></c>'


def _text_cell(reference: str, xml: str, style: Style) -> str:
    return f'<c r="{reference}" s="{style:d}" t="inlineStr"><is><t xml:space="preserve">{xml}</t></is></c>'


def _date_style(cell: date, style: Style) -> Style:
    if isinstance(cell, datetime):
        return Style.FAULT_MOMENT if style is Style.FAULT else Style.MOMENT
    return Style.FAULT_DATE if style is Style.FAULT else Style.DATE


def _serial(cell: date) -> float | int:
    if not isinstance(cell, datetime):
        return (cell - EPOCH.date()).days
    passed = cell - EPOCH
    return passed.days + passed.seconds / 86_400
