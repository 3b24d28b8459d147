"""The sheet to fill in: every list's template, made from its declaration (Z-T13)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from app.domain.labels import N_
from app.spreadsheets.columns import SheetColumn, SheetSpec

if TYPE_CHECKING:
    import xlsxwriter

SHEET_NAME = N_("数据")
NOTES_NAME = N_("说明")
NOTES_TITLES = (N_("列名"), N_("是否必填"), N_("填写要求"), N_("示例"))
REQUIRED, EXPECTED, OPTIONAL = N_("必填"), N_("保留此列，可留空"), N_("可不填")
VALIDATED_ROWS = 10_000
TEXT_FORMAT = "@"


def template(spec: SheetSpec) -> bytes:
    """An .xlsx with the list's header, columns kept as text so that Excel alters no number, and a sheet of notes."""
    import xlsxwriter  # 2 MB that most processes never need

    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    _data_sheet(book, spec)
    _notes_sheet(book, spec)
    book.close()
    return content.getvalue()


def _data_sheet(book: xlsxwriter.Workbook, spec: SheetSpec) -> None:
    sheet = book.add_worksheet(SHEET_NAME)
    as_text = book.add_format({"num_format": TEXT_FORMAT})
    required = book.add_format({"bold": True, "bg_color": "#FCE4D6", "border": 1, "num_format": TEXT_FORMAT})
    optional = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "num_format": TEXT_FORMAT})
    for at, column in enumerate(spec.columns):
        sheet.set_column(at, at, column.width, as_text)
        sheet.write_string(0, at, column.title, required if column.is_required else optional)
        if column.check.choices:
            allowed = {"validate": "list", "source": list(column.check.choices)}
            sheet.data_validation(1, at, VALIDATED_ROWS, at, allowed)
    sheet.freeze_panes(1, 0)


def _notes_sheet(book: xlsxwriter.Workbook, spec: SheetSpec) -> None:
    sheet = book.add_worksheet(NOTES_NAME)
    bold = book.add_format({"bold": True})
    as_text = book.add_format({"num_format": TEXT_FORMAT, "text_wrap": True})
    for at, title in enumerate(NOTES_TITLES):
        sheet.set_column(at, at, 28, as_text)
        sheet.write_string(0, at, title, bold)
    for number, column in enumerate(spec.columns, start=1):
        for at, cell in enumerate((column.title, _need(column), column.check.hint, column.example)):
            sheet.write_string(number, at, cell, as_text)
    for number, check in enumerate(spec.row_checks, start=len(spec.columns) + 2):
        sheet.write_string(number, 0, check.message, as_text)


def _need(column: SheetColumn) -> str:
    if column.is_required:
        return REQUIRED
    return EXPECTED if column.is_expected else OPTIONAL
