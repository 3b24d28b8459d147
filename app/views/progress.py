"""The page of what a job works on: how far it is, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.views.page import Cell, Column, Field, Figure, Link, Row, Section

Table = tuple[Sequence[Column], Sequence[Row]]


@dataclass(frozen=True)
class ProgressPage:
    """A batch that is worked on, or how it ended."""

    title: str
    status: Cell
    done: int
    total: int
    is_finished: bool
    progress_url: str
    refresh_url: str
    figures: Sequence[Figure]
    lead: str = ""
    links: Sequence[Link] = ()
    notes: Sequence[str] = ()
    sections: Sequence[Section] = ()
    table: Table | None = None
    table_title: str = ""
    empty: Any = None
    back: Link | None = None
    facts: Sequence[Field] = field(default_factory=tuple)
