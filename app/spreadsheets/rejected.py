"""The rejected rows of a file as a workbook that can be corrected and imported as it is (Z-T13)."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from app.domain.labels import N_
from app.spreadsheets.columns import AnyOf, Fault, Raw, SheetSpec
from app.spreadsheets.header import REASON_TITLE, title_index
from app.spreadsheets.xlsx_writer import Style, XlsxWriter

REASON_WIDTH = 48
OTHER_WIDTH = 14
SHEET_NAME = N_("退回数据")


def rejected_workbook(
    target: Path | BinaryIO,
    *,
    spec: SheetSpec,
    header: Sequence[str],
    rows: Iterable[tuple[Raw, Sequence[Fault]]],
    watermark: str = "",
) -> None:
    """The rows stand in the sheet's own columns just as they came, the reasons in front, the cells at fault coloured.

    `header` is the header of the file that was read. A reader of this file passes over the column of reasons.
    """
    positions = title_index(spec).positions(header)
    widths = {positions[column.key]: column.width for column in spec.columns if column.key in positions}
    all_widths = [REASON_WIDTH, *(widths.get(at, OTHER_WIDTH) for at in range(len(header)))]
    titles = [REASON_TITLE, *header]
    with XlsxWriter(target, titles=titles, widths=all_widths, watermark=watermark, sheet=SHEET_NAME) as book:
        for raw, faults in rows:
            coloured = {positions[key] for fault in faults for key in _columns_of(spec, fault) if key in positions}
            styles = [Style.FAULT if at in coloured else Style.TEXT for at in range(len(header))]
            cells = [*raw, *([None] * (len(header) - len(raw)))]
            shown = ["" if cell is None and at in coloured else cell for at, cell in enumerate(cells)]
            book.write_row([reasons(spec, faults), *shown], [Style.REASON, *styles])


def reasons(spec: SheetSpec, faults: Iterable[Fault]) -> str:
    """All faults of a row in one text, each with its column's title."""
    return "；".join(f"{spec.column(fault.column_key).title}：{fault.message}" for fault in faults)


def _columns_of(spec: SheetSpec, fault: Fault) -> Sequence[str]:
    """The columns a fault is about: those of a check of the whole row, or its own."""
    check: AnyOf | None = next((check for check in spec.row_checks if check.code == fault.code), None)
    return check.keys if check else (fault.column_key,)
