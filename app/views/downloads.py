"""Files as downloads: of each kind by its name, and kept ones piece by piece."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from flask import Response, send_file, stream_with_context
from flask_babel import gettext

from app.access import everything
from app.services import files

_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


def sent_file(content: BinaryIO, name: str) -> Response:
    """Return the finished file as a download of that name, which tells its kind."""
    return send_file(content, mimetype=_kind(name), as_attachment=True, download_name=name)


def stored_file(file_id: int, *, why: str, name: str | None = None) -> Response:
    """Return a kept file as a download, one piece of it in memory at a time; `why` says in whose scope it was found."""

    def content() -> Iterator[bytes]:
        with everything(why):
            yield from files.pieces(file_id)

    with everything(why):
        own_name, size = files.label(file_id)
    response = Response(stream_with_context(content()), mimetype=_kind(own_name))
    response.headers.set("Content-Disposition", "attachment", filename=name or own_name)
    response.content_length = size
    return response


def workbook(content: bytes, name: str) -> Response:
    """Return `content`, an .xlsx, as a download called `name`."""
    return sent_file(io.BytesIO(content), name)


def rejected_name(file_name: str) -> str:
    """What the rows of a file that were refused are called, as a file."""
    return f"{file_name.rpartition('.')[0] or file_name}-{gettext('退回数据')}.xlsx"


def _kind(name: str) -> str:
    return _KINDS[name.rpartition(".")[2]]
