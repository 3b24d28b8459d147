"""Who comes through a checkpoint: the colour of the declared origin at once, and a row of the returnees' list (Z-S6)."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, exists, or_, select

from app import clock
from app.domain.areas import AreaLevel, code_at
from app.domain.colors import Color
from app.domain.gate import Passage
from app.domain.health import EvidenceKind, Reason
from app.domain.labels import N_, Text
from app.domain.returns import assess
from app.domain.screening import EntryOrigin, ScreeningKind, initial_status
from app.extensions import db
from app.models import Residency, ScreeningEntry, Venue
from app.models.encryption import key_ring, phone_index
from app.profiles import Profile, load_profile
from app.services import areas, audit, health_colors, health_gate, origin_evidence, overseas, risk_areas
from app.services.dialects import inserting
from app.services.filled_form import FilledForm
from app.services.scan_entries import Scan
from babel import Locale

_ENTRIES = ScreeningEntry.__table__
_TIES = Residency.__table__
_VENUES = Venue.__table__
_OF_AN_ORIGIN = (EvidenceKind.RISK_AREA_ARRIVAL, EvidenceKind.OVERSEAS_ARRIVAL)
_NO_DISTRICT = N_("卡口不在任何区县内")
_UNPROVED = N_("仅凭本人填报，尚未核对证件，未据此赋码；请核对证件后处置")


@dataclass(frozen=True)
class Arrival:
    """The passage of whoever arrives, and in one sentence why (the rule's text, or a message id)."""

    passage: Passage
    reason: Text | str = ""


def something_follows(document_index: Any, phone_index: Any, name: Any) -> ColumnElement[bool]:
    """The condition that an arrival is more than its entry: a listed place in the origin (whose `listing_values` the
    statement takes), or a returnee's row of this person."""
    return or_(risk_areas.is_listed(), exists().where(overseas.is_about(document_index, phone_index, name)))


def arrive(form: FilledForm, scan: Scan, passage: Passage, *, person_id: int, is_own: bool) -> Arrival:
    """Return the worse of `passage` and the colour to which the declared origin leads, with all that follows from it.

    Part of the transaction in hand, in which the person's row is locked. The same journey declared twice is one
    evidence and one row of the list. What is not enough for evidence (`is_own`: the document is known under the form's
    name) shows the same at the gate, and the same row waits for somebody who looks at the document.
    """
    owner = partial(_owner_of, person_id, scan.venue.area_code)
    is_brought = origin_evidence.bring(form, scan, owner=owner, is_own=is_own)
    arrival = explain(form, scan, passage if is_brought else _as_declared(form, scan, passage))
    if arrival.passage.color in _profile().abnormal_colors:
        _list(form, scan, owner(), arrival.passage.color, remark=None if is_brought else _UNPROVED)
    return arrival


def _as_declared(form: FilledForm, scan: Scan, passage: Passage) -> Passage:
    """The passage in the colour of the declared origin, where that is worse."""
    reason = origin_evidence.declared_reason(form, scan)
    if reason is None or reason.color.severity > passage.color.severity:
        return passage
    return replace(passage, color=reason.color, is_key_area=passage.is_key_area or _is_alarming(reason))


def explain(form: FilledForm, scan: Scan, passage: Passage) -> Arrival:
    """Return the passage as the person's evidence leaves it, and why; reads only."""
    health = health_colors.color_of(form.document_index, scan.moment)
    reason = health.reasons[0] if health.reasons else None
    if reason is None or health.color.severity > passage.color.severity:
        return Arrival(passage, _reason_of(form, scan, passage) if passage.color is not Color.GREEN else "")
    is_alarming = any(_is_alarming(each) for each in health.reasons)
    worse = replace(passage, color=health.color, is_key_area=passage.is_key_area or is_alarming)
    sentence = health_gate.sentence(form.document_index, name=form.name, color=health.color, moment=scan.moment)
    return Arrival(worse, sentence or "")


def _is_alarming(reason: Reason) -> bool:
    """Whether the person is red for where the journey began: a guard's alarm is for those (Z-S9, Z47).

    Red, or whatever is a region's worst.
    """
    return reason.color is _profile().worst_color and reason.rule.kind in _OF_AN_ORIGIN


def _reason_of(form: FilledForm, scan: Scan, passage: Passage) -> Text | str:
    declared = origin_evidence.declared_reason(form, scan)
    if declared is not None and declared.color is passage.color:
        return declared.sentence
    return assess(_profile().quarantine, form.declaration, _today(scan)).reason


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


def _profile() -> Profile:
    return load_profile(current_app.config["REGION"])


def _today(scan: Scan) -> date:
    return clock.local_date(scan.moment, _profile().zone)


# -- the returnees' list -----------------------------------------------------------------------------------------


def _told(form: FilledForm, scan: Scan, color: Color) -> dict[str, str]:
    """The other columns of the list's sheet, as far as a checkpoint knows them."""
    declared = form.declaration
    country = Locale("zh").territories.get(declared.origin_country or "", "")
    origin = (
        areas.full_name(declared.origin_area_code, top=AreaLevel.PROVINCE) if declared.origin_area_code else country
    )
    return {"origin": origin, "checkpoint": scan.venue.name, "color": color.label}


def _list(form: FilledForm, scan: Scan, owner: str, color: Color, *, remark: str | None) -> None:
    """The person stands on 「中高风险返郑人员」, once for a journey (Z-T5, D11)."""
    values = _row_of(form, scan, owner) | {"particulars": json.dumps(_told(form, scan, color)), "remark": remark}
    adding = inserting(_ENTRIES).values(values).on_conflict_do_nothing(index_elements=["kind", "identity_index"])
    number = db.session.execute(adding.returning(_ENTRIES.c.id)).scalar()
    if number is not None:
        changes = {"color": [None, color.name]}
        audit.record(
            audit.SYSTEM, "list_returnee", subject=number, subject_type=_ENTRIES.name, area_code=owner, changes=changes
        )


def _row_of(form: FilledForm, scan: Scan, owner: str) -> dict[str, Any]:
    declared = form.declaration
    origin = declared.origin_country or declared.origin_area_code or ""
    journey = (form.document_index.hex(), _today(scan).isoformat(), origin)
    is_placed = len(owner) == AreaLevel.DISTRICT.code_length
    return {
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
        "status": initial_status(ScreeningKind.RISK_AREA_RETURNEE).name,
        "created_at": scan.moment,
        "updated_at": scan.moment,
        "version": 1,
    }
