"""What waits: rows, counted, and the list that shows exactly these; all of an account's in one statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Select, select

from app.domain.labels import N_
from app.domain.roles import Role
from app.extensions import db
from app.views.listing import capped, capped_text
from app.views.page import Figure
from app.views.sites import here


@dataclass(frozen=True)
class Waiting:
    """One line of 「待办事项」: the rows that wait, and the list that shows exactly these (one of them for each account,
    where `endpoint` has to be asked)."""

    label: str
    roles: frozenset[Role]
    query: Callable[[], Select[Any]]
    endpoint: str | Callable[[], str]
    filters: dict[str, Any]
    tone: str = "yellow"
    hint: str = N_("待处理")

    @property
    def listed(self) -> str:
        """The endpoint of the list for the signed-in account."""
        return self.endpoint if isinstance(self.endpoint, str) else self.endpoint()


def waiting_figures(found: Sequence[Waiting]) -> list[Figure]:
    """Return a figure for each of `found` that has rows."""
    if not found:
        return []
    counts = db.session.execute(select(*(capped(each.query()) for each in found))).one()
    return [_figure(each, count) for each, count in zip(found, counts, strict=True) if count]


def _figure(waiting: Waiting, count: int) -> Figure:
    url = url_for(here(waiting.listed), **waiting.filters)
    return Figure(gettext(waiting.label), capped_text(count), waiting.tone, url, gettext(waiting.hint))
