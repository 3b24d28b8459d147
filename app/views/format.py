"""How moments, dates, counts and enums read on a page, in the region's zone and the reader's language."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
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

_MOMENT_CHARACTERS = len("2020-03-18 21:17:44")


def profile() -> Profile:
    """Return the profile of the region that this installation serves."""
    return load_profile(current_app.config["REGION"])


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def zone() -> ZoneInfo:
    """Return the region's zone; looked up once a request, an export asks it for every row."""
    try:
        found: ZoneInfo = g.zone
    except AttributeError:
        found = g.zone = _zone(profile().time_zone)
    return found


def today() -> date:
    """Return the region's calendar day (D14)."""
    return clock.local_date(clock.now(), zone())


def moment_text(moment: datetime | None) -> str:
    """Return 2020-03-18 21:17:44 in the region's zone, empty for nothing."""
    return "" if moment is None else moment.astimezone(zone()).isoformat(" ", "seconds")[:_MOMENT_CHARACTERS]


def date_text(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def label_text(member: Labelled | None) -> str:
    """Return an enum member's text in the reader's language; looked up once a request, an export has many rows."""
    if member is None:
        return ""
    known: dict[Labelled, str] = g.setdefault("label_texts", {})
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


def quarantine_cell(status: QuarantineStatus) -> Cell:
    known: dict[QuarantineStatus, Cell] = g.setdefault("quarantine_cells", {})
    return known.get(status) or known.setdefault(status, Cell(label_text(status), tone=_STATUS_TONES[status]))
