"""The totals agree with the records to the row, after much, after deletions and after a killed job (issue 3)."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from rq import Queue
from sqlalchemy import delete, func, select

from app.access import everything
from app.clock import day_bounds, hour_bounds, local_date, now
from app.domain.colors import Color
from app.domain.roles import Role
from app.domain.venues import VenueKind
from app.extensions import db, redis_connection
from app.jobs import statistics as jobs
from app.models import (
    AreaEntryTotal,
    EntryHourTotal,
    EntryOutcome,
    EntryRecord,
    EntryRollup,
    EntrySource,
    Span,
    VenueEntryTotal,
)
from app.models.entry import entry_id_floor
from app.profiles import load_profile
from app.services import entries, statistics, venues
from app.services.audit import Actor
from tests.factories import COMMUNITY, Factories
from tests.jobs.conftest import START_SECONDS, Workers
from tests.runtime.places import wait_until

# Twelve days are six stretches of the job, so that it can be killed between two.
ENTRIES, DAYS, DELETED = 100_000, 12, 5
AREAS = (COMMUNITY, "410105008009", "410102", "4101")
ZONE = load_profile("zhengzhou").zone
COLORS = (Color.GREEN, Color.GREEN, Color.YELLOW, Color.RED)

Numbers = dict[Any, tuple[int, int]]


def _add_entries(make: Factories) -> None:
    """Random entries of a few days at venues of all levels, the same each time."""
    dice, tie = random.Random(7), make.residency()
    places = [make.venue(dice.choice(list(VenueKind)), area) for area in AREAS * 6]
    places = [(venue.id, venue.area_code, tie.person_id, tie.registration_id) for venue in places]
    db.session.commit()
    # An hour is counted some minutes after its end: right after the full hour these entries end an hour earlier.
    first = hour_bounds(now() - timedelta(minutes=5), ZONE)[0] - timedelta(days=DAYS)
    seconds = sorted(dice.randrange(DAYS * 86_400) for _ in range(ENTRIES))
    rows = []
    for number, second in enumerate(seconds):
        moment = first + timedelta(seconds=second)
        source = EntrySource.MANUAL if number % 100 == 0 else EntrySource.SCAN
        where = (entry_id_floor(moment) + number, moment.isoformat(" ", "microseconds"), *dice.choice(places))
        rows.append((*where, source.name, EntryOutcome.ADMITTED.name, dice.choice(COLORS).name))
    _write(rows)


_COLUMNS = "id, recorded_at, venue_id, area_code, person_id, registration_id, source, outcome, color"
_FLAGS = "is_key_area, is_breach, is_remote"


def _write(rows: list[tuple[Any, ...]]) -> None:
    """The rows stand in the table, by the quickest way that each driver has."""
    with closing(db.engine.raw_connection()) as pooled:
        driver: Any = pooled.driver_connection
        if db.engine.dialect.name == "postgresql":
            driver.execute("SET LOCAL session_replication_role = replica")  # what the rows point to is there
            with driver.cursor() as cursor, cursor.copy(f"COPY entry_record ({_COLUMNS}, {_FLAGS}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row((*row, False, False, False))
            driver.execute("ANALYZE entry_record")  # as the server does by itself after so many rows
        else:
            blanks = ", ".join("?" * len(rows[0]))
            values = ((row[0], row[1].removesuffix("+00:00"), *row[2:]) for row in rows)
            driver.executemany(
                f"INSERT INTO entry_record ({_COLUMNS}, {_FLAGS}) VALUES ({blanks}, 0, 0, 0)",
                values,
            )
        pooled.commit()


def _day(moment: datetime) -> datetime:
    return day_bounds(local_date(moment, ZONE), ZONE)[0]


def _from_records() -> tuple[Numbers, Numbers, Numbers]:
    """The hours and days of venues, and the hours of areas, counted one by one."""
    table = EntryRecord.__table__.c
    query = select(table.venue_id, table.area_code, table.recorded_at, table.color)
    # All entries of one hour of the world lie in one hour of the region, whose zone is whole hours off.
    found = Counter(
        (venue, area, moment.replace(minute=0, second=0, microsecond=0), color is not Color.GREEN)
        for venue, area, moment, color in db.session.execute(query)
    )
    hours, days, areas = {}, {}, {}
    for (venue, area, hour, is_abnormal), count in found.items():
        start = hour_bounds(hour, ZONE)[0]
        keys = [(hours, (venue, start)), (days, (venue, _day(start)))]
        keys += [(areas, (area[:length], start)) for length in (4, 6, 9, 12) if length <= len(area)]
        for numbers, key in keys:
            entries, abnormal = numbers.get(key, (0, 0))
            numbers[key] = (entries + count, abnormal + count * is_abnormal)
    return hours, days, areas


def _numbers(table: Any, *key: Any, where: Any) -> Numbers:
    query = select(*key, func.sum(table.entries), func.sum(table.abnormal)).where(where).group_by(*key)
    found = {tuple(row[:-2]): (int(row[-2]), int(row[-1])) for row in db.session.execute(query)}
    return {key: numbers for key, numbers in found.items() if numbers != (0, 0)}


def _from_totals() -> tuple[Numbers, Numbers, Numbers]:
    hours, venues, areas = EntryHourTotal, VenueEntryTotal, AreaEntryTotal
    return (
        _numbers(hours, hours.venue_id, hours.hour, where=hours.entries > 0),
        _numbers(venues, venues.venue_id, venues.start, where=venues.span == Span.DAY),
        _numbers(areas, areas.area_code, areas.start, where=areas.span == Span.HOUR),
    )


def _ever(table: Any) -> int:
    """What all time holds; of areas, the city's."""
    query = select(func.sum(table.entries)).where(table.span == Span.EVER)
    if table is AreaEntryTotal:
        query = query.where(table.area_code == "4101")
    return int(db.session.execute(query).scalar_one())


