"""Whom rows of a risk-area list concern: travellers who declared at a checkpoint that they came from there (2.1).

On the day of the journey, and at checkpoints alone: what somebody types behind a poster's address proves nothing about
the person whose number it is (X3). Nor does a form that was sent from afar, typed in at a desk, or that bears another
name than the document (services/origin_evidence.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, exists, select

from app import clock
from app.access import everything
from app.domain.areas import AreaLevel, code_at, lies_within
from app.domain.health import EvidenceKind, Fact
from app.domain.risk import RiskLevel, worst
from app.domain.roles import Role
from app.domain.venues import VenueFamily
from app.extensions import db
from app.models import (
    EntryRecord,
    EntrySource,
    Evidence,
    EvidenceSource,
    EvidenceState,
    Person,
    Registration,
    Residency,
    RiskArea,
    Venue,
)
from app.profiles import Profile
from app.services import health_rules
from app.services.evidence import NewEvidence

_FORMS, _VENUES, _TIES = (each.__table__ for each in (Registration, Venue, Residency))
_PEOPLE, _ENTRIES, _EVIDENCE = (each.__table__ for each in (Person, EntryRecord, Evidence))
_ANYWHERE = "travellers who declared an origin, wherever they went on to"
_CHUNK = 1_000
# What was decided about a journey stays decided: evidence that was rejected or taken back may come again.
_BROUGHT = (EvidenceState.IN_FORCE, EvidenceState.APPROVED, EvidenceState.WAITING)


@dataclass(frozen=True)
class Listing:
    """An area as listed: its level, from when until when."""

    area_code: str
    level: RiskLevel
    since: datetime
    until: datetime | None

    def concerns(self, origin: str, day: tuple[datetime, datetime]) -> bool:
        """Whether the area lies in `origin` or holds it, and was listed at any moment of the day."""
        start, end = day
        is_there = lies_within(self.area_code, origin) or lies_within(origin, self.area_code)
        return is_there and self.since < end and (self.until is None or self.until > start)


def listings_of(rows: Iterable[RiskArea], *, area_code: str | None = None) -> list[Listing]:
    """The rows that mean an area, or all of them as if they meant `area_code`."""
    found = ((row, area_code or row.matched_code) for row in rows)
    return [Listing(code, row.level, row.in_force_from, row.in_force_until) for row, code in found if code]


@dataclass(frozen=True)
class _Arrival:
    """A declared journey to a listed area. `district` is who answers for it (D11)."""

    person_id: int
    day: date
    level: RiskLevel
    district: str


def brought_by(listed: Sequence[Listing], profile: Profile) -> list[NewEvidence]:
    """The evidence that follows: none for a journey that has some of that level or a worse one, even ended."""
    if not listed:
        return []
    with everything(_ANYWHERE):
        arrivals = _strongest(_arrivals(listed, profile))
        people = _people({arrival.person_id for arrival in arrivals})
        known = _known(person.document_index for person in people.values())
        new = (_evidence(people[arrival.person_id], arrival, profile) for arrival in arrivals)
        return [each for each in new if not _is_known(each, known)]


def _arrivals(listed: Sequence[Listing], profile: Profile) -> Iterable[_Arrival]:
    """Every form of a checkpoint from a listed area within its days; there the day of arrival is the form's."""
    answered: dict[tuple[str, date], RiskLevel | None] = {}
    for person_id, day, origin, venue_area in db.session.execute(_forms(listed, profile)):
        if (origin, day) not in answered:
            bounds = clock.day_bounds(day, profile.zone)
            answered[origin, day] = worst(each.level for each in listed if each.concerns(origin, bounds))
        level = answered[origin, day]
        if level is not None and _colors(level):
            yield _Arrival(person_id, day, level, code_at(venue_area, AreaLevel.DISTRICT) or profile.area_code)


def _forms(listed: Sequence[Listing], profile: Profile) -> Select[Any]:
    first = clock.local_date(min(each.since for each in listed), profile.zone)
    ends = [each.until for each in listed]
    query = (
        select(_FORMS.c.person_id, _FORMS.c.arrival_date, _FORMS.c.origin_area_code, _VENUES.c.area_code)
        .join(_VENUES, _VENUES.c.id == _FORMS.c.venue_id)
        .join(_PEOPLE, (_PEOPLE.c.id == _FORMS.c.person_id) & (_PEOPLE.c.name == _FORMS.c.name))
        .where(
            _sent_from_there(),
            _VENUES.c.kind.in_(VenueFamily.CHECKPOINT.kinds),
            _FORMS.c.created_at >= clock.day_bounds(first, profile.zone)[0],
            _FORMS.c.origin_area_code.is_not(None),
            _FORMS.c.arrival_date.is_not(None),
        )
    )
    if None in ends:
        return query
    last = clock.local_date(max(end for end in ends if end), profile.zone)
    return query.where(_FORMS.c.created_at < clock.day_bounds(last, profile.zone)[1])


