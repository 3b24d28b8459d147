"""A person's ties as a scan meets them: made by the first one, raised by a declaration, never lowered (Z-S4, Z-R2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.sql.expression import ClauseElement

from app import clock
from app.domain.colors import Color
from app.domain.gate import Obligation, Passage, Tie, after_declaration, judge, judge_declared, needs_binding
from app.domain.labels import N_
from app.domain.quarantine import QuarantineStatus, status_after_scan
from app.domain.returns import Assessment, ReturnDeclaration, assess
from app.extensions import db
from app.models import Residency, Venue
from app.profiles import load_profile
from app.services import audit
from app.services.prepared import Prepared
from app.services.scan_entries import Scan

_TIES = Residency.__table__
LATER = ("id", "ended_at", "ended_remark")


@dataclass(frozen=True, kw_only=True)
class ScannedForm:
    """The form behind a scan: whose it is, what it declares, whether it was filled in just now, by the person known
    under that number or somebody under another name, and whether it is the person's first."""

    person_id: int
    registration_id: int
    declaration: ReturnDeclaration
    is_new: bool
    is_own: bool = True
    is_first: bool = False


@dataclass(frozen=True)
class _ActiveTie:
    id: int
    area_code: str
    tie: Tie

    @property
    def obligation(self) -> Obligation:
        return Obligation(status=self.tie.status, since=self.tie.since, is_key_area=self.tie.is_key_area)


def settle(scan: Scan, form: ScannedForm) -> Passage:
    """Make the person's ties what this scan makes of them, and return the passage; the person's row is locked."""
    profile = load_profile(current_app.config["REGION"])
    today = clock.local_date(scan.moment, profile.zone)
    assessment = assess(profile.quarantine, form.declaration, today)
    active = [] if form.is_first else _active_ties(form.person_id, scan)
    if needs_binding(venue_binds=scan.venue.kind.binds, ties=[one.tie for one in active]):
        active.append(_bind(scan, form, assessment))
    else:
        active = [_after_scan(one, scan, form, assessment) for one in active]
    if not active:
        return judge_declared(assessment, today, profile.quarantine)
    ties = [one.tie for one in active]
    passage = judge(ties, venue_binds=scan.venue.kind.binds, today=today, policy=profile.quarantine)
    return passage if form.is_own else _seen_at_gate(passage, judge_declared(assessment, today, profile.quarantine))


def _seen_at_gate(passage: Passage, declared: Passage) -> Passage:
    """The worse of the two: whoever types a number under another name is judged here and obliges nobody."""
    color = Color.worst((passage.color, declared.color))
    return replace(passage, color=color, is_key_area=passage.is_key_area or declared.is_key_area)


def would_bind(person_id: int, scan: Scan) -> bool:
    """Return whether a scan ties the person to the venue."""
    ties = [one.tie for one in _active_ties(person_id, scan)]
    return needs_binding(venue_binds=scan.venue.kind.binds, ties=ties)


def tie(scan: Scan, form: ScannedForm) -> int:
    """Return the id of the person's tie to the venue, made now where there is none."""
    profile = load_profile(current_app.config["REGION"])
    assessment = assess(profile.quarantine, form.declaration, clock.local_date(scan.moment, profile.zone))
    here = next((one for one in _active_ties(form.person_id, scan) if one.tie.is_here), None)
    made = _bind(scan, form, assessment) if here is None else _after_scan(here, scan, form, assessment)
    return made.id


def _active_ties(person_id: int, scan: Scan) -> list[_ActiveTie]:
    venue = Venue.__table__.c
    columns = (_TIES.c.id, _TIES.c.area_code, _TIES.c.venue_id, venue.kind, _TIES.c.status)
    query = (
        select(*columns, _TIES.c.quarantine_since, _TIES.c.is_key_area)
        .join(Venue.__table__, venue.id == _TIES.c.venue_id)
        .where(_TIES.c.person_id == person_id, _TIES.c.ended_at.is_(None))
    )
    return [
        _ActiveTie(
            row.id,
            row.area_code,
            Tie(
                is_here=row.venue_id == scan.venue.id,
                binds=row.kind.binds,
                status=row.status,
                since=row.quarantine_since,
                is_key_area=row.is_key_area,
            ),
        )
        for row in db.session.execute(query)
    ]


