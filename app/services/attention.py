"""Returnees who need attention, as the database finds them (Z-T9); domain/attention.py says the same of one row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, func, or_, select

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
    """Rows of returnees that are marked at `now`; never NULL, so that its negation is all the others.

    Each way to be marked is a range of an index of the returnees; the statuses in which somebody may be marked at all are
    said for SQLite, which does not put indexes together here.
    """
    clocks = policy()
    # Said in the statement itself: an index of some rows is taken for no parameter.
    kind: BindParameter[Any] = bindparam(
        "returnees", ScreeningKind.OVERSEAS_RETURNEE, literal_execute=True, unique=True
    )
    has_arrived = and_(
        ScreeningEntry.status == OverseasStatus.PENDING.name,
        ScreeningEntry.arrived_at.is_not(None),
        ScreeningEntry.arrived_at < now - timedelta(hours=clocks.arrived_hours),
    )
    untouched = _unchanged(LONG_UNTOUCHED, now - timedelta(hours=clocks.pending_hours))
    unchanged = _unchanged(LONG_UNCHANGED, now - timedelta(hours=clocks.followed_hours))
    may_be = ScreeningEntry.status.in_(sorted(status.name for status in LONG_UNTOUCHED | LONG_UNCHANGED))
    return and_(ScreeningEntry.kind == kind, may_be, or_(has_arrived, *untouched, *unchanged))


def _unchanged(statuses: frozenset[OverseasStatus], before: datetime) -> Sequence[ColumnElement[bool]]:
    """In one of the statuses since a moment before: since somebody's work, else since the row came."""
    may_be = ScreeningEntry.status.in_(sorted(status.name for status in statuses))
    worked_at, created_at = ScreeningEntry.worked_at, ScreeningEntry.created_at
    return (
        and_(may_be, worked_at.is_not(None), worked_at < before),
        and_(may_be, worked_at.is_(None), created_at < before),
    )


def count() -> int:
    """How many returnees of the scope in hand are marked now, COUNT_CAP + 1 for more than COUNT_CAP."""
    marked = select(ScreeningEntry.id).where(is_marked(clock.now()))
    return db.session.execute(select(func.count()).select_from(marked.limit(COUNT_CAP + 1).subquery())).scalar_one()
