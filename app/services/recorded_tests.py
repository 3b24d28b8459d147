"""A test's result that somebody records by hand: a negative one ends what it disproves, a positive one waits (2.1, X3)."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy import select

from app import clock
from app.access import everything
from app.domain.areas import AreaLevel, code_at
from app.domain.labels import Labelled
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, ChangeCause, Evidence, EvidenceSource, EvidenceState, ScreeningEntry
from app.profiles import load_profile
from app.services import change_sets, evidence
from app.services.audit import Actor
from app.services.change_sets import Change
from app.services.evidence import NewEvidence
from app.services.lists import ListEvidence, list_of

_ANYBODY = "a test's result is about a person, wherever evidence was brought"


def recorded(entry: ScreeningEntry, new: Labelled, *, actor: Actor) -> None:
    """What follows for the person's colour, in the transaction in hand. One account's word colours nobody."""
    declared = list_of(entry.kind).evidence
    if declared is None or declared.status is None or entry.document_index is None:
        return
    if new is declared.disproves:
        evidence.tested_negative(entry.document_index, taken_at=_taken_at(entry), actor=actor)
    account = db.session.get(Account, actor.id) if actor.id else None
    if new is declared.status and account is not None:
        _submit(entry, declared, account)


def _submit(entry: ScreeningEntry, declared: ListEvidence, account: Account) -> None:
    with everything(_ANYBODY):
        query = select(Evidence.id).where(
            Evidence.source_kind.in_([kind for kind in EvidenceSource if kind.is_list]),
            Evidence.source_id == entry.id,
            Evidence.state.in_((EvidenceState.WAITING, EvidenceState.IN_FORCE)),
            Evidence.ended_at.is_(None),
        )
        if db.session.execute(query).first() is not None or not entry.document_number or not entry.document_type:
            return
    kind, district = declared.kind_of(entry.category), code_at(entry.area_code, AreaLevel.DISTRICT)
    new = NewEvidence(
        document_type=entry.document_type,
        document_number=entry.document_number,
        name=entry.name or "",
        kind=kind,
        level=declared.level,
        began_at=_taken_at(entry),
        area_code=district or entry.area_code,
        owner_role=Role.DISTRICT_ADMIN if district else Role.CITY_ADMIN,
        source_kind=declared.source,
        source_id=entry.id,
    )
    change = Change(cause=ChangeCause.OTHER, cause_id=entry.id, title=kind.label, brings=[new])
    change_sets.submit(change, account=account, must_wait=True)


def _taken_at(entry: ScreeningEntry) -> datetime:
    zone = load_profile(current_app.config["REGION"]).zone
    return clock.day_bounds(entry.listed_on, zone)[0] if entry.listed_on else clock.now()
