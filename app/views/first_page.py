"""What waits for the signed-in account, counted from the rows that the numbers open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext
from sqlalchemy import Select, func, select

from app.domain.labels import N_
from app.domain.quarantine import QuarantineStatus
from app.domain.roles import Role
from app.extensions import db
from app.models import Residency
from app.views.entries import entry_figures
from app.views.format import label_text
from app.views.identity import account, current_venue_id
from app.views.listing import COUNT_CAP
from app.views.navigation import menu
from app.views.page import Figure, HomePage, Link
from app.views.screening_todos import screening_todos

_COMPOUND_SIDE = frozenset(
    {Role.CITY_ADMIN, Role.DISTRICT_ADMIN, Role.STREET_ADMIN, Role.COMMUNITY_ADMIN, Role.COMPOUND_ADMIN}
)


@dataclass(frozen=True)
class Waiting:
    """One line of 「待办事项」: the rows that wait, and the list that shows exactly these."""

    label: str
    roles: frozenset[Role]
    query: Callable[[], Select[Any]]
    endpoint: str
    filters: dict[str, Any]
    tone: str = "yellow"


def _pending_quarantine() -> Select[Any]:
    query = select(Residency.id).where(Residency.status == QuarantineStatus.PENDING, Residency.ended_at.is_(None))
    venue_id = current_venue_id()
    return query if venue_id is None else query.where(Residency.venue_id == venue_id)


WAITING: list[Waiting] = [
    Waiting(N_("待确认隔离"), _COMPOUND_SIDE, _pending_quarantine, "ResidentView.list", {"status": "PENDING"}),
]


def home_page() -> HomePage:
    """Return the first page of the signed-in account."""
    person = account()
    return HomePage(
        title=gettext("工作台"),
        lead=gettext("您好，%(name)s（%(role)s）", name=person.display_name, role=label_text(person.role)),
        figures=entry_figures() if person.role in _COMPOUND_SIDE else (),
        todos=[*(figure for waiting in _mine() if (figure := _figure(waiting)) is not None), *screening_todos()],
        tiles=[Link(item.label, item.url) for group in menu() for item in group.items],
    )


def _mine() -> list[Waiting]:
    role = account().role
    return [w for w in WAITING if role in w.roles and w.endpoint in current_app.view_functions]


def _figure(waiting: Waiting) -> Figure | None:
    limited = waiting.query().limit(COUNT_CAP + 1).subquery()
    count = db.session.execute(select(func.count()).select_from(limited)).scalar_one()
    if not count:
        return None
    text = f"{COUNT_CAP:,}+" if count > COUNT_CAP else f"{count:,}"
    url = url_for(waiting.endpoint, **waiting.filters)
    return Figure(gettext(waiting.label), text, waiting.tone, url, gettext("待处理"))