def _sent_from_there() -> Any:
    """Whether a phone sent the form from the place: neither from afar nor typed in by somebody (X3, X6)."""
    return exists().where(
        _ENTRIES.c.person_id == _FORMS.c.person_id,
        _ENTRIES.c.recorded_at == _FORMS.c.created_at,
        _ENTRIES.c.registration_id == _FORMS.c.id,
        _ENTRIES.c.source == EntrySource.SCAN,
        _ENTRIES.c.is_remote.is_(False),
    )


def _colors(level: RiskLevel) -> bool:
    """Whether an arrival from a place of that level colours anybody."""
    moment = clock.now()
    fact = Fact(kind=EvidenceKind.RISK_AREA_ARRIVAL, began_at=moment, level=level)
    return any(rule.applies_to(fact) for rule in health_rules.in_force(moment).rules)


def _strongest(arrivals: Iterable[_Arrival]) -> list[_Arrival]:
    """One arrival for each person and day, the one from the worst place."""
    order = list(RiskLevel)
    found: dict[tuple[int, date], _Arrival] = {}
    for arrival in arrivals:
        key = (arrival.person_id, arrival.day)
        if key not in found or order.index(arrival.level) < order.index(found[key].level):
            found[key] = arrival
    homes = _homes({arrival.person_id for arrival in found.values()})
    return [
        _Arrival(each.person_id, each.day, each.level, homes.get(each.person_id, each.district))
        for each in found.values()
    ]


def _homes(person_ids: set[int]) -> dict[int, str]:
    """The district of everybody's known residence, where there is one (D11)."""
    query = select(_TIES.c.person_id, _TIES.c.area_code).where(_TIES.c.ended_at.is_(None)).order_by(_TIES.c.id)
    rows = _in_chunks(query, _TIES.c.person_id, sorted(person_ids))
    return {person_id: str(code_at(area, AreaLevel.DISTRICT)) for person_id, area in rows}


def _people(person_ids: set[int]) -> dict[int, Person]:
    found = _in_chunks(select(Person), Person.id, sorted(person_ids))
    return {person.id: person for (person,) in found}


def _in_chunks(query: Any, column: Any, keys: Sequence[Any]) -> Iterable[Any]:
    for start in range(0, len(keys), _CHUNK):
        yield from db.session.execute(query.where(column.in_(keys[start : start + _CHUNK])))


def _known(document_indexes: Iterable[bytes]) -> dict[tuple[bytes, datetime], set[RiskLevel | None]]:
    """The levels of what was ever brought about each person's journeys, by their beginnings."""
    query = select(_EVIDENCE.c.document_index, _EVIDENCE.c.began_at, _EVIDENCE.c.level).where(
        _EVIDENCE.c.kind == EvidenceKind.RISK_AREA_ARRIVAL, _EVIDENCE.c.state.in_(_BROUGHT)
    )
    found: dict[tuple[bytes, datetime], set[RiskLevel | None]] = {}
    for index, began_at, level in _in_chunks(query, _EVIDENCE.c.document_index, list(document_indexes)):
        found.setdefault((bytes(index), began_at), set()).add(level)
    return found


def _is_known(new: NewEvidence, known: dict[tuple[bytes, datetime], set[RiskLevel | None]]) -> bool:
    order = list(RiskLevel)
    levels = known.get((new.document_index, new.began_at), set())
    return any(level is not None and order.index(level) <= order.index(new.level or level) for level in levels)


def _evidence(person: Person, arrival: _Arrival, profile: Profile) -> NewEvidence:
    return NewEvidence(
        document_type=person.document_type,
        document_number=person.document_number,
        name=person.name,
        kind=EvidenceKind.RISK_AREA_ARRIVAL,
        level=arrival.level,
        began_at=clock.day_bounds(arrival.day, profile.zone)[0],
        area_code=arrival.district,
        owner_role=Role.DISTRICT_ADMIN,
        source_kind=EvidenceSource.RISK_AREA,
    )
