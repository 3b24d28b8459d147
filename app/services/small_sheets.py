"""Sheets of some thousand rows, read at once in the reading process and checked by their declaration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.spreadsheets.columns import ParsedRow, SheetSpec
from app.spreadsheets.limits import MEGABYTE, Limits
from app.spreadsheets.parsing import parse_rows
from app.spreadsheets.reading import open_sheet

# Somebody waits before a page while it is read.
_LIMITS = Limits(file_bytes=8 * MEGABYTE, first_answer_seconds=20.0, stall_seconds=20.0)


@dataclass(frozen=True)
class SmallSheet:
    """The titles of a sheet as they stand there, and all of its rows, each with its faults."""

    header: Sequence[str]
    rows: Sequence[ParsedRow]


def read_small_sheet(path: Path, spec: SheetSpec, *, most: int, today: date) -> SmallSheet:
    """The sheet, with one row at least and `most` at most. Errors: sheet_rows, no_rows, and those of limits.py."""
    rows: list[ParsedRow] = []
    with open_sheet(path, spec=spec, limits=_LIMITS) as sheet:
        for row in parse_rows(spec, sheet, today=today):
            rows.append(row)
            if len(rows) > most:
                message = N_("表格超过 %(most)s 行，请拆分后分次导入")
                raise DomainError(message, code="sheet_rows", field="file", most=most)
        header = list(sheet.header)
    if not rows:
        raise DomainError(N_("表头下面没有数据行"), code="no_rows", field="file")
    return SmallSheet(header, rows)
