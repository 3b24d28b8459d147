"""Moves made: by a job, in one transaction; killed, nothing has happened and it begins anew."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from redis.exceptions import RedisError
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus
from sqlalchemy import Column, Select, func, insert, literal, select, update

from app import clock
from app.access import everything
from app.domain.areas import code_after, parent_code
from app.extensions import db, redis_connection
from app.models import (
    Area,
    AreaEntryTotal,
    AreaMove,
    EntryHourTotal,
    EntryRecord,
    FormerAreaCode,
    MoveState,
    Venue,
    VenueEntryTotal,
)
from app.services import area_totals, area_tree, audit, statistics
from app.services.area_moves import affected, job_of, moved_columns, settle_managers
from app.services.audit import SYSTEM
from app.services.queueing import enqueue_later
from app.services.transaction import transactional

_REASON = "everything that hangs on an area moves with it"
_TOTALS = (AreaEntryTotal.__table__, EntryHourTotal.__table__, VenueEntryTotal.__table__)
_AREAS, _VENUES, _MOVES, _ENTRIES = Area.__table__, Venue.__table__, AreaMove.__table__, EntryRecord.__table__
_FORMER = FormerAreaCode.__table__
# A scan or an import that had read the old code before the move may write it a little later.
_LATE_WRITES = timedelta(hours=2)
_SILENCE = timedelta(minutes=1)
_KEPT_SECONDS = 86_400
_ON_ITS_WAY = (JobStatus.QUEUED, JobStatus.STARTED, JobStatus.DEFERRED, JobStatus.SCHEDULED)


def run(move_id: int) -> None:
    """The move is made, and what was written meanwhile has followed it. Run twice, it finds nothing to do."""
    with everything(_REASON):
        _move(move_id)
        settle_late_writes()


@transactional
def _move(move_id: int) -> None:
    # Written first: two workers at once would else both begin (SQLite knows no row locks).
    db.session.execute(update(_MOVES).where(_MOVES.c.id == move_id).values(heartbeat_at=clock.now()))
    move = db.session.get_one(AreaMove, move_id, populate_existing=True)
    if move.state is not MoveState.RUNNING:
        return
    statistics.claim()
    _renew_venues(move)
    if move.venue_id is None:
        area_totals.shift_area(move.from_code, move.to_code)
        _note_former(move)
    else:
        area_totals.shift_venue(move.venue_id, move.from_code, move.to_code)
    rows = _rewrite(move)
    db.session.expire_all()
    if move.venue_id is not None:
        settle_managers(move.venue_id)
    move.state, move.done, move.total, move.finished_at = MoveState.FINISHED, rows, rows, clock.now()
    move.updated_at = clock.now()
    changes = {"name": move.name, "code": [move.from_code, move.to_code], "rows": rows}
    audit.record(SYSTEM, "area.moved", subject=move, area_code=move.area_code, changes=changes)
    area_tree.changed()


def _renew_venues(move: AreaMove) -> None:
    """Scans that remember a venue as it was read it again: theirs is not the edition any more."""
    own = _VENUES.c.area_code.startswith(move.from_code) if move.venue_id is None else _VENUES.c.id == move.venue_id
    db.session.execute(update(_VENUES).where(own).values(updated_at=clock.now()))


def _note_former(move: AreaMove) -> None:
    """The codes that are left lead to the new ones, and the area hangs on its new parent."""
    new_code = literal(move.to_code) + func.substr(_AREAS.c.code, len(move.from_code) + 1)
    left = select(_AREAS.c.code, new_code, literal(clock.now(), _FORMER.c.moved_at.type))
    below = _AREAS.c.code.startswith(move.from_code)
    db.session.execute(insert(_FORMER).from_select(["code", "area_code", "moved_at"], left.where(below)))
    own = _AREAS.c.code == move.from_code
    db.session.execute(update(_AREAS).where(own).values(parent_code=parent_code(move.to_code)))


def _rewrite(move: AreaMove) -> int:
    """Return how many rows have got their new code."""
    done = 0
    for column in moved_columns():
        done += _rewrite_column(column, move)
        _tell(move.id, done)
    return done


def _rewrite_column(column: Column[str], move: AreaMove) -> int:
    new_code = literal(move.to_code) + func.substr(column, len(move.from_code) + 1)
    condition = affected(column, move.from_code, move.venue_id)
    if condition is None:
        return 0
    changed = db.session.execute(update(column.table).where(condition).values({column.name: new_code}))
    return int(changed.rowcount)


def _tell(move_id: int, done: int) -> None:
    """How far it is, for those who watch: the transaction itself shows nothing before it ends."""
    try:
        redis_connection().set(f"area-move:{move_id}", done, ex=_KEPT_SECONDS)
    except RedisError:
        current_app.logger.warning("the progress of a move is not shown: Redis does not answer")


def progress_of(move: AreaMove) -> int:
    """Return how many rows a move that is being made has rewritten so far."""
    if move.state is not MoveState.RUNNING:
        return move.done
    try:
        return int(redis_connection().get(f"area-move:{move.id}") or 0)
    except RedisError:
        return 0


def settle_late_writes() -> int:
    """Return how many rows followed late: written with a code that had been read before its move."""
    since = clock.now() - _LATE_WRITES
    recent = select(AreaMove).where(AreaMove.state == MoveState.FINISHED, AreaMove.finished_at >= since)
    return sum(_settle(move) for move in db.session.execute(recent.order_by(AreaMove.id)).scalars().all())


@transactional
def _settle(move: AreaMove) -> int:
    if _has_moved_on(move):
        return 0
    hours = db.session.execute(_late_entries(move)).all()
    moved = [column for column in moved_columns() if column.table not in _TOTALS and column.table is not _FORMER]
    rows = sum(_rewrite_column(each, move) for each in moved)
    zone = statistics.profile().zone
    for venue_id, start in {(venue, clock.hour_bounds(moment, zone)[0]) for venue, moment in hours}:
        statistics.recount(venue_id, start)
    return rows


def _late_entries(move: AreaMove) -> Select[tuple[int, datetime]]:
    found = select(_ENTRIES.c.venue_id, _ENTRIES.c.recorded_at)
    if move.venue_id is not None:
        found = found.where(_ENTRIES.c.venue_id == move.venue_id)
    after = code_after(move.from_code)
    return found.where(_ENTRIES.c.area_code >= move.from_code, _ENTRIES.c.area_code < after)


def _has_moved_on(move: AreaMove) -> bool:
    """Whether the compound lies elsewhere by now: the later move answers for it."""
    if move.venue_id is None:
        return False
    venue = db.session.get_one(Venue, move.venue_id)
    return venue.area_code != move.to_code


@transactional
def revive_silent() -> None:
    """A move whose job was lost is in its queue again; one whose job has failed has failed."""
    silent = select(AreaMove).where(AreaMove.state == MoveState.RUNNING, AreaMove.heartbeat_at < clock.now() - _SILENCE)
    for move in db.session.execute(silent).scalars().all():
        status = _status(job_of(move).name)
        if status in _ON_ITS_WAY:
            continue
        if status is JobStatus.FAILED:
            move.state, move.updated_at = MoveState.FAILED, clock.now()
            continue
        move.attempts, move.heartbeat_at = move.attempts + 1, clock.now()
        enqueue_later(job_of(move))


def _status(job_id: str) -> JobStatus | None:
    try:
        return Job.fetch(job_id, connection=redis_connection()).get_status(refresh=False)
    except NoSuchJobError:
        return None