def _add_tie(_dialect: Any) -> ClauseElement:
    given = {column.name: bindparam(column.name, type_=column.type) for column in _TIES.c if column.name not in LATER}
    return insert(_TIES).values(given).returning(_TIES.c.id)


ADD_TIE = Prepared(_add_tie)


def tie_values(scan: Scan, form: ScannedForm, assessment: Assessment) -> dict[str, Any]:
    """Return a new tie's row, under the obligation that the form leads to."""
    return {
        "person_id": form.person_id,
        "venue_id": scan.venue.id,
        "area_code": scan.venue.area_code,
        "registration_id": form.registration_id,
        "status": assessment.status,
        "quarantine_since": assessment.since,
        "is_key_area": assessment.is_key_area,
        "status_reason": assessment.reason,
        "created_at": scan.moment,
        "updated_at": scan.moment,
        "has_health_certificate": False,
        "version": 1,
    }


def _bind(scan: Scan, form: ScannedForm, assessment: Assessment) -> _ActiveTie:
    """Tie the person to the venue, under the obligation that the form leads to."""
    residency_id = ADD_TIE.run(db.session.connection(), tie_values(scan, form, assessment))[0][0]
    if assessment.status is QuarantineStatus.PENDING:
        _tell(
            residency_id, scan.venue.area_code, before=None, after=_obligation_of(assessment), reason=assessment.reason
        )
    tie = Tie(
        is_here=True,
        binds=True,
        status=assessment.status,
        since=assessment.since,
        is_key_area=assessment.is_key_area,
    )
    return _ActiveTie(residency_id, scan.venue.area_code, tie)


def _obligation_of(assessment: Assessment) -> Obligation:
    return Obligation(status=assessment.status, since=assessment.since, is_key_area=assessment.is_key_area)


def _after_scan(active: _ActiveTie, scan: Scan, form: ScannedForm, assessment: Assessment) -> _ActiveTie:
    """Return the tie as the scan leaves it, changed in the table and on record where it is another."""
    before = active.obligation
    after, reason = before, ""
    if form.is_new and form.is_own:
        after, reason = after_declaration(before, assessment), assessment.reason
    if after == before and active.tie.is_here:
        after, reason = replace(before, status=status_after_scan(before.status)), N_("本人在小区门口扫码")
    changes: dict[str, Any] = {}
    if after != before:
        changes = {"status": after.status, "quarantine_since": after.since, "is_key_area": after.is_key_area}
        changes["status_reason"] = reason
    if form.is_new and form.is_own and active.tie.is_here:
        changes["registration_id"] = form.registration_id
    if not changes:
        return active
    changes |= {"updated_at": scan.moment, "version": _TIES.c.version + 1}
    db.session.execute(update(_TIES).where(_TIES.c.id == active.id).values(changes))
    if after != before:
        _tell(active.id, active.area_code, before=before, after=after, reason=reason)
    else:
        audit.record(
            audit.CITIZEN, "register_again", subject=active.id, subject_type=_TIES.name, area_code=active.area_code
        )
    tie = replace(active.tie, status=after.status, since=after.since, is_key_area=after.is_key_area)
    return replace(active, tie=tie)


def _tell(active_id: int, area_code: str, *, before: Obligation | None, after: Obligation, reason: str) -> None:
    """Put a change of the obligation on record as the system's, with the rule's reason (Z-R2, Z-R7)."""
    changes: dict[str, Any] = {"status": [before.status.name if before else None, after.status.name], "reason": reason}
    if before is None or before.since != after.since:
        changes["quarantine_since"] = [_text(before.since if before else None), _text(after.since)]
    audit.record(
        audit.SYSTEM,
        "quarantine_by_policy",
        subject=active_id,
        subject_type=_TIES.name,
        area_code=area_code,
        changes=changes,
    )


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
