"""Numbers of entries as pages show them: from the totals, and live where the manual wants that (Z-R10, X13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from app import clock
from app.access import current_scope
from app.extensions import db
from app.models import AreaEntryTotal, EntryRecord, EntryRollup, Span, VenueEntryTotal
from app.services.statistics import BEGINNING, profile


@dataclass(frozen=True)
class EntryCounts:
    """Entries of today and of all time, and today's red and yellow ones."""

    today: int
    total: int
    abnormal_today: int = 0


@dataclass(frozen=True)
class _Counted:
    """What the totals hold, and until when."""

    until: datetime | None
    today: int
    abnormal_today: int
    total: int


def entry_counts(*, venue_id: int | None = None, moment: datetime | None = None) -> EntryCounts:
    """Return the entries of today and in all, of the scope in hand or of one venue in it, the latest one included.

    That is two statements: the totals, and the records since they were counted, which are those of about an hour.
    """
    zone = profile().zone
    day = clock.day_bounds(clock.local_date(moment or clock.now(), zone), zone)[0]
    counted = _counted(day, venue_id)
    is_today = case((EntryRecord.recorded_at >= day, 1), else_=0)
    is_abnormal = case((EntryRecord.color.in_(profile().abnormal_colors), is_today), else_=0)
    numbers = (func.coalesce(func.sum(number), 0) for number in (is_today, is_abnormal))
    newer = select(func.count(), *numbers).select_from(EntryRecord)
    if counted.until is not None:
        newer = newer.where(EntryRecord.recorded_at >= counted.until)
    if venue_id is not None:
        newer = newer.where(EntryRecord.venue_id == venue_id)
    after, today, abnormal = db.session.execute(newer).one()
    return EntryCounts(
        today=counted.today + int(today),
        total=counted.total + int(after),
        abnormal_today=counted.abnormal_today + int(abnormal),
    )


def _counted(day: datetime, venue_id: int | None) -> _Counted:
    table, condition = totals_in_hand(venue_id)
    ever = case((table.span == Span.EVER, table.entries), else_=0)
    today, abnormal = (case((table.span == Span.DAY, number), else_=0) for number in (table.entries, table.abnormal))
    query = select(
        select(EntryRollup.counted_until).scalar_subquery(),
        *(func.coalesce(func.sum(number), 0) for number in (today, abnormal, ever)),
    ).where(condition, table.span.in_((Span.DAY, Span.EVER)), table.start.in_((day, BEGINNING)))
    until, *sums = db.session.execute(query).one()
    return _Counted(until, *(int(number) for number in sums))


def totals_in_hand(venue_id: int | None = None) -> tuple[Any, ColumnElement[bool]]:
    """Return the table of totals for the scope in hand, and which of its rows add up to that scope once each."""
    scope = current_scope()
    if venue_id is not None:
        return VenueEntryTotal, VenueEntryTotal.venue_id == venue_id
    if scope.venue_ids is not None:
        return VenueEntryTotal, VenueEntryTotal.venue_id.in_(sorted(scope.venue_ids))
    return AreaEntryTotal, AreaEntryTotal.area_code == (scope.area_prefix or profile().area_code)
