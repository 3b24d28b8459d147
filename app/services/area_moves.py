"""An area or a compound under another parent, with everything that hangs on it: a job, one transaction (Z-A1, decision 1).

Codes are hierarchical, so a move gives the whole subtree new ones, in every column of the type AreaCode. What stays is
the audit trail, which nobody rewrites, and published codes. Codes that were left are never given again and still lead
to the area.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, and_, func, select

from app import clock
from app.access import current_scope, everything
from app.domain.area_moves import MOVABLE, common_area, free_code
from app.domain.areas import area_level, code_after, lies_within, parent_code
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.venues import VenueFamily
from app.extensions import db
from app.models import Account, AreaMove, MoveState, Venue
from app.models.types import AreaCode
from app.services import area_edits, audit, turns
from app.services.audit import Actor
from app.services.queueing import QueuedJob, enqueue_later
from app.services.transaction import transactional
from app.services.turns import Turn

QUEUE = "imports"
_JOB = "app.jobs.areas.move"
_JOB_SECONDS = 6 * 3600
_REASON = "what hangs on an area is counted and moved whoever may see it"
# Columns of the type that keep their codes, and why.
LEFT = {
    ("audit_event", "area_code"): "the trail says what was; nobody rewrites it",
    ("area", "official_code"): "what was published stays so",
}


@dataclass(frozen=True)
class Preview:
    """What a move would do: from where to where, and how many rows of which tables come along."""

    name: str
    from_code: str
    to_code: str
    counts: tuple[tuple[str, int], ...]
    venue_id: int | None = None

    @property
    def total(self) -> int:
        """All rows that come along."""
        return sum(count for _table, count in self.counts)


def moved_columns() -> list[Column[str]]:
    """Return every column of the database that follows a move, from the tables themselves."""
    return [
        column
        for table in db.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, AreaCode) and (table.name, column.name) not in LEFT
    ]


def venue_column(column: Column[str]) -> Column[int] | None:
    """Return the column that says whose venue the row of such a code is; None where the code is no venue's."""
    table = column.table
    if table.name == Venue.__tablename__:
        return table.c.id
    name = column.name.replace("area_code", "venue_id")
    return None if name == column.name else table.c.get(name)


def affected(column: Column[str], from_code: str, venue_id: int | None) -> ColumnElement[bool] | None:
    """Return which rows of the column's table come along; None where none can."""
    if venue_id is None:
        return and_(column >= from_code, column < code_after(from_code))
    own = venue_column(column)
    return None if own is None else and_(own == venue_id, column == from_code)


def preview_area(code: str, target: str) -> Preview:
    """Return what moving the area would do. Errors: those of `area_edits.find`; area_level, area_target, no_free_code."""
    area = area_edits.find(code)
    if area_level(code) not in MOVABLE:
        raise DomainError(N_("只能移动街道和社区"), code="area_level", field="target")
    parent = area_edits.find(target)
    if area_level(parent.code) is not area_level(code).parent or parent.code == parent_code(code):
        raise DomainError(N_("请选择另一个同级的上级区划"), code="area_target", field="target")
    new = free_code(parent.code, area_edits.taken_codes(parent.code), like=code)
    return Preview(area.name, code, new, _counts(code, None))


def preview_venue(venue: Venue, target: str) -> Preview:
    """Return what moving the compound would do. Errors: those of `area_edits.find`; area_level, area_target."""
    if venue.kind.family is not VenueFamily.COMPOUND:
        raise DomainError(N_("只能移动小区"), code="area_level", field="target")
    area_edits.find(venue.area_code)
    community = area_edits.find(target)
    if area_level(community.code) is not area_level(venue.area_code) or community.code == venue.area_code:
        raise DomainError(N_("请选择另一个同级的上级区划"), code="area_target", field="target")
    return Preview(venue.name, venue.area_code, community.code, _counts(venue.area_code, venue.id), venue.id)


def _counts(from_code: str, venue_id: int | None) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    with everything(_REASON):
        for column in moved_columns():
            condition = affected(column, from_code, venue_id)
            if condition is None:
                continue
            count = db.session.execute(select(func.count()).select_from(column.table).where(condition)).scalar_one()
            found[column.table.name] = max(found.get(column.table.name, 0), count)
    return tuple((table, count) for table, count in found.items() if count)


@transactional
def order(seen: Preview, *, account: Account) -> AreaMove:
    """Return the move that a job makes; what was seen is looked at anew first. Errors: move_running, those of previews."""
    turns.take(Turn.AREA_MOVE)  # before it is asked whether another is ordered
    with everything("one at a time, whoever moves"):
        is_running = select(AreaMove.id).where(AreaMove.state == MoveState.RUNNING)
        if db.session.execute(is_running).first() is not None:
            raise DomainError(N_("有区划正在移动，请等它完成"), code="move_running")
    moment = clock.now()
    made = AreaMove(
        area_code=common_area((seen.from_code, seen.to_code)),
        from_code=seen.from_code,
        to_code=seen.to_code,
        name=seen.name,
        venue_id=seen.venue_id,
        state=MoveState.RUNNING,
        total=seen.total,
        created_by_id=account.id,
        heartbeat_at=moment,
        created_at=moment,
        updated_at=moment,
    )
    if not current_scope().covers(made.area_code):
        raise DomainError(N_("只能操作管辖范围内的区划"), code="area_outside", field="target")
    db.session.add(made)
    db.session.flush()
    changes = {"name": seen.name, "code": [seen.from_code, seen.to_code], "rows": seen.total}
    audit.record(Actor.of(account), "area.move", subject=made, area_code=made.area_code, changes=changes)
    enqueue_later(job_of(made))
    return made


def job_of(move: AreaMove) -> QueuedJob:
    """Return the job that makes the move, another with every attempt."""
    return QueuedJob(QUEUE, _JOB, move.id, f"area-move-{move.id}-{move.attempts}", _JOB_SECONDS)


def managers_of(venue_id: int) -> Sequence[Account]:
    """Return the accounts that manage the compound."""
    linked = select(Account).where(Account.venue_links.any(venue_id=venue_id))
    return db.session.execute(linked).scalars().all()


def settle_managers(venue_id: int) -> None:
    """Every account that manages the compound stands at an area that holds all its compounds."""
    for account in managers_of(venue_id):
        codes = [link.area_code for link in account.venue_links]
        if account.area_code and any(not lies_within(code, account.area_code) for code in codes):
            account.area_code = common_area(codes)
