"""What waits for the signed-in account, counted from the rows that the numbers open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app
from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, select

from app.domain.labels import N_
from app.domain.quarantine import QuarantineStatus
from app.domain.roles import Role
from app.models import Residency
from app.services import quarantine
from app.views.entries import entry_figures
from app.views.format import label_text, today
from app.views.identity import account, current_venue_id
from app.views.navigation import menu
from app.views.page import Figure, HomePage, Link
from app.views.screening_todos import screening_todos
from app.views.waiting import Waiting, waiting_figures

_COMPOUND_SIDE = frozenset(
    {Role.CITY_ADMIN, Role.DISTRICT_ADMIN, Role.STREET_ADMIN, Role.COMMUNITY_ADMIN, Role.COMPOUND_ADMIN}
)


def residents_in_hand(condition: ColumnElement[bool]) -> Select[Any]:
    """Return the ids of the residents in hand who meet `condition`."""
    venue_id = current_venue_id()
    query = select(Residency.id).where(condition)
    return query if venue_id is None else query.where(Residency.venue_id == venue_id)


def _pending_quarantine() -> Select[Any]:
    return residents_in_hand((Residency.status == QuarantineStatus.PENDING) & Residency.ended_at.is_(None))


def _ending_tomorrow() -> Select[Any]:
    return residents_in_hand(quarantine.ending_on(today() + timedelta(days=1)))


WAITING: list[Waiting] = [
    Waiting(N_("待确认隔离"), _COMPOUND_SIDE, _pending_quarantine, "ResidentView.list", {"status": "PENDING"}),
    Waiting(
        N_("明日隔离期满"),
        _COMPOUND_SIDE,
        _ending_tomorrow,
        "ResidentView.list",
        {"ends": "tomorrow"},
        tone="blue",
        hint=N_("请提前核对"),
    ),
]


def home_page() -> HomePage:
    """Return the first page of the signed-in account."""
    person = account()
    return HomePage(
        title=gettext("工作台"),
        lead=gettext("您好，%(name)s（%(role)s）", name=person.display_name, role=label_text(person.role)),
        figures=entry_figures() if person.role in _COMPOUND_SIDE else (),
        todos=todos(),
        tiles=[Link(item.label, item.url, icon=group.icon) for group in menu() for item in group.items],
    )


def todos(*, is_overview: bool = False) -> list[Figure]:
    """Return what waits for the signed-in account; an overview tells what waits in its area for others, too."""
    role = account().role
    mine = [w for w in WAITING if role in w.roles and w.listed in current_app.view_functions]
    return waiting_figures([*mine, *screening_todos(is_overview=is_overview)])
