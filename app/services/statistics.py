"""Entries counted by the hour into totals of venues and areas, so that no page counts the large table (Z-V1).

An hour's rows say what was counted and what of it the sums hold already. Only the difference goes on into the sums, in
the same transaction: counting an hour again, late or after a kill, changes nothing but what has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.access import everything
from app.domain.areas import CODE_LENGTHS
from app.extensions import db
from app.models import AreaEntryTotal, EntryHourTotal, EntryRecord, EntryRollup, Span, Venue, VenueEntryTotal
from app.models.types import EnumByName, UtcDateTime
from app.profiles import Profile, load_profile
from app.services.transaction import transactional

_ENTRIES, _VENUES = EntryRecord.__table__.c, Venue.__table__.c
_HOURS, _OF_VENUES, _OF_AREAS = EntryHourTotal.__table__, VenueEntryTotal.__table__, AreaEntryTotal.__table__
_ROLLUP = EntryRollup.__table__
_ONLY = 1
# Where all time begins, for the totals of ever: older than any record.
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
# A scan shortly before the hour may commit shortly after it.
_GRACE = timedelta(minutes=2)
# Each turn counts these again: whatever else came late.
_AGAIN = timedelta(hours=2)
# Hours counted by one set of statements: after a stop of weeks each hour alone would cost as much as many together.
_STRETCH = 48


def profile() -> Profile:
    """Return the region's profile, which says what a day is and which colours are abnormal."""
    return load_profile(current_app.config["REGION"])


@dataclass(frozen=True)
class _Hour:
    """start <= t < end, and when its day begins."""

    start: datetime
    end: datetime
    day: datetime


def _hour_of(moment: datetime) -> _Hour:
    zone = profile().zone
    return _Hour(*clock.hour_bounds(moment, zone), clock.day_bounds(clock.local_date(moment, zone), zone)[0])


def catch_up(moment: datetime | None = None) -> None:
    """Every hour that is over at `moment` is counted. A stretch of hours is one transaction."""
    latest = (moment or clock.now()) - _GRACE
    until = clock.hour_bounds(latest, profile().zone)[0]
    for hours in _stretches_before(until):
        _count_stretch(hours)
    _finish(until, moment or clock.now())


def _stretches_before(until: datetime) -> Iterator[list[_Hour]]:
    """Yield the hours to count, the last counted ones again; long times in which nothing happened are jumped over."""
    since = db.session.execute(select(_ROLLUP.c.counted_until)).scalar()
    since = None if since is None else since - _AGAIN
    while True:
        query = select(func.min(_ENTRIES.recorded_at)).where(_ENTRIES.recorded_at < until)
        oldest = db.session.execute(query if since is None else query.where(_ENTRIES.recorded_at >= since)).scalar()
        if oldest is None:
            return
        hours = [_hour_of(oldest)]
        while len(hours) < _STRETCH and hours[-1].end < until:
            hours.append(_hour_of(hours[-1].end))
        since = hours[-1].end
        yield hours


@transactional
def _count_stretch(hours: Sequence[_Hour]) -> None:
    counted_until = claim()
    _count(hours)
    _advance(counted_until, hours[-1].end)


def count_hour(moment: datetime) -> None:
    """Make all totals that hold the hour of `moment` agree with the records."""
    _count_stretch([_hour_of(moment)])


@transactional
def _finish(until: datetime, moment: datetime) -> None:
    """Note that everything before `until` is counted."""
    _advance(claim(), until)
    db.session.execute(update(_ROLLUP).values(finished_at=moment))


@transactional
def recount(venue_id: int, moment: datetime) -> None:
    """Count the venue's hour of `moment` again where it is counted already: a late paper form, a deleted row.

    Whatever adds or removes records of the past calls this in its own transaction. Who counts meanwhile waits for it.
    """
    db.session.flush()  # what the work in hand changed is checked in its own scope, not in the wider one below
    with everything("a venue's total is the sum of its entries, whoever caused the count"):
        counted_until = claim()
        if counted_until is not None and moment < counted_until:
            _count([_hour_of(moment)], venue_id=venue_id)


def _insert(table: Any) -> Any:
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def claim() -> datetime | None:
    """Return how far the hours are counted, and hold the row that says so until the transaction ends."""
    taking = _insert(_ROLLUP).values(id=_ONLY)
    held = taking.on_conflict_do_update(index_elements=["id"], set_={"id": _ONLY})
    found: datetime | None = db.session.execute(held.returning(_ROLLUP.c.counted_until)).scalar()
    return found


def _advance(before: datetime | None, until: datetime) -> None:
    if before is None or before < until:
        db.session.execute(update(_ROLLUP).values(counted_until=until))


def _count(hours: Sequence[_Hour], *, venue_id: int | None = None) -> None:
    """Replace the hours' rows by what the records say, and put the difference into the sums."""
    in_hand = (_HOURS.c.hour >= hours[0].start) & (_HOURS.c.hour < hours[-1].end)
    if venue_id is not None:
        in_hand &= _HOURS.c.venue_id == venue_id
    db.session.execute(update(_HOURS).where(in_hand).values(entries=0, abnormal=0))
    _replace(_counted(hours, venue_id))
    difference = _difference(in_hand)
    add_sums(_OF_VENUES, ["venue_id", "span", "start", "area_code"], _venue_sums(difference, hours))
    add_sums(_OF_AREAS, ["area_code", "span", "start", "kind"], _area_sums(difference, hours))
    done = {"added_entries": _HOURS.c.entries, "added_abnormal": _HOURS.c.abnormal}
    db.session.execute(update(_HOURS).where(in_hand).values(done))
    db.session.execute(delete(_HOURS).where(in_hand, _HOURS.c.entries == 0))


