"""Workbooks as files to keep."""

from __future__ import annotations

import io

from flask import Response, send_file

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(content: bytes, name: str) -> Response:
    """Return `content`, an .xlsx, as a download called `name`."""
    return send_file(io.BytesIO(content), mimetype=_XLSX, as_attachment=True, download_name=name)