def _counted_hours() -> int:
    db.session.rollback()
    return db.session.execute(select(func.count(EntryHourTotal.hour.distinct()))).scalar_one()


def _delete_some(make: Factories) -> None:
    """By hand some of the forms on paper, as a manager does."""
    actor = Actor.of(make.account(Role.CITY_ADMIN))
    rows = db.session.execute(select(EntryRecord).where(EntryRecord.source == EntrySource.MANUAL).limit(DELETED))
    for row in list(rows.scalars()):
        entries.delete(row, actor=actor)


def _move_and_close(make: Factories) -> None:
    """A checkpoint moves to another district between two entries of one hour; then it and another venue are closed."""
    actor, tie = Actor.of(make.account(Role.CITY_ADMIN)), make.residency()
    station = make.venue(VenueKind.RAILWAY_STATION, "410103")
    moment = hour_bounds(now(), ZONE)[0] - timedelta(days=1)
    for district in ("410103", "410105"):
        venues.edit_checkpoint(station, name=station.name, district_code=district, actor=actor)
        make.entry(tie, at=moment, venue_id=station.id, area_code=station.area_code, color=Color.RED)
    for venue in (station, tie.venue):
        venues.close(venue, actor=actor)
    statistics.recount(station.id, moment)


def test_the_totals_agree_with_the_records_to_the_row(queue_app: Flask, workers: Workers, make: Factories) -> None:
    _add_entries(make)
    Queue("statistics", connection=redis_connection()).enqueue(jobs.count_hours)
    workers.start("statistics")
    wait_until(lambda: _counted_hours() > 1, within_seconds=START_SECONDS, what="the job is at work")
    workers.kill_all()
    was_counted = _counted_hours()
    assert was_counted < DAYS * 24, "the job was killed too late"
    _delete_some(make)
    with everything("the next turn"):
        jobs.count_hours()
    assert _counted_hours() == DAYS * 24
    assert _from_totals() == _from_records()
    assert _ever(VenueEntryTotal) == _ever(AreaEntryTotal) == ENTRIES - DELETED
    _delete_some(make)
    _move_and_close(make)
    assert _from_totals() == _from_records()
    db.session.execute(delete(EntryRollup.__table__))  # whoever loses the mark counts all hours again
    db.session.commit()
    with everything("a turn that counts everything again"):
        jobs.count_hours()
    assert _from_totals() == _from_records()
    assert _ever(VenueEntryTotal) == _ever(AreaEntryTotal) == ENTRIES - 2 * DELETED + 2
