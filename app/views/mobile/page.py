"""What the phone's pages show, as plain data; their details and forms are the desk's own (app/views/page.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.views.page import Cell, EmptyState, Figure, Link


@dataclass(frozen=True, kw_only=True)
class CountedTab:
    """A module of a list, with how many rows of the search are in it."""

    label: str
    count: str
    url: str
    is_current: bool


@dataclass(frozen=True, kw_only=True)
class Card:
    """A row: whom it is about, its statuses as coloured labels, and what else there is to know at a glance."""

    title: str
    url: str
    tone: str
    tags: Sequence[Cell]
    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class CardList:
    """A list as cards, with what leads on: the search, 「+」, 「加载更多」."""

    title: str
    cards: Sequence[Card]
    empty: EmptyState
    home_url: str
    find_url: str
    add: Link | None
    tabs: Sequence[CountedTab]
    figures: Sequence[Figure]
    conditions: str
    reset_url: str
    first_url: str | None
    more_url: str | None
    search_form: Any


@dataclass(frozen=True, kw_only=True)
class SearchPage:
    """The conditions of a search, to be filled in."""

    title: str
    form: Any
    search_url: str
    reset_url: str
    back: Link


@dataclass(frozen=True)
class Tile:
    """A part of the site, with its numbers."""

    label: str
    url: str
    icon: str
    figures: Sequence[Figure]


@dataclass(frozen=True, kw_only=True)
class FirstPage:
    """Where a manager begins: two tiles, what waits, the lists, and what is less often needed."""

    title: str
    lead: str
    compounds: Sequence[tuple[int, str]]
    compound_id: int | None
    tiles: Sequence[Tile]
    todos: Sequence[Figure]
    lists: Sequence[Link]
    more: Sequence[Link]
