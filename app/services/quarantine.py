"""A resident's quarantine, changed only here: allowed by the rules, with its event (Z-R3 to Z-R5, Z-R11)."""

from __future__ import annotations

from datetime import date

from flask import current_app
from sqlalchemy import ColumnElement, select

from app import clock
from app.domain.labels import N_
from app.domain.overseas import Sighting
from app.domain.quarantine import (
    QuarantineAction,
    QuarantineStatus,
    Release,
    began_on,
    check_action,
    check_release,
    is_due_for_release,
)
from app.extensions import db
from app.models import Residency
from app.profiles import Profile, load_profile
from app.services import audit, overseas
from app.services.audit import SYSTEM, Actor
from app.services.transaction import transactional

# The audit trail belongs to whoever appends to it until that transaction ends.
_CHUNK = 50


def _profile() -> Profile:
    return load_profile(current_app.config["REGION"])


def today() -> date:
    """Return the region's calendar day."""
    return clock.local_date(clock.now(), _profile().zone)


@transactional
def confirm(residency: Residency, actor: Actor) -> None:
    """Make a pending quarantine confirmed (Z-R4). Error: quarantine_action."""
    _change(residency, check_action(residency.status, QuarantineAction.CONFIRM), actor, "confirm_quarantine")
    overseas.note(residency.person_id, Sighting.COMPOUND_CONFIRMED)


@transactional
def mark_not_arrived(residency: Residency, actor: Actor) -> None:
    """Note that somebody who should isolate was not found or reached (Z-R5). Error: quarantine_action."""
    result = check_action(residency.status, QuarantineAction.MARK_NOT_ARRIVED)
    _change(residency, result, actor, "mark_not_arrived")


@transactional
def release(residency: Residency, *, reason: str, has_health_certificate: bool, actor: Actor) -> None:
    """End a quarantine on a ground and a health certificate (Z-R3, D2).

    Errors: quarantine_action, key_area_days, release_reason, health_certificate.
    """
    wish = Release(
        status=residency.status,
        since=residency.quarantine_since,
        is_key_area=residency.is_key_area,
        reason=reason,
        has_health_certificate=has_health_certificate,
    )
    result = check_release(wish, today(), days=_profile().quarantine.days)
    residency.has_health_certificate = has_health_certificate
    _change(residency, result, actor, "release_quarantine", reason=reason.strip())


@transactional
def set_by_policy(residency: Residency, status: QuarantineStatus, *, since: date | None, reason: str) -> None:
    """Put a resident under the status that the policy derives from a declaration (Z-R2); done by the system."""
    residency.quarantine_since = since
    _change(residency, status, SYSTEM, "quarantine_by_policy", reason=reason)


def ending_on(day: date) -> ColumnElement[bool]:
    """Return which residents' confirmed quarantine has `day` as its last, so that the system ends it then (Z-R11)."""
    return _is_confirmed() & (Residency.quarantine_since == began_on(day, days=_profile().quarantine.days))


def over_by(day: date) -> ColumnElement[bool]:
    """Return which residents' confirmed quarantine has run its days by `day`."""
    return _is_confirmed() & (Residency.quarantine_since <= began_on(day, days=_profile().quarantine.days))


def _is_confirmed() -> ColumnElement[bool]:
    return (Residency.status == QuarantineStatus.CONFIRMED) & Residency.ended_at.is_(None)


def release_finished(day: date) -> int:
    """End every confirmed quarantine whose days are over on `day` (Z-R11); return how many ended.

    A few at a time, each time a transaction: a stop in the middle loses nothing, the next run goes on with what is
    left, and whoever else changes something waits for those few only.
    """
    if not _profile().quarantine.has_auto_release:
        return 0
    ended = 0
    while released := _release_some(day):
        ended += released
    return ended


@transactional
def _release_some(day: date) -> int:
    # Locked: what a manager is changing this moment is looked at again once that has ended.
    query = select(Residency).where(over_by(day)).order_by(Residency.id).limit(_CHUNK).with_for_update()
    found, days = db.session.execute(query).scalars().all(), _profile().quarantine.days
    due = [row for row in found if is_due_for_release(row.status, row.quarantine_since, day, days=days)]
    for row in due:
        _change(row, QuarantineStatus.RELEASED, SYSTEM, "release_finished", reason=N_("隔离期满，系统自动解除"))
    return len(due)


def _change(
    residency: Residency, status: QuarantineStatus, actor: Actor, action: str, *, reason: str | None = None
) -> None:
    before = residency.status
    residency.status = status
    residency.status_reason = reason
    residency.updated_at = clock.now()
    changes: dict[str, object] = {"status": [before.name if before else None, status.name]}
    if reason:
        changes["reason"] = reason
    audit.record(actor, action, subject=residency, area_code=residency.area_code, changes=changes)
