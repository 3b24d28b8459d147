"""What waits in the screening lists for the signed-in account, for the first page."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from app import clock
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.screening import initial_status
from app.models import ScreeningEntry
from app.services import attention
from app.services.lists import LISTS
from app.services.screening_list import ScreeningList
from app.views.identity import account, current_venue_id
from app.views.screening_filters import by_dispatched
from app.views.screening_names import list_endpoint
from app.views.waiting import Waiting


def screening_todos(*, is_overview: bool = False) -> list[Waiting]:
    """Return the lists whose rows may wait: untouched ones for who works on them, undispatched ones for the city.

    An overview tells the city of the untouched ones too, on which others work.
    """
    role, found = account().role, []
    for declared in (each for each in LISTS if each.is_inquiry):
        query = select(ScreeningEntry).where(ScreeningEntry.kind == declared.row_kind)
        is_city = role is Role.CITY_ADMIN and role in declared.users
        if is_city:
            tray = by_dispatched(query, "no")
            found.append(_waiting(declared, tray, search={"dispatched": "no"}, hint=N_("未下发"), tone="red"))
        if is_overview if is_city else role in declared.editors:
            found.append(_untouched(declared, query, is_city=is_city))
        if declared.has_attention and role in declared.readers:
            marked = query.where(attention.is_marked(clock.now()))
            found.append(_waiting(declared, marked, search={"attention": "yes"}, hint=N_("需重点关注"), tone="red"))
    return found


def _untouched(declared: ScreeningList, query: Select[Any], *, is_city: bool) -> Waiting:
    first = initial_status(declared.row_kind).name
    mine = by_dispatched(_in_hand(declared, query.where(ScreeningEntry.status == first)), "yes")
    # The city alone has rows that were not dispatched, and a search that tells them apart.
    search = {"status": first, **({"dispatched": "yes"} if is_city else {})}
    return _waiting(declared, mine, search=search, hint=N_("待处理"), tone="yellow")


def _in_hand(declared: ScreeningList, query: Select[Any]) -> Select[Any]:
    venue_id = current_venue_id()
    return query.where(ScreeningEntry.venue_id == venue_id) if declared.by_area and venue_id is not None else query


def _waiting(declared: ScreeningList, query: Select[Any], *, search: dict[str, Any], hint: str, tone: str) -> Waiting:
    return Waiting(declared.title, declared.users, lambda: query, list_endpoint(declared), search, tone, hint)
