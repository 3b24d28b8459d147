"""What is declared in an application becomes evidence, answered for by the district of the code (Z-H1, D9, issue 2.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from flask import current_app

from app import clock
from app.domain.declared_health import DeclaredFact, declared_facts
from app.domain.risk import RiskLevel, worst
from app.domain.roles import Role
from app.models import EvidenceSource
from app.profiles import load_profile
from app.services import evidence, risk_areas
from app.services.audit import CITIZEN
from app.services.code_applications import Application
from app.services.code_owners import CodeOwner
from app.services.evidence import NewEvidence


@dataclass(frozen=True)
class Declared:
    """About whom, in which form, and the district that answers for it."""

    owner: CodeOwner
    source: EvidenceSource
    form_id: int
    area_code: str
    moment: datetime


def bring(application: Application, *, declaration_id: int, moment: datetime) -> None:
    """Every risk in the form is evidence; part of the transaction in hand. The same form again brings nothing new."""
    facts = declared_facts(
        application.condition,
        application.declaration,
        has_contact=application.has_contact,
        origin_level=_origin_level(application, clock.local_date(moment, _zone())),
    )
    source = EvidenceSource.DECLARATION
    bring_facts(Declared(application, source, declaration_id, application.area_code, moment), facts)


def bring_facts(declared: Declared, facts: Iterable[DeclaredFact]) -> None:
    """Each fact is evidence in force, once however often the form comes; part of the transaction in hand."""
    for fact in facts:
        evidence.bring(_evidence(declared, fact), actor=CITIZEN)


def _evidence(declared: Declared, fact: DeclaredFact) -> NewEvidence:
    return NewEvidence(
        document_type=declared.owner.document_type,
        document_number=declared.owner.document_number,
        name=declared.owner.name,
        kind=fact.kind,
        level=fact.level,
        began_at=clock.day_bounds(fact.since, _zone())[0] if fact.since else declared.moment,
        area_code=declared.area_code,
        owner_role=Role.DISTRICT_ADMIN,
        source_kind=declared.source,
        source_id=declared.form_id,
    )


def _zone() -> tzinfo:
    return load_profile(current_app.config["REGION"]).zone


def _origin_level(application: Application, today: date) -> RiskLevel | None:
    """The worse of the level on the day of arrival and today's: a place may be listed days after one has left it."""
    declared = application.declaration
    if declared.origin_area_code is None:
        return None
    days = {declared.arrival_date or today, today}
    levels = [level for day in days if (level := risk_areas.level_on(declared.origin_area_code, day)) is not None]
    return worst(levels)
