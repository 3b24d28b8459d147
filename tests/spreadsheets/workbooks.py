"""Files for the tests: workbooks put together by hand, honest and hostile."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.spreadsheets.declarations import TELECOM
from app.spreadsheets.xlsx_templates import MAIN, package

LISTS = Path(__file__).parents[1] / "data" / "lists"
TITLES = [column.title for column in TELECOM.columns]
SOUND = [
    "2020-04-07",
    "13800138000",
    "郑州市",
    "金水区",
    "河南",
    "郑州",
    "何晓明",
    "",
    "",
    "",
    "",
    "郑州市",
    "金水区",
    "",
]


def inline(cell: Any, reference: str = "") -> str:
    """A cell's XML: a number as a number, all else as inline text."""
    at = f' r="{reference}"' if reference else ""
    if isinstance(cell, int | float):
        return f"<c{at}><v>{cell!r}</v></c>"
    return f'<c{at} t="inlineStr"><is><t>{cell}</t></is></c>'


def row_xml(cells: Sequence[Any], number: int | None = None) -> str:
    at = "" if number is None else f' r="{number}"'
    return f"<row{at}>{''.join(inline(cell) for cell in cells)}</row>"


def sheet_xml(rows: str, *, before: str = "") -> str:
    head = f'<?xml version="1.0" encoding="UTF-8"?>{before}'
    return f'{head}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def workbook(path: Path, *sheets: str, parts: dict[str, str | bytes] | None = None) -> Path:
    """A workbook of these sheets' XML; `parts` adds to the package or replaces in it."""
    content: dict[str, str | bytes] = dict(package([f'"Sheet{at}"' for at in range(1, len(sheets) + 1)]))
    content |= {f"xl/worksheets/sheet{at}.xml": sheet for at, sheet in enumerate(sheets, start=1)}
    content |= parts or {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return path


def table(path: Path, *rows: Sequence[Any], header: Sequence[str] = tuple(TITLES)) -> Path:
    """A workbook with a header and these rows."""
    return workbook(path, sheet_xml("".join(row_xml(row) for row in (header, *rows))))


def changed(**cells: Any) -> list[Any]:
    """A sound row of the operators' sheet with some cells changed."""
    row: list[Any] = list(SOUND)
    for at, column in enumerate(TELECOM.columns):
        row[at] = cells.get(column.key, row[at])
    return row
