"""How moments, dates, counts and enums read on a page, in the region's zone and the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, g
from flask_babel import get_locale, gettext

from app import clock
from app.domain.labels import Labelled
from app.domain.quarantine import Color, QuarantineStatus
from app.forms.places import countries
from app.models import Registration
from app.profiles import Profile, load_profile
from app.services import residents
from app.views.page import Cell

_TWO_DIGITS = tuple(f"{number:02}" for number in range(60))


def profile() -> Profile:
    """Return the profile of the region that this installation serves."""
    return load_profile(current_app.config["REGION"])


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


class _Known:
    """What every row asks for and one request looks up once: the zone, labels in the reader's language."""

    def __init__(self) -> None:
        self.zone = _zone(profile().time_zone)
        self.labels: dict[Labelled, str] = {}
        self.quarantine_cells: dict[QuarantineStatus, Cell] = {}
        self.cells: dict[Any, Cell] = {}


_in_hand: ContextVar[_Known | None] = ContextVar("known", default=None)


def _known() -> _Known:
    return _in_hand.get() or _known_to_request()


def _known_to_request() -> _Known:
    found: _Known | None = g.get("known")
    if found is None:
        found = g.known = _Known()
    return found


@contextmanager
def many_rows() -> Iterator[None]:
    """Inside, rows are shown without asking the request, which takes longer than the rest of a cell."""
    token = _in_hand.set(_known_to_request())
    try:
        yield
    finally:
        _in_hand.reset(token)


def zone() -> ZoneInfo:
    """Return the region's zone."""
    return _known().zone


def today() -> date:
    """Return the region's calendar day (D14)."""
    return clock.local_date(clock.now(), zone())


def moment_text(moment: datetime | None) -> str:
    """Return 2020-03-18 21:17:44 in the region's zone, empty for nothing."""
    if moment is None:
        return ""
    local = moment.astimezone(zone())
    # A moment's own isoformat() takes five times as long, and an export asks for every row.
    return (
        f"{date_text(local.date())} {_TWO_DIGITS[local.hour]}:{_TWO_DIGITS[local.minute]}:{_TWO_DIGITS[local.second]}"
    )


@lru_cache(maxsize=1024)
def date_text(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def label_text(member: Labelled | None) -> str:
    """Return an enum member's text in the reader's language."""
    if member is None:
        return ""
    known = _known().labels
    return known.get(member) or known.setdefault(member, gettext(member.label))


def origin_text(form: Registration) -> str:
    """Return where the person of `form` came from: the country in the reader's language, or province, city, district."""
    if form.origin_country:
        return dict(countries(get_locale().language)).get(form.origin_country, form.origin_country)
    return residents.origin_text(form)


def yes_no(value: bool) -> str:
    return gettext("是") if value else gettext("否")


def tone(color: Color | None) -> str:
    """Return the page's word for a colour: red, yellow, green."""
    return "" if color is None else color.name.lower()


_STATUS_TONES = {
    QuarantineStatus.PENDING: "yellow",
    QuarantineStatus.CONFIRMED: "red",
    QuarantineStatus.RELEASED: "green",
    QuarantineStatus.NOT_REQUIRED: "green",
    QuarantineStatus.NOT_ARRIVED: "gray",
}


def cell_of(key: Hashable, make: Callable[[], Cell]) -> Cell:
    """Return the cell of `key`, made once for a request: what few values show, and each in many rows."""
    known = _known().cells
    return known.get(key) or known.setdefault(key, make())


def quarantine_cell(status: QuarantineStatus) -> Cell:
    known = _known().quarantine_cells
    return known.get(status) or known.setdefault(status, Cell(label_text(status), tone=_STATUS_TONES[status]))
