"""How entries go by the hour and by the day, of the scope in hand or of one venue in it: from the totals (issue 3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app import clock
from app.access import current_scope
from app.extensions import db
from app.models import EntryHourTotal, EntryRollup, Span
from app.services.entry_counts import totals_in_hand
from app.services.statistics import profile


@dataclass(frozen=True)
class Point:
    """The entries from `start` on: of an hour or of a day."""

    start: datetime
    entries: int
    abnormal: int


def by_hour(day: date, *, venue_id: int | None = None) -> list[Point]:
    """Return one point for each hour of `day` that is counted, also for those in which nobody came."""
    first, end = clock.day_bounds(day, profile().zone)
    if venue_id is None and current_scope().venue_ids is None:
        table, condition = totals_in_hand()
        start, condition = table.start, condition & (table.span == Span.HOUR)
    else:
        table, start = EntryHourTotal, EntryHourTotal.hour
        own = [venue_id] if venue_id is not None else sorted(current_scope().venue_ids or ())
        condition = EntryHourTotal.venue_id.in_(own)
    until = counted_until()
    found = _sums(table, start, condition & (start >= first) & (start < end))
    return [_point(found, each) for each in _hours(first, min(end, until) if until else first)]


def by_day(last: date, days: int, *, venue_id: int | None = None) -> list[Point]:
    """Return one point for each of the `days` days up to `last`."""
    zone = profile().zone
    starts = [clock.day_bounds(last - timedelta(days=ago), zone)[0] for ago in reversed(range(days))]
    table, condition = totals_in_hand(venue_id)
    within = (table.span == Span.DAY) & (table.start >= starts[0]) & (table.start <= starts[-1])
    found = _sums(table, table.start, condition & within)
    return [_point(found, start) for start in starts]


def counted_until() -> datetime | None:
    """Return the end of the last hour that is counted; None before the first."""
    until: datetime | None = db.session.execute(select(EntryRollup.counted_until)).scalar()
    return until


def _hours(first: datetime, end: datetime) -> Iterator[datetime]:
    while first < end:
        yield first
        first = clock.hour_bounds(first, profile().zone)[1]


def _sums(table: Any, start: Any, condition: ColumnElement[bool]) -> dict[datetime, tuple[int, int]]:
    query = select(start, func.sum(table.entries), func.sum(table.abnormal)).where(condition).group_by(start)
    return {moment: (int(entries), int(abnormal)) for moment, entries, abnormal in db.session.execute(query)}


def _point(found: dict[datetime, tuple[int, int]], start: datetime) -> Point:
    return Point(start, *found.get(start, (0, 0)))
