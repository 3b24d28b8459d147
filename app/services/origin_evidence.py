"""What a traveller declares at a checkpoint as evidence: of whoever stands there, and never in bulk (X3, X4, Z-S6).

A form is a claim about a document that nobody has seen. It brings evidence only where it was sent from the place, by a
phone, in the name under which the document is known, and within what one phone, one network and one checkpoint plausibly
bring in an hour. Any other form shows its colour at the gate and stands on the list, where a person looks at the document.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date

import redis
from flask import current_app
from sqlalchemy import select

from app import clock
from app.domain.health import EvidenceKind, Fact, Reason, evaluate
from app.domain.risk import RiskLevel
from app.domain.roles import Role
from app.extensions import db
from app.models import EntrySource, Evidence, EvidenceSource
from app.profiles import load_profile
from app.services import audit, evidence, evidence_alarms, health_rules, risk_areas
from app.services.evidence import NewEvidence
from app.services.filled_form import FilledForm
from app.services.limits import Counter, Limit, take
from app.services.scan_entries import Scan

_EVIDENCE = Evidence.__table__
_HOUR = 3600


def declared_reason(form: FilledForm, scan: Scan) -> Reason | None:
    """The worst that the rules in force make of the declared origin alone; reads only."""
    kind, level = _origin_of(form, _today(scan))
    if kind is None:
        return None
    found = evaluate(
        health_rules.in_force(scan.moment), [Fact(kind=kind, level=level, began_at=scan.moment)], scan.moment
    )
    return found.reasons[0] if found.reasons else None


def bring(form: FilledForm, scan: Scan, *, owner: Callable[[], str], is_own: bool) -> bool:
    """The declared origin is evidence, once for each day of arrival, whether or not it was ended meanwhile.

    Return False where the form is not enough for it; `is_own` is whether the document is known under the form's name.
    `owner` tells the area that answers for the person, and is asked for nearly nobody.
    """
    kind, level = _origin_of(form, _today(scan))
    if kind is None:
        return True
    if not is_own or scan.is_remote or scan.source is not EntrySource.SCAN:
        return False
    if _is_known(form, kind, level, scan):
        return True
    if declared_reason(form, scan) is not None and not _is_within_limits(scan):
        return False
    new = NewEvidence(
        document_type=form.document_type,
        document_number=form.document_number,
        name=form.name,
        kind=kind,
        level=level,
        began_at=scan.moment,
        area_code=owner(),
        owner_role=Role.DISTRICT_ADMIN,
        source_kind=EvidenceSource.SCAN,
        source_id=scan.entry_id,
    )
    evidence.bring(new, actor=audit.CITIZEN)
    return True


def _origin_of(form: FilledForm, today: date) -> tuple[EvidenceKind | None, RiskLevel | None]:
    declared = form.declaration
    if declared.is_from_abroad:
        return EvidenceKind.OVERSEAS_ARRIVAL, None
    level = risk_areas.level_on(declared.origin_area_code, today) if declared.origin_area_code else None
    return (None, None) if level is None else (EvidenceKind.RISK_AREA_ARRIVAL, level)


def _is_known(form: FilledForm, kind: EvidenceKind, level: RiskLevel | None, scan: Scan) -> bool:
    start, _end = clock.day_bounds(_today(scan), load_profile(current_app.config["REGION"]).zone)
    query = select(_EVIDENCE.c.id).where(
        _EVIDENCE.c.document_index == form.document_index,
        _EVIDENCE.c.kind == kind,
        _EVIDENCE.c.level.is_(None) if level is None else _EVIDENCE.c.level == level,
        _EVIDENCE.c.source_kind == EvidenceSource.SCAN,
        _EVIDENCE.c.began_at >= start,
    )
    return db.session.execute(query.limit(1)).scalar() is not None


def _today(scan: Scan) -> date:
    return clock.local_date(scan.moment, load_profile(current_app.config["REGION"]).zone)


# -- limits --------------------------------------------------------------------------------------------------------


def _is_within_limits(scan: Scan) -> bool:
    """Count one more person whom this phone, network and checkpoint colour; beyond a limit there is an alarm."""
    policy = health_rules.policy()
    device = (scan.device_index or b"").hex()
    most = policy.mass_change_limit
    try:
        waiting = take(
            Counter(Limit("origin:device", policy.declared_by_device_an_hour, _HOUR), device),
            Counter(Limit("origin:address", most, _HOUR), scan.address),
            Counter(Limit("origin:checkpoint", most, _HOUR), str(scan.venue.id)),
        )
        if waiting and not take(Counter(Limit("origin:alarm", 1, _HOUR), str(scan.venue.id))):
            evidence_alarms.about_checkpoint(scan.venue, moment=scan.moment)
    except redis.RedisError:
        # Nobody is coloured uncounted; gate and list know of the journey all the same.
        logging.getLogger(__name__).warning("Redis does not answer: declared origins colour nobody meanwhile")
        return False
    return not waiting
