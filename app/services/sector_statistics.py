"""What a sector's statistics say: per venue, for the whole kind, and for what was searched (Z-V1, Z-V2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import with_expression

from app import clock
from app.domain.sectors import CodeState
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import EntryRollup, Span, Venue, VenueEntryTotal
from app.services.entry_counts import totals_in_hand
from app.services.statistics import BEGINNING, profile


@dataclass(frozen=True)
class Period:
    """The days that are counted: all of them where neither end is given."""

    first: date | None = None
    last: date | None = None

    @property
    def is_ever(self) -> bool:
        return self.first is None and self.last is None


@dataclass(frozen=True)
class SectorSums:
    """The four numbers of the manual, as of the last count (checklist Z85)."""

    entries: int
    abnormal: int
    entries_today: int
    abnormal_today: int
    counted_at: datetime | None = None


def today() -> date:
    """Return the region's calendar day."""
    return clock.local_date(clock.now(), profile().zone)


def venues_of(kind: VenueKind) -> Select[Any]:
    """Return the venues of `kind` whose code was ever activated: the others have nothing to count."""
    is_known = or_(Venue.code_state == CodeState.ACTIVE, Venue.activated_at.is_not(None))
    return select(Venue).where(Venue.kind == kind, is_known)


def with_numbers(query: Select[Any], period: Period) -> Select[Any]:
    """Return `query` of venues with their four numbers, those of the period and those of today."""
    totals = VenueEntryTotal
    counted, now = _in_period(totals, period), _on(totals, today())
    return query.options(
        with_expression(Venue.entries, _of_venue(totals.entries, counted)),
        with_expression(Venue.abnormal, _of_venue(totals.abnormal, counted)),
        with_expression(Venue.entries_today, _of_venue(totals.entries, now)),
        with_expression(Venue.abnormal_today, _of_venue(totals.abnormal, now)),
    )


def _of_venue(number: Any, condition: ColumnElement[bool]) -> Any:
    query = select(func.coalesce(func.sum(number), 0)).where(VenueEntryTotal.venue_id == Venue.id, condition)
    return query.correlate(Venue).scalar_subquery()


def seldom_scanned(day: date, most: int) -> ColumnElement[bool]:
    """Return what holds for venues with at most `most` scans on `day`: also for those with none (checklist Z87)."""
    totals = VenueEntryTotal
    query = select(totals.venue_id).where(_on(totals, day)).group_by(totals.venue_id)
    return Venue.id.not_in(query.having(func.sum(totals.entries) > most))


def sums_of_kind(kind: VenueKind, period: Period | None = None) -> SectorSums:
    """Return the numbers of all venues of `kind` in the scope in hand, whatever is searched."""
    table, in_hand = totals_in_hand()
    return _sums(table, and_(in_hand, table.kind == kind), period or Period())


def sums_of(query: Select[Any], period: Period) -> SectorSums:
    """Return the numbers of the venues of `query` together."""
    found = query.order_by(None).with_only_columns(Venue.id)
    return _sums(VenueEntryTotal, VenueEntryTotal.venue_id.in_(found), period)


def _sums(table: Any, of_whom: ColumnElement[bool], period: Period) -> SectorSums:
    counted, now = _in_period(table, period), _on(table, today())
    query = select(
        *(
            func.coalesce(func.sum(case((condition, number), else_=0)), 0)
            for condition in (counted, now)
            for number in (table.entries, table.abnormal)
        ),
        select(EntryRollup.finished_at).scalar_subquery(),
    ).where(of_whom, or_(counted, now))
    entries, abnormal, entries_today, abnormal_today, counted_at = db.session.execute(query).one()
    return SectorSums(int(entries), int(abnormal), int(entries_today), int(abnormal_today), counted_at)


def _in_period(table: Any, period: Period) -> ColumnElement[bool]:
    if period.is_ever:
        return and_(table.span == Span.EVER, table.start == BEGINNING)
    bounds = []
    if period.first is not None:
        bounds.append(table.start >= clock.day_bounds(period.first, profile().zone)[0])
    if period.last is not None:
        bounds.append(table.start < clock.day_bounds(period.last, profile().zone)[1])
    return and_(table.span == Span.DAY, *bounds)


def _on(table: Any, day: date) -> ColumnElement[bool]:
    return and_(table.span == Span.DAY, table.start == clock.day_bounds(day, profile().zone)[0])
