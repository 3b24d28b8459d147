"""Entries counted per venue and day, so that no page counts the large table: closed days are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Date, Select, Subquery, case, delete, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.access import everything
from app.domain.colors import Color
from app.extensions import db
from app.models import EntryDayTotal, EntryRecord
from app.profiles import load_profile
from app.services.transaction import transactional

_TOTALS = EntryDayTotal.__table__
_ENTRIES = EntryRecord.__table__.c


@dataclass(frozen=True)
class EntryCounts:
    """Entries of today and of all time."""

    today: int
    total: int


def _zone() -> ZoneInfo:
    return load_profile(current_app.config["REGION"]).zone


def _counted(start: datetime, end: datetime, venue_id: int | None = None) -> Select[Any]:
    """Return venue, area and the two numbers for what happened in start <= t < end."""
    is_abnormal = case((_ENTRIES.color != Color.GREEN, 1), else_=0)
    query = (
        select(
            _ENTRIES.venue_id,
            func.min(_ENTRIES.area_code).label("area_code"),
            func.count().label("entries"),
            func.sum(is_abnormal).label("abnormal"),
        )
        .where(_ENTRIES.recorded_at >= start, _ENTRIES.recorded_at < end)
        .group_by(_ENTRIES.venue_id)
    )
    return query if venue_id is None else query.where(_ENTRIES.venue_id == venue_id)


@transactional
def roll_up_day(day: date, *, venue_id: int | None = None) -> int:
    """Make the totals of `day` (of one venue, or of all) what the entries say; return how many venues had any.

    Running it again changes nothing: each row is replaced by what is counted now, and a venue without entries has none.
    """
    found = _counted(*clock.day_bounds(day, _zone()), venue_id).subquery()
    _drop_empty(day, found, venue_id)
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    columns = [found.c.venue_id, literal(day, Date), found.c.area_code, found.c.entries, found.c.abnormal]
    # SQLite takes ON CONFLICT after a SELECT only if that has a WHERE.
    source = select(*columns).where(found.c.entries > 0)
    statement = dialect.insert(_TOTALS).from_select(["venue_id", "day", "area_code", "entries", "abnormal"], source)
    updated = {name: statement.excluded[name] for name in ("entries", "abnormal", "area_code")}
    upsert = statement.on_conflict_do_update(index_elements=["venue_id", "day"], set_=updated)
    return len(db.session.execute(upsert.returning(_TOTALS.c.venue_id)).all())


def _drop_empty(day: date, found: Subquery, venue_id: int | None) -> None:
    """Remove totals of venues whose last entry of that day was deleted."""
    statement = delete(_TOTALS).where(_TOTALS.c.day == day, _TOTALS.c.venue_id.not_in(select(found.c.venue_id)))
    db.session.execute(statement if venue_id is None else statement.where(_TOTALS.c.venue_id == venue_id))


def last_closed_day() -> date | None:
    """Return the newest day that has totals; None before the first."""
    return db.session.execute(select(func.max(_TOTALS.c.day))).scalar()


@transactional
def catch_up(moment: datetime | None = None) -> list[date]:
    """Close every day that is over and not yet counted, up to yesterday; return those days."""
    zone = _zone()
    yesterday = clock.local_date(moment or clock.now(), zone) - timedelta(days=1)
    day = _first_open_day(zone)
    closed = []
    while day is not None and day <= yesterday:
        if roll_up_day(day):
            closed.append(day)
        day += timedelta(days=1)
    return closed


def _first_open_day(zone: ZoneInfo) -> date | None:
    """Return the day of the oldest entry that no closed day holds; days without entries are jumped over."""
    closed = last_closed_day()
    query = select(func.min(_ENTRIES.recorded_at))
    if closed is not None:
        query = query.where(_ENTRIES.recorded_at >= clock.day_bounds(closed, zone)[1])
    oldest = db.session.execute(query).scalar()
    return None if oldest is None else clock.local_date(oldest, zone)


@transactional
def recount(venue_id: int, moment: datetime) -> None:
    """Count the venue's day of `moment` again, where that day is closed already: a late paper form, a deleted row."""
    day, closed = clock.local_date(moment, _zone()), last_closed_day()
    if closed is None or day > closed:
        return
    db.session.flush()  # what the work in hand changed is checked in its own scope, not in the wider one below
    with everything("a venue's total is the sum of its entries, whoever caused the count"):
        roll_up_day(day, venue_id=venue_id)


def entry_counts(*, venue_id: int | None = None, moment: datetime | None = None) -> EntryCounts:
    """Return the entries of today and in all, of the scope in hand or of one venue in it (Z-R10), in two statements.

    The newest closed day is that of the same scope, so what follows it is counted whatever the others have closed.
    """
    zone = _zone()
    summed = select(func.max(EntryDayTotal.day), func.coalesce(func.sum(EntryDayTotal.entries), 0))
    if venue_id is not None:
        summed = summed.where(EntryDayTotal.venue_id == venue_id)
    closed, before = db.session.execute(summed).one()
    start = clock.day_bounds(clock.local_date(moment or clock.now(), zone), zone)[0]
    since = min(start, clock.day_bounds(closed, zone)[1]) if closed is not None else None
    is_today = EntryRecord.recorded_at >= start
    open_rows = select(func.count(), func.coalesce(func.sum(case((is_today, 1), else_=0)), 0)).select_from(EntryRecord)
    if since is not None:
        open_rows = open_rows.where(EntryRecord.recorded_at >= since)
    if venue_id is not None:
        open_rows = open_rows.where(EntryRecord.venue_id == venue_id)
    after, today = db.session.execute(open_rows).one()
    return EntryCounts(today=int(today), total=int(before) + int(after))