def _rows(*columns: tuple[str, Any], of: Sequence[tuple[Any, ...]]) -> Subquery:
    """Return `of` as a table with these names and types."""
    each = [
        select(*(literal(value, kind).label(name) for (name, kind), value in zip(columns, row, strict=True)))
        for row in of
    ]
    return (union_all(*each) if len(each) > 1 else each[0]).subquery()


def _counted(hours: Sequence[_Hour], venue_id: int | None) -> Subquery:
    """Return the numbers per hour, venue and area of what happened in the hours."""
    bounds = _rows(("start", UtcDateTime), ("end", UtcDateTime), of=[(hour.start, hour.end) for hour in hours])
    is_abnormal = case((_ENTRIES.color.in_(profile().abnormal_colors), 1), else_=0)
    numbers = func.count().label("entries"), func.sum(is_abnormal).label("abnormal")
    key = bounds.c.start.label("hour"), _ENTRIES.venue_id, _ENTRIES.area_code
    query = (
        select(*key, *numbers)
        .join_from(
            bounds,
            EntryRecord.__table__,
            (_ENTRIES.recorded_at >= bounds.c.start) & (_ENTRIES.recorded_at < bounds.c.end),
        )
        # The whole stretch once more, so that the database picks its part of the table before it meets the hours.
        .where(_ENTRIES.recorded_at >= hours[0].start, _ENTRIES.recorded_at < hours[-1].end)
        .group_by(*key)
    )
    return (query if venue_id is None else query.where(_ENTRIES.venue_id == venue_id)).subquery()


def _replace(counted: Subquery) -> None:
    source = select(
        counted.c.venue_id,
        counted.c.hour,
        counted.c.area_code,
        _VENUES.kind,
        counted.c.entries,
        counted.c.abnormal,
        literal(0),
        literal(0),
    ).join_from(counted, Venue.__table__, _VENUES.id == counted.c.venue_id)
    names = ["venue_id", "hour", "area_code", "kind", "entries", "abnormal", "added_entries", "added_abnormal"]
    statement = _insert(_HOURS).from_select(names, source.where(counted.c.entries > 0))
    numbers = {name: statement.excluded[name] for name in ("entries", "abnormal")}
    key = ["venue_id", "hour", "area_code"]
    db.session.execute(statement.on_conflict_do_update(index_elements=key, set_=numbers))


def _difference(in_hand: ColumnElement[bool]) -> Subquery:
    """Return what the hours' rows say and the sums do not hold yet."""
    entries, abnormal = _HOURS.c.entries - _HOURS.c.added_entries, _HOURS.c.abnormal - _HOURS.c.added_abnormal
    columns = _HOURS.c.hour, _HOURS.c.venue_id, _HOURS.c.area_code, _HOURS.c.kind
    query = select(*columns, entries.label("entries"), abnormal.label("abnormal"))
    return query.where(in_hand, or_(entries != 0, abnormal != 0)).subquery()


def _spans(hours: Sequence[_Hour], *, with_hour: bool) -> Subquery:
    """Return for each hour the spans that hold it, each with its start."""
    spans = [
        (hour.start, span, start)
        for hour in hours
        for span, start in ((Span.DAY, hour.day), (Span.EVER, BEGINNING), (Span.HOUR, hour.start))
        if with_hour or span is not Span.HOUR
    ]
    return _rows(("hour", UtcDateTime), ("span", EnumByName(Span)), ("start", UtcDateTime), of=spans)


def _sums_of(difference: Subquery) -> tuple[ColumnElement[int], ColumnElement[int]]:
    return func.sum(difference.c.entries).label("entries"), func.sum(difference.c.abnormal).label("abnormal")


def _venue_sums(difference: Subquery, hours: Sequence[_Hour]) -> Select[Any]:
    spans = _spans(hours, with_hour=False)
    key = difference.c.venue_id, difference.c.area_code, difference.c.kind, spans.c.span, spans.c.start
    source = difference.join(spans, spans.c.hour == difference.c.hour)
    # Every row has a kind; SQLite takes ON CONFLICT after a SELECT only if that has a WHERE.
    query = select(*key, *_sums_of(difference)).select_from(source).where(difference.c.kind.is_not(None))
    return query.group_by(*key)


def _area_sums(difference: Subquery, hours: Sequence[_Hour]) -> Select[Any]:
    """Return the sums per area of each level in which the entries lie, from the region down."""
    spans = _spans(hours, with_hour=True)
    lengths = [length for length in CODE_LENGTHS.values() if length >= len(profile().area_code)]
    levels = union_all(*(select(literal(length).label("length")) for length in lengths)).subquery()
    area = func.substr(difference.c.area_code, 1, levels.c.length)
    key = area.label("area_code"), difference.c.kind, spans.c.span, spans.c.start
    source = difference.join(levels, func.length(difference.c.area_code) >= levels.c.length)
    source = source.join(spans, spans.c.hour == difference.c.hour)
    query = select(*key, *_sums_of(difference)).select_from(source).where(difference.c.kind.is_not(None))
    return query.group_by(area, difference.c.kind, spans.c.span, spans.c.start)


def add_sums(table: Any, key: list[str], source: Select[Any]) -> None:
    """Add the numbers of `source` to the rows of the same key; rows that are not there yet begin with them."""
    statement = _insert(table).from_select([column.name for column in source.selected_columns], source)
    numbers = {name: table.c[name] + statement.excluded[name] for name in ("entries", "abnormal")}
    db.session.execute(statement.on_conflict_do_update(index_elements=key, set_=numbers))
