"""What a screen is: a table of columns, filters and actions, with the roles that may use them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select
from wtforms import Form

from app.domain.labels import N_
from app.domain.roles import Role
from app.services.audit import Actor
from app.views.page import Cell, ColumnKind, Figure, Style

Roles = frozenset[Role]


@dataclass(frozen=True)
class ListColumn:
    """A column of the list, and of its export unless `in_export` is off. `value` takes the row.

    `full` is what an export in full writes instead, where `value` masks personal data.
    """

    key: str
    label: str
    value: Callable[[Any], Cell | str]
    kind: ColumnKind = "text"
    in_export: bool = True
    roles: Roles | None = None
    full: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Filter:
    """A field of the search form; `apply` narrows the query by a value that is never empty."""

    key: str
    label: str
    apply: Callable[[Select[Any], Any], Select[Any]]
    kind: Literal["text", "select", "date", "checkbox", "number"] = "text"
    choices: Callable[[], Sequence[tuple[str, str]]] | None = None
    placeholder: str = ""
    roles: Roles | None = None


@dataclass(frozen=True)
class RowAction:
    """Something done to one row (or, with `in_bulk`, to many) by one service function."""

    name: str
    label: str
    perform: Callable[[Any, Any, Actor], object]
    roles: Roles
    done: str
    form: Callable[[Any], Form] | None = None
    visible: Callable[[Any], bool] = lambda _row: True
    style: Style = "default"
    confirm: str = ""
    notes: Callable[[Any], Sequence[str]] = lambda _row: ()
    # What helps to choose for many rows at once.
    notes_on_many: Callable[[], Sequence[str]] = tuple
    submit_label: str = "确定"
    in_bulk: bool = False
    on_list: bool = True


@dataclass(frozen=True)
class Creation:
    """「新建」: a form and the service function that makes the row."""

    form: Callable[[], Form]
    perform: Callable[[Any, Actor], Any]
    roles: Roles
    label: str = "新建"
    done: str = "已保存"
    lead: str = ""


@dataclass(frozen=True)
class Screen:
    """One screen of the back office.

    `query` returns the select of the rows (row scope narrows it by itself), `order` the columns by which it is read,
    newest first; the last of them must be unique, because paging goes by key. `count` says how many rows there are
    while nobody searches, where a screen knows that without counting. `export_reads` names the attributes that the
    columns read, of the row and of its relations: then an export makes no objects of the rows (views/plain_rows.py).
    """

    title: str
    roles: Roles
    query: Callable[[], Select[Any]]
    order: Sequence[Any]
    columns: Sequence[ListColumn]
    filters: Sequence[Filter] = ()
    lead: str = ""
    row_tone: Callable[[Any], str] = lambda _row: ""
    # Whom or what a row is about, so that a dialog says on which row it was opened.
    subject: Callable[[Any], str] = lambda _row: ""
    figures: Callable[[], Sequence[Figure]] = tuple
    count: Callable[[], int] | None = None
    actions: Sequence[RowAction] = ()
    creation: Creation | None = None
    empty_title: str = N_("没有符合条件的记录")
    clear_label: str = N_("清除")
    empty_hint: str = N_("可以修改查询条件，或点击「清除」查看全部。")
    export_name: str = ""
    export_reads: Sequence[Any] = ()
    export_roles: Roles | None = None
    full_export_roles: Roles = frozenset()
    has_detail: bool = True
    by_compound: bool = False
