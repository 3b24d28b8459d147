"""Reading a list: search form to query, paging by key, counting while it is cheap.

A page deep in a million rows costs what the first one costs: it is found by the key of the row before it, never by
offset.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask_babel import gettext, lazy_gettext
from sqlalchemy import Select, func, select, tuple_
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, Form, IntegerField, SelectField, StringField
from wtforms.validators import Length, NumberRange, Optional

from app.domain.text import row_number
from app.extensions import db
from app.views.declarations import Filter

PAGE_SIZE = 25
COUNT_CAP = 10_000
_TEXT_MAX = 64
_LARGEST = 2**31 - 1


class _Count(IntegerField):
    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(gettext("请填写整数")) from None


@dataclass(frozen=True)
class Slice:
    """Rows of one page and the cursors of its neighbours (None where there is none)."""

    rows: Sequence[Any]
    previous: str | None
    following: str | None


# Stands before a choice that belongs to the one above it, in a drop-down only.
CHILD_MARK = "· "


def search_form_class(filters: Sequence[Filter]) -> type[Form]:
    """Return a WTForms class with one optional field per filter."""
    return type("SearchForm", (Form,), {declared.key: _field(declared) for declared in filters})


def _field(declared: Filter) -> Any:
    label = lazy_gettext(declared.label)
    # A dialog over the list has a field of the same name; two of one id, and its label would lead to this one.
    own = f"search-{declared.key}"
    if declared.kind == "select":
        blank = [("", lazy_gettext("全部"))]
        options = [(value, lazy_gettext(text)) for value, text in (declared.choices() if declared.choices else ())]
        return SelectField(label, id=own, choices=blank + options, validators=[Optional()])
    if declared.kind == "date":
        return DateField(label, id=own, validators=[Optional()])
    if declared.kind == "checkbox":
        return BooleanField(label, id=own)
    if declared.kind == "number":
        return _Count(label, id=own, validators=[Optional(), NumberRange(min=0, max=_LARGEST)])
    extra = {"placeholder": lazy_gettext(declared.placeholder)} if declared.placeholder else {}
    return StringField(label, id=own, validators=[Optional(), Length(max=_TEXT_MAX)], render_kw=extra)


def apply_filters(query: Select[Any], filters: Sequence[Filter], form: Form) -> Select[Any]:
    """Return `query` narrowed by every filled-in field; fields with a fault narrow nothing and show their message."""
    form.validate()
    for declared in filters:
        field = form[declared.key]
        value = field.data.strip() if isinstance(field.data, str) else field.data
        if value is None or value == "" or value is False:  # 0 is a number to search by
            # An unticked box may mean something too (Z-R6: ended ties are hidden until asked for).
            if declared.kind == "checkbox":
                query = declared.apply(query, False)
            continue
        if not field.errors:
            query = declared.apply(query, value)
    return query


def conditions_text(form: Form, filters: Sequence[Filter]) -> str:
    """Return what a search narrows by, as its reader filled it in."""
    found = []
    for declared in filters:
        field = form[declared.key]
        if field.data in (None, "", False):
            continue
        shown = dict(field.choices).get(field.data, field.data) if declared.kind == "select" else field.data
        text = gettext("是") if shown is True else str(shown).removeprefix(CHILD_MARK).strip()
        found.append(f"{gettext(declared.label)}：{text}")
    return gettext("；").join(found)


def capped_count(query: Select[Any]) -> int:
    """Return how many rows `query` has, COUNT_CAP + 1 when there are more than COUNT_CAP."""
    return int(db.session.execute(select(capped(query))).scalar_one())


def capped(query: Select[Any], most: int = COUNT_CAP, *, order: Any = None) -> Any:
    """Return the number of rows of `query` as a column, `most` + 1 when there are more, for one statement of many.

    `order` is the one in which they are met soonest, where an index holds others before them.
    """
    key = query.column_descriptions[0]["entity"].id
    inner = query.with_only_columns(key).order_by(order).limit(most + 1)
    return select(func.count()).select_from(inner.subquery()).scalar_subquery()


def capped_text(count: int, most: int = COUNT_CAP) -> str:
    """Return a capped number as figures show it: 25, or 10,000+."""
    return f"{most:,}+" if count > most else f"{count:,}"


def count_text(count: int) -> str:
    if count > COUNT_CAP:
        return gettext("共 %(count)s+ 条", count=f"{COUNT_CAP:,}")
    return gettext("共 %(count)s 条", count=f"{count:,}")


def read_slice(query: Select[Any], order: Sequence[Any], args: MultiDict[str, str], size: int = PAGE_SIZE) -> Slice:
    """Return the page that `args` names (`after` or `before` a cursor), rows newest first."""
    backward = _decode(args.get("before"), order)
    forward = None if backward else _decode(args.get("after"), order)
    keys = tuple_(*order)
    if backward:
        found = query.where(keys > backward).order_by(*(column.asc() for column in order))
    else:
        found = query.order_by(*(column.desc() for column in order))
        found = found.where(keys < forward) if forward else found
    rows = list(db.session.execute(found.limit(size + 1)).scalars())
    has_more, rows = len(rows) > size, rows[:size]
    if backward:
        rows.reverse()
    if not rows:
        return Slice(rows, None, None)
    newer = has_more if backward else bool(forward)
    older = True if backward else has_more
    return Slice(rows, _encode(rows[0], order) if newer else None, _encode(rows[-1], order) if older else None)


def _encode(row: Any, order: Sequence[Any]) -> str:
    values = [getattr(row, column.key) for column in order]
    text = json.dumps([value.isoformat() if isinstance(value, (date, datetime)) else value for value in values])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str | None, order: Sequence[Any]) -> tuple[Any, ...] | None:
    """Return the key behind a cursor; None for none and for one that nobody here made."""
    if not cursor:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if len(values) != len(order):
            return None
        return tuple(_typed(value, column) for value, column in zip(values, order, strict=True))
    except (ValueError, TypeError, OverflowError, binascii.Error):
        return None


def _typed(value: Any, column: Any) -> Any:
    kind = column.type.python_type
    if issubclass(kind, datetime):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("no list goes by moments without a zone")
        return moment.astimezone(UTC)
    if issubclass(kind, date):
        return date.fromisoformat(value)
    if issubclass(kind, int) and (value := row_number(str(value))) is None:
        raise ValueError("the number of no row")
    return kind(value)


def read_all(query: Select[Any], order: Sequence[Any], chunk: int = 2_000) -> Iterator[Any]:
    """Yield every row of `query` in the list's order, a chunk at a time by key, forgetting each chunk after it."""
    keys, last = tuple_(*order), None
    descending = [column.desc() for column in order]
    while True:
        found = query.where(keys < last) if last else query
        rows = list(db.session.execute(found.order_by(*descending).limit(chunk)).scalars())
        yield from rows
        if len(rows) < chunk:
            return
        last = tuple(getattr(rows[-1], column.key) for column in order)
        db.session.expunge_all()
