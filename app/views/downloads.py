"""Workbooks as files to keep."""

from __future__ import annotations

import io

from flask import Response, send_file
from flask_babel import gettext

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(content: bytes, name: str) -> Response:
    """Return `content`, an .xlsx, as a download called `name`."""
    return send_file(io.BytesIO(content), mimetype=_XLSX, as_attachment=True, download_name=name)


def rejected_workbook(content: bytes, file_name: str) -> Response:
    """Return the rows of a file that were refused, as a download named after the file."""
    return workbook(content, f"{file_name.rpartition('.')[0] or file_name}-{gettext('退回数据')}.xlsx")
