"""Who comes through a checkpoint: evidence of the declared origin, the colour at once, a row of the returnees' list (Z-S6)."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy import select

from app import clock
from app.domain.areas import AreaLevel, code_at
from app.domain.colors import Color
from app.domain.gate import Passage
from app.domain.health import EvidenceKind, Reason
from app.domain.labels import N_, Text
from app.domain.returns import assess
from app.domain.risk import RiskLevel
from app.domain.roles import Role
from app.domain.screening import EntryOrigin, ScreeningKind, initial_status
from app.extensions import db
from app.models import Evidence, EvidenceSource, Residency, ScreeningEntry, Venue
from app.models.encryption import key_ring, phone_index
from app.profiles import load_profile
from app.services import areas, audit, evidence, health_colors, health_gate, risk_areas
from app.services.dialects import inserting
from app.services.evidence import NewEvidence
from app.services.filled_form import FilledForm
from app.services.scan_entries import Scan
from babel import Locale

_ENTRIES = ScreeningEntry.__table__
_TIES = Residency.__table__
_VENUES = Venue.__table__
_EVIDENCE = Evidence.__table__
_OF_AN_ORIGIN = (EvidenceKind.RISK_AREA_ARRIVAL, EvidenceKind.OVERSEAS_ARRIVAL)
_SCREENED = (Color.RED, Color.YELLOW)
_NO_DISTRICT = N_("卡口不在任何区县内")


@dataclass(frozen=True)
class Arrival:
    """The passage of whoever arrives, and in one sentence why (the rule's text, or a message id)."""

    passage: Passage
    reason: Text | str = ""


def arrive(form: FilledForm, scan: Scan, passage: Passage, *, person_id: int) -> Arrival:
    """Return the worse of `passage` and the colour to which the declared origin leads, with all that follows from it.

    Part of the transaction in hand, in which the person's row is locked. The same journey declared twice is one
    evidence and one row of the list.
    """
    owner = _owner_of(person_id, scan.venue.area_code)
    _bring(form, scan, owner)
    arrival = explain(form, scan, passage)
    if arrival.passage.color in _SCREENED:
        _list(form, scan, owner, arrival.passage.color)
    return arrival


def explain(form: FilledForm, scan: Scan, passage: Passage) -> Arrival:
    """Return the passage as the person's evidence leaves it, and why; reads only."""
    health = health_colors.color_of(form.document_index, scan.moment)
    reason = health.reasons[0] if health.reasons else None
    if reason is None or health.color.severity > passage.color.severity:
        return Arrival(passage, _reason_of(form, scan) if passage.color is not Color.GREEN else "")
    is_alarming = health.color is Color.RED and any(_is_red_origin(each) for each in health.reasons)
    worse = replace(passage, color=health.color, is_key_area=passage.is_key_area or is_alarming)
    sentence = health_gate.sentence(form.document_index, name=form.name, color=health.color, moment=scan.moment)
    return Arrival(worse, sentence or "")


def _is_red_origin(reason: Reason) -> bool:
    """Whether the person is red for where the journey began: a guard's alarm is for those (Z-S9, Z47)."""
    return reason.color is Color.RED and reason.rule.kind in _OF_AN_ORIGIN


def _reason_of(form: FilledForm, scan: Scan) -> str:
    profile = load_profile(current_app.config["REGION"])
    return assess(profile.quarantine, form.declaration, clock.local_date(scan.moment, profile.zone)).reason


def _owner_of(person_id: int, venue_area: str) -> str:
    """Return the area that answers for the person: the district of the known residence, else the checkpoint's (D11)."""
    query = (
        select(_TIES.c.area_code)
        .join(_VENUES, _VENUES.c.id == _TIES.c.venue_id)
        .where(_TIES.c.person_id == person_id, _TIES.c.ended_at.is_(None))
        .order_by(_TIES.c.id.desc())
    )
    known = db.session.execute(query.limit(1)).scalar() or venue_area
    return code_at(known, AreaLevel.DISTRICT) or known


# -- evidence ----------------------------------------------------------------------------------------------------


def _bring(form: FilledForm, scan: Scan, owner: str) -> None:
    """The declared origin is evidence, once for each day of arrival, whether or not it was ended meanwhile."""
    kind, level = _origin_of(form, _today(scan))
    if kind is None or _is_known(form, kind, level, scan):
        return
    new = NewEvidence(
        document_type=form.document_type,
        document_number=form.document_number,
        name=form.name,
        kind=kind,
        level=level,
        began_at=scan.moment,
        area_code=owner,
        owner_role=Role.DISTRICT_ADMIN,
        source_kind=EvidenceSource.SCAN,
        source_id=scan.entry_id,
    )
    evidence.bring(new, actor=audit.CITIZEN)


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


# -- the returnees' list -----------------------------------------------------------------------------------------


def _told(form: FilledForm, scan: Scan, color: Color) -> dict[str, str]:
    """The other columns of the list's sheet, as far as a checkpoint knows them."""
    declared = form.declaration
    country = Locale("zh").territories.get(declared.origin_country or "", "")
    origin = (
        areas.full_name(declared.origin_area_code, top=AreaLevel.PROVINCE) if declared.origin_area_code else country
    )
    return {"origin": origin, "checkpoint": scan.venue.name, "color": color.label}


def _list(form: FilledForm, scan: Scan, owner: str, color: Color) -> None:
    """The person stands on 「中高风险返郑人员」, once for a journey (Z-T5, D11)."""
    declared = form.declaration
    origin = declared.origin_country or declared.origin_area_code or ""
    journey = (form.document_index.hex(), _today(scan).isoformat(), origin)
    is_placed = len(owner) == AreaLevel.DISTRICT.code_length
    values: dict[str, Any] = {
        "kind": ScreeningKind.RISK_AREA_RETURNEE,
        "source": EntryOrigin.CHECKPOINT,
        "identity_index": key_ring().blind_index("list identity", "\x1f".join(("checkpoint", *journey))),
        "area_code": owner,
        "undispatched_reason": None if is_placed else _NO_DISTRICT,
        "dispatched_at": scan.moment if is_placed else None,
        "listed_on": _today(scan),
        "name": form.name,
        "document_type": form.document_type,
        "document_number": form.document_number,
        "document_index": form.document_index,
        "phone": form.phone,
        "phone_index": phone_index(form.phone),
        "particulars": json.dumps(_told(form, scan, color)),
        "status": initial_status(ScreeningKind.RISK_AREA_RETURNEE).name,
        "created_at": scan.moment,
        "updated_at": scan.moment,
        "version": 1,
    }
    adding = inserting(_ENTRIES).values(values).on_conflict_do_nothing(index_elements=["kind", "identity_index"])
    number = db.session.execute(adding.returning(_ENTRIES.c.id)).scalar()
    if number is not None:
        changes = {"color": [None, color.name]}
        audit.record(
            audit.SYSTEM, "list_returnee", subject=number, subject_type=_ENTRIES.name, area_code=owner, changes=changes
        )
