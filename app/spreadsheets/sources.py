"""Each kind of file as sheets of plain rows, read inside the reading process."""

import csv
import itertools
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any, TypeGuard

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from app.spreadsheets.archive import Extent, column_letters, open_archive, sheet_extent
from app.spreadsheets.filetypes import CHUNK, FileKind, text_encoding
from app.spreadsheets.limits import Limits, refusal
from app.spreadsheets.xlsx_parts import SharedTexts, SheetPart, date_styles, sheet_parts
from app.spreadsheets.xlsx_stream import stream_rows

Row = tuple[int, list[Any]]
# About how many rows a sheet has, for progress, and the rows.
Opened = tuple[int, Iterator[Row]]
PLAIN = frozenset([str, float])
DELIMITERS = ",\t;|"
GUARDED = ("'=", "'+", "'-", "'@", "'＝", "'＋", "'－", "'＠", "'\t", "'\r")


@dataclass(frozen=True)
class SheetSource:
    """A sheet's name and how to start reading it; of an .xls only an open sheet knows how high it is."""

    name: str
    open: Callable[[], Opened]


def sheet_sources(path: Path, kind: FileKind, *, limits: Limits) -> list[SheetSource]:
    """The sheets of a file in their order."""
    if kind is FileKind.CSV:
        return [SheetSource("", lambda: (_line_count(path), _csv_rows(path, limits)))]
    if kind is FileKind.XLS:
        return _calamine_sheets(path, limits)
    return _xlsx_sheets(path, limits)


def _xlsx_sheets(path: Path, limits: Limits) -> list[SheetSource]:
    archive = open_archive(path, limits=limits)
    parts = sheet_parts(archive, limits=limits)
    extents = {part.name: sheet_extent(archive, part.part, limits=limits) for part in parts}
    if all(_fits_in_memory(extent, limits) for extent in extents.values()) and _texts_fit(archive, limits):
        return _calamine_sheets(path, limits)
    texts = _Once(lambda: SharedTexts(archive, limits=limits))
    dates = date_styles(archive)

    def opened(part: SheetPart) -> Opened:
        return extents[part.name].rows, stream_rows(archive, part.part, texts=texts.get(), dates=dates, limits=limits)

    return [SheetSource(part.name, partial(opened, part)) for part in parts]


def _fits_in_memory(extent: Extent, limits: Limits) -> bool:
    return (
        extent.inflated_bytes <= limits.in_memory_bytes
        and extent.rows * extent.columns <= limits.in_memory_cells
        and extent.columns <= limits.columns
        and not extent.has_formulas
        and not extent.has_prefix
    )


def _texts_fit(archive: zipfile.ZipFile, limits: Limits) -> bool:
    names = archive.namelist()
    name = "xl/sharedStrings.xml"
    return name not in names or archive.getinfo(name).file_size <= limits.in_memory_bytes // 2


class _Once:
    """A value made at its first use."""

    def __init__(self, make: Callable[[], SharedTexts]) -> None:
        self._make = make
        self._made: SharedTexts | None = None

    def get(self) -> SharedTexts:
        if self._made is None:
            self._made = self._make()
        return self._made


def _calamine_sheets(path: Path, limits: Limits) -> list[SheetSource]:
    try:
        book = CalamineWorkbook.from_filelike(path.open("rb"))  # by content: by path it would believe the name
    except PasswordError as error:
        raise refusal("encrypted") from error
    except CalamineError as error:
        raise refusal("unreadable") from error
    names = [sheet.name for sheet in book.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible]
    return [SheetSource(name, partial(_calamine_sheet, book, name, limits)) for name in names]


def _calamine_sheet(book: CalamineWorkbook, name: str, limits: Limits) -> Opened:
    try:
        sheet = book.get_sheet_by_name(name)
    except CalamineError as error:
        raise refusal("unreadable") from error
    if sheet.width > limits.columns:
        raise refusal("too_wide", cell=column_letters(limits.columns) + "1", columns=limits.columns)
    return sheet.height, _calamine_rows(sheet, limits)


def _calamine_rows(sheet: CalamineSheet, limits: Limits) -> Iterator[Row]:
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        row = [cell if type(cell) in PLAIN else _plain(cell) for cell in cells]
        if len("".join(filter(_is_text, row))) > limits.cell_characters:
            _check_lengths(number, row, limits)
        yield number, row


def _is_text(cell: Any) -> TypeGuard[str]:
    return type(cell) is str


def _check_lengths(number: int, row: list[Any], limits: Limits) -> None:
    if any(len(cell) > limits.cell_characters for cell in filter(_is_text, row)):
        raise refusal("cell_too_long", row=number, characters=limits.cell_characters)


def _plain(cell: Any) -> Any:
    """A cell as text, number or date: the other types of a workbook become what the screen shows."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | date | datetime):
        return cell
    return cell.strftime("%H:%M:%S") if isinstance(cell, time) else str(cell)


def _line_count(path: Path) -> int:
    """About how many rows a text file has: a cell may hold a line's end, and the last line may lack its own."""
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(partial(file.read, CHUNK), b""))


def _csv_rows(path: Path, limits: Limits) -> Iterator[Row]:
    encoding = text_encoding(path)
    csv.field_size_limit(limits.cell_characters)
    with path.open(encoding=encoding, newline="") as file:
        head = "".join(itertools.islice(_bounded_lines(file), limits.header_rows))
        file.seek(0)
        lines = csv.reader(file, delimiter=max(DELIMITERS, key=head.count))
        number = 0
        try:
            for number, cells in enumerate(lines, start=1):
                if number > limits.rows:
                    raise refusal("too_many_rows", rows=limits.rows)
                if len(cells) > limits.columns and any(cells[limits.columns :]):
                    raise refusal("too_wide", cell=str(number), columns=limits.columns)
                yield number, [_unguarded(cell) for cell in cells[: limits.columns]]
        except csv.Error as error:
            raise refusal("cell_too_long", row=number + 1, characters=limits.cell_characters) from error


def _bounded_lines(file: Any) -> Iterator[str]:
    while line := file.readline(1 << 16):
        yield line


def _unguarded(cell: str) -> str:
    """A cell without the wrappings that keep it text: our own export's apostrophe, and ="138…" of others."""
    if cell.startswith("'") and cell.startswith(GUARDED):
        return cell[1:]
    if cell.startswith('="') and cell.endswith('"') and cell[2:-1].isalnum():
        return cell[2:-1]
    return cell
