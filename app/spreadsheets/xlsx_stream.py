"""A worksheet read row by row in flat memory: for sheets too large for the fast reader, or with formulas to keep."""

import zipfile
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from xml.parsers import expat

from app.spreadsheets.archive import chunks, column_letters, column_number, refuse_doctype
from app.spreadsheets.dates import EPOCH
from app.spreadsheets.limits import Limits, refusal
from app.spreadsheets.xlsx_parts import SharedTexts, local

Row = tuple[int, list[Any]]


def stream_rows(
    archive: zipfile.ZipFile, part: str, *, texts: SharedTexts, dates: frozenset[int], limits: Limits
) -> Iterator[Row]:
    """The sheet's rows with their own numbers; cells are text, numbers and dates, None where blank."""
    reader = _RowReader(texts, dates, limits)
    try:
        for chunk in chunks(archive, part):
            reader.parser.Parse(chunk, False)
            while reader.rows:
                yield reader.rows.popleft()
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise refusal("unreadable") from error
    yield from reader.rows


class _RowReader:
    """The parser's call-backs; they are bound once, so that a million cells cost little."""

    def __init__(self, texts: SharedTexts, dates: frozenset[int], limits: Limits) -> None:
        self.rows: deque[Row] = deque()
        self._texts, self._dates, self._limits = texts, dates, limits
        self._number = 0
        self._cells: list[Any] = []
        self._column = 0
        self._type, self._style = "n", ""
        self._pieces: list[str] = []
        self._value, self._formula = "", ""
        self._length = 0
        self._is_phonetic = False
        self._columns: dict[str, int] = {}
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = local(name) if ":" in name else name
        if tag == "c":
            self._start_cell(attributes)
        elif tag in ("v", "t", "f"):
            if not self._is_phonetic:
                self.parser.CharacterDataHandler = self._text
        elif tag == "row":
            number = attributes.get("r")
            self._number = int(number) if number else self._number + 1
            if self._number > self._limits.rows:
                raise refusal("too_many_rows", rows=self._limits.rows)
            self._cells, self._column = [], 0
        elif tag == "rPh":
            self._is_phonetic = True

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference:
            letters = reference.rstrip("0123456789")
            column = self._columns.get(letters)
            if column is None:
                column = self._columns[letters] = column_number(letters.encode())
            self._column = column
        else:
            self._column += 1
        self._type = attributes.get("t", "n")
        self._style = attributes.get("s", "")
        self._value = self._formula = ""
        self._length = 0

    def _text(self, data: str) -> None:
        self._length += len(data)
        if self._length > self._limits.cell_characters:
            raise refusal("cell_too_long", row=self._number, characters=self._limits.cell_characters)
        self._pieces.append(data)

    def _end(self, name: str) -> None:
        tag = local(name) if ":" in name else name
        if tag in ("v", "t", "f"):
            self.parser.CharacterDataHandler = None
            found = self._pieces[0] if len(self._pieces) == 1 else "".join(self._pieces)
            self._pieces.clear()
            if tag == "f":
                self._formula = found
            else:
                self._value += found
        elif tag == "c":
            value = self._cell()
            if value is not None:
                self._place(value)
        elif tag == "row":
            self.rows.append((self._number, self._cells))
        elif tag == "rPh":
            self._is_phonetic = False

    def _place(self, value: Any) -> None:
        at = self._column - 1
        if not 0 <= at < self._limits.columns:
            raise refusal("too_wide", cell=f"{column_letters(at)}{self._number}", columns=self._limits.columns)
        missing = at - len(self._cells)
        if missing > 0:
            self._cells.extend([None] * missing)
        if missing >= 0:
            self._cells.append(value)
        else:
            self._cells[at] = value

    def _cell(self) -> Any:
        value, kind = self._value, self._type
        if not value:
            return "=" + self._formula if self._formula else None
        try:
            if kind == "s":
                return self._texts[int(value)]
            if kind == "n":
                return self._number_cell(float(value))
        except (ValueError, IndexError, OverflowError) as error:
            raise refusal("unreadable") from error
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        return value

    def _number_cell(self, number: float) -> Any:
        if self._style and int(self._style) in self._dates and number >= 1:
            days = int(number)
            return EPOCH + timedelta(days=days, seconds=round((number - days) * 86_400))
        return number
