"""The field for a file, as every page that takes one shows it (checklist Z100)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import FileField, FileRequired

SHEETS = ".xlsx,.xls,.csv,.txt"


def file_field(description: Any, *, accept: str = SHEETS) -> FileField:
    """Return the field of one file; `description` says which kinds and how much."""
    return FileField(
        lazy_gettext("选择文件"),
        [FileRequired(lazy_gettext("请选择要上传的文件"))],
        description=description,
        render_kw={"accept": accept},
    )
