"""How the people on a list stand in compound management: their status there, and a fever patient's risk (Z-T3, Z-T6).

Asked for all rows of a page at once: the first row that is asked asks for all that the session holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.access import everything
from app.domain.colors import Color
from app.domain.labels import N_, Labelled
from app.domain.quarantine import QuarantineStatus, quarantine_color
from app.extensions import db
from app.models import Person, Residency, ScreeningEntry, Venue

_KEPT = "standing"


class Risk(Labelled):
    """风险等级, from the days of isolation (D1)."""

    HIGH = N_("高")
    MEDIUM = N_("中")
    LOW = N_("低")


_RISKS = {Color.RED: Risk.HIGH, Color.YELLOW: Risk.MEDIUM, Color.GREEN: Risk.LOW}
_ORDER = (Color.RED, Color.YELLOW, Color.GREEN)


@dataclass(frozen=True)
class Standing:
    """A tie of the person: where, and in which status since when."""

    compound: str
    status: QuarantineStatus
    since: date | None

    def color_on(self, day: date) -> Color:
        return quarantine_color(self.status, self.since, day)


def risk_of(entry: ScreeningEntry, day: date) -> Risk:
    """The person's risk on `day`: the worst of their ties, low for who has none or need not isolate."""
    found = standing_of(entry, day)
    return _RISKS[found.color_on(day)] if found else Risk.LOW


def standing_of(entry: ScreeningEntry, day: date) -> Standing | None:
    """The person's tie that weighs most on `day`; None for somebody without any."""
    if _KEPT not in entry.__dict__:
        _ask_for_all(entry)
    ties: list[Standing] = entry.__dict__[_KEPT]
    return min(ties, key=lambda tie: _ORDER.index(tie.color_on(day))) if ties else None


def _ask_for_all(entry: ScreeningEntry) -> None:
    held = [row for row in db.session.identity_map.values() if isinstance(row, ScreeningEntry)]
    rows = [row for row in (entry, *held) if _KEPT not in row.__dict__]
    person, tie, venue = Person.__table__.c, Residency.__table__.c, Venue.__table__.c
    documents = {row.document_index for row in rows if row.document_index}
    phones = {row.phone_index for row in rows if row.phone_index and not row.document_index}
    query = (
        select(person.document_index, person.phone_index, venue.name, tie.status, tie.quarantine_since)
        .join(Residency.__table__, tie.person_id == person.id)
        .join(Venue.__table__, venue.id == tie.venue_id)
        .where(person.document_index.in_(documents) | person.phone_index.in_(phones), tie.ended_at.is_(None))
    )
    by_index: dict[bytes | None, list[Standing]] = {}
    with everything("the tie may be another area's; only how it stands is told"):
        found = db.session.execute(query).all()
    for document, phone, name, status, since in found:
        for index in (bytes(document), bytes(phone)):
            by_index.setdefault(index, []).append(Standing(name, status, since))
    for row in rows:
        row.__dict__[_KEPT] = by_index.get(row.document_index or row.phone_index, [])
