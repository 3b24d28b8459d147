"""What waits in the screening lists for the signed-in account, for the first page: one statement for all lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Select, select

from app import clock
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.screening import initial_status
from app.extensions import db
from app.models import ScreeningEntry
from app.services import attention
from app.services.lists import LISTS
from app.services.screening_list import ScreeningList
from app.views.identity import account, current_venue_id
from app.views.listing import capped, capped_text
from app.views.page import Figure
from app.views.screening_filters import by_dispatched
from app.views.screening_names import list_endpoint
from app.views.sites import here


@dataclass(frozen=True)
class _Waiting:
    """Rows that wait in a list, and the search that shows exactly these."""

    declared: ScreeningList
    query: Select[Any]
    search: dict[str, Any]
    hint: str
    tone: str


def screening_todos() -> list[Figure]:
    """Lists with rows that wait: untouched ones for who works on them, undispatched ones for the city."""
    waiting = _waiting()
    if not waiting:
        return []
    counts = db.session.execute(select(*(capped(each.query) for each in waiting))).one()
    return [_figure(each, count) for each, count in zip(waiting, counts, strict=True) if count]


def _waiting() -> list[_Waiting]:
    role, found = account().role, []
    for declared in (each for each in LISTS if each.is_inquiry):
        query = select(ScreeningEntry).where(ScreeningEntry.kind == declared.row_kind)
        if role is Role.CITY_ADMIN and role in declared.users:
            tray = by_dispatched(query, "no")
            found.append(_Waiting(declared, tray, {"dispatched": "no"}, N_("未下发"), "red"))
        elif role in declared.editors:
            first = initial_status(declared.row_kind).name
            mine = query.where(ScreeningEntry.status == first, ScreeningEntry.dispatched_at.is_not(None))
            found.append(_Waiting(declared, _in_hand(declared, mine), {"status": first}, N_("待处理"), "yellow"))
        if declared.has_attention and role in declared.readers:
            marked = query.where(attention.is_marked(clock.now()))
            found.append(_Waiting(declared, marked, {"attention": "yes"}, N_("需重点关注"), "red"))
    return found


def _in_hand(declared: ScreeningList, query: Select[Any]) -> Select[Any]:
    venue_id = current_venue_id()
    return query.where(ScreeningEntry.venue_id == venue_id) if declared.by_area and venue_id is not None else query


def _figure(waiting: _Waiting, count: int) -> Figure:
    url = url_for(here(list_endpoint(waiting.declared)), **waiting.search)
    return Figure(gettext(waiting.declared.title), capped_text(count), waiting.tone, url, gettext(waiting.hint))
