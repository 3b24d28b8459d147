"""Returnees who need attention, as the database finds them (Z-T9); domain/attention.py says the same of one row."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, and_, func, or_, select

from app import clock
from app.domain.attention import (
    LONG_UNCHANGED,
    LONG_UNTOUCHED,
    AttentionPolicy,
    AttentionReason,
    attention,
)
from app.domain.screening import OverseasStatus, ScreeningKind
from app.extensions import db
from app.models import ScreeningEntry
from app.profiles import load_profile

COUNT_CAP = 99


def policy() -> AttentionPolicy:
    """The region's clocks."""
    return load_profile(current_app.config["REGION"]).attention


def reason_of(entry: ScreeningEntry, now: datetime) -> AttentionReason | None:
    """Why the row is marked at `now`; None where it is not."""
    return attention(
        OverseasStatus[entry.status],
        since=entry.worked_at or entry.created_at,
        arrived_at=entry.arrived_at,
        now=now,
        policy=policy(),
    )


def is_marked(now: datetime) -> ColumnElement[bool]:
    """Rows of returnees that are marked at `now`; an index on kind and status holds the few that may be."""
    clocks = policy()
    since = func.coalesce(ScreeningEntry.worked_at, ScreeningEntry.created_at)
    has_arrived = and_(
        ScreeningEntry.status == OverseasStatus.PENDING.name,
        ScreeningEntry.arrived_at.is_not(None),  # or who has not come is neither marked nor unmarked
        ScreeningEntry.arrived_at < now - timedelta(hours=clocks.arrived_hours),
    )
    untouched = _unchanged(LONG_UNTOUCHED, since, now - timedelta(hours=clocks.pending_hours))
    unchanged = _unchanged(LONG_UNCHANGED, since, now - timedelta(hours=clocks.followed_hours))
    may_be = ScreeningEntry.status.in_(sorted(status.name for status in LONG_UNTOUCHED | LONG_UNCHANGED))
    return and_(may_be, or_(has_arrived, untouched, unchanged))


def _unchanged(
    statuses: frozenset[OverseasStatus], since: ColumnElement[datetime], before: datetime
) -> ColumnElement[bool]:
    return and_(ScreeningEntry.status.in_(sorted(status.name for status in statuses)), since < before)


def count() -> int:
    """How many returnees of the scope in hand are marked now, COUNT_CAP + 1 for more than COUNT_CAP."""
    marked = select(ScreeningEntry.id).where(
        ScreeningEntry.kind == ScreeningKind.OVERSEAS_RETURNEE, is_marked(clock.now())
    )
    return db.session.execute(select(func.count()).select_from(marked.limit(COUNT_CAP + 1).subquery())).scalar_one()
