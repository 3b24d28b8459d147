"""「导出」: any list as an Excel file, streamed to disk and then to the reader, masked, with who and when (Z-R8)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Response, send_file
from flask_babel import gettext
from sqlalchemy import Select

from app import clock
from app.services import audit
from app.services.transaction import transaction
from app.spreadsheets.writer import TableColumn, write_table
from app.views.declarations import ListColumn, Screen
from app.views.format import many_rows, moment_text
from app.views.identity import account, actor
from app.views.listing import read_all
from app.views.page import Cell
from app.views.plain_rows import read_plain

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export_response(screen: Screen, query: Select[Any], columns: Sequence[ListColumn]) -> Response:
    """Return every row of `query` as a workbook, and leave an event of who took it."""
    moment = clock.now()
    watermark = gettext("%(who)s 于 %(when)s 导出", who=actor().label, when=moment_text(moment))
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it when it has been sent
    count = 0

    reads = screen.export_reads
    found = read_plain(query, reads=reads, order=screen.order) if reads else read_all(query, screen.order)

    def lines() -> Iterator[list[str]]:
        nonlocal count
        for row in found:
            count += 1
            yield as_texts(row, columns)

    titles = [TableColumn(gettext(column.label)) for column in columns]
    with many_rows():
        write_table(target, columns=titles, rows=lines(), watermark=watermark)
    with transaction():
        audit.record(
            actor(),
            "export",
            subject=screen.export_name,
            subject_type="screen",
            area_code=account().area_code or "",
            changes={"rows": count},
        )
    target.seek(0)
    name = f"{gettext(screen.title)}-{moment_text(moment)[:10]}.xlsx"
    return send_file(target, mimetype=_XLSX, as_attachment=True, download_name=name)


def as_texts(row: Any, columns: Sequence[ListColumn]) -> list[str]:
    """Return a row's cells as an export writes them."""
    return [value.text if isinstance(value := column.value(row), Cell) else value for column in columns]
