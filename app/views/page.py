"""What pages show, as plain data: screens build these, templates draw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Style = Literal["primary", "default", "danger", "quiet"]
ColumnKind = Literal["text", "number", "datetime", "status", "mono", "serial"]


@dataclass(frozen=True)
class Link:
    """Something to press. `post` links ask for confirmation where `confirm` says what will happen."""

    label: str
    url: str
    style: Style = "default"
    method: Literal["get", "post"] = "get"
    confirm: str | None = None
    icon: str = ""
    modal: bool = False
    key: str = ""  # the key that presses it


@dataclass(frozen=True)
class Figure:
    """A number that can open the rows it counts."""

    label: str
    value: str
    tone: str = ""
    url: str | None = None
    hint: str = ""
    # By which a page that asks again and again finds it.
    key: str = ""


@dataclass(frozen=True)
class Column:
    key: str
    label: str
    kind: ColumnKind = "text"
    is_wide: bool = False


@dataclass(frozen=True)
class Cell:
    """One value as text; `tone` makes a status a coloured label."""

    text: str
    tone: str = ""
    url: str | None = None


@dataclass(frozen=True)
class Row:
    key: str
    cells: Sequence[Cell]
    tone: str = ""
    links: Sequence[Link] = ()
    url: str | None = None
    # What its tick sends, where rows can be ticked (views/ticked.py).
    pick: str = ""


@dataclass(frozen=True)
class PageNav:
    """Paging by key: where the neighbours are, and a count that is exact only while it is cheap."""

    summary: str
    first_url: str | None = None
    previous_url: str | None = None
    next_url: str | None = None


@dataclass(frozen=True)
class EmptyState:
    """What to do where there is nothing to see."""

    title: str
    hint: str = ""
    link: Link | None = None


@dataclass(frozen=True)
class ListPage:
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    nav: PageNav
    empty: EmptyState
    lead: str = ""
    figures: Sequence[Figure] = ()
    more_figures: Sequence[Figure] = ()
    toolbar: Sequence[Link] = ()
    bulk: Sequence[Link] = ()
    search_form: Any = None
    search_url: str = ""
    clear_label: str = ""
    live_note: str = ""


@dataclass(frozen=True)
class Field:
    label: str
    value: str
    is_masked: bool = False
    is_wide: bool = False
    url: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    fields: Sequence[Field]
    reveal: Link | None = None


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    is_current: bool = False


@dataclass(frozen=True)
class DetailPage:
    title: str
    status: Cell | None = None
    tabs: Sequence[Tab] = ()
    sections: Sequence[Section] = ()
    table: tuple[Sequence[Column], Sequence[Row]] | None = None
    empty: EmptyState | None = None
    links: Sequence[Link] = ()
    back: Link | None = None


@dataclass(frozen=True)
class FormPage:
    title: str
    form: Any
    submit_label: str
    cancel_url: str
    lead: str = ""
    danger: bool = False
    notes: Sequence[str] = ()
    back: Link | None = None
    # What must come along unseen, such as the keys of ticked rows.
    hidden: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class NavItem:
    label: str
    url: str
    is_current: bool = False
    badge: str = ""


@dataclass(frozen=True)
class NavGroup:
    label: str
    items: Sequence[NavItem]
    icon: str = ""


@dataclass(frozen=True)
class Shell:
    """The frame around every page; what belongs to an account is empty while nobody is signed in."""

    app_name: str
    languages: Sequence[tuple[str, str, str]]
    locale: str
    area_name: str = ""
    account_name: str = ""
    role_label: str = ""
    nav: Sequence[NavGroup] = ()
    venues: Sequence[tuple[int, str]] = ()
    current_venue_id: int | None = None
    switch_url: str = ""
    account_links: Sequence[Link] = ()
    phone_url: str = ""  # the same work on a phone, for whoever has it there


@dataclass(frozen=True)
class Chart:
    """A table that a script draws as a chart: the first column says where, the others are its lines."""

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]


@dataclass(frozen=True)
class DashboardPage:
    """The figures of an area, what waits there, and how things go."""

    title: str
    figures: Sequence[Figure]
    todos: Sequence[Figure]
    charts: Sequence[Chart]
    live_note: str = ""
    lead: str = ""


@dataclass(frozen=True)
class HomePage:
    """The first page: numbers of the day, what waits, where to go."""

    title: str
    lead: str = ""
    figures: Sequence[Figure] = ()
    todos: Sequence[Figure] = ()
    tiles: Sequence[Link] = ()
    toolbar: Sequence[Link] = ()
    live_note: str = ""
