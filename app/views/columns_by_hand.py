"""The form in which somebody says which of a file's columns is which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import SelectField

from app.spreadsheets.columns import SheetSpec
from app.spreadsheets.header import title_index

_NONE = -1


def columns_form(spec: SheetSpec, titles: Sequence[str]) -> Any:
    """One drop-down of the file's titles for each column of the list; what is recognised is chosen already."""
    choices = [(_NONE, gettext("无")), *((at, title) for at, title in enumerate(titles) if title)]
    known = title_index(spec).positions(titles)
    fields = {
        column.key: SelectField(
            gettext(column.title), coerce=int, choices=choices, default=known.get(column.key, _NONE)
        )
        for column in spec.columns
    }
    return type("ColumnsForm", (FlaskForm,), fields)()


def chosen_positions(spec: SheetSpec, form: Any) -> Mapping[str, int]:
    """Under which column each key stands, for those that have one."""
    chosen = {column.key: form[column.key].data for column in spec.columns}
    return {key: at for key, at in chosen.items() if at is not None and at != _NONE}
