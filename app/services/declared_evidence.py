"""What an applicant declares becomes evidence, answered for by the district of residence (Z-H1, issue 2.1)."""

from __future__ import annotations

from datetime import date, datetime

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
from app.services.evidence import NewEvidence


def bring(application: Application, *, declaration_id: int, moment: datetime) -> None:
    """Every risk in the form is evidence; part of the transaction in hand. The same form again brings nothing new."""
    zone = load_profile(current_app.config["REGION"]).zone
    facts = declared_facts(
        application.condition,
        application.declaration,
        has_contact=application.has_contact,
        origin_level=_origin_level(application, clock.local_date(moment, zone)),
    )
    for fact in facts:
        began_at = clock.day_bounds(fact.since, zone)[0] if fact.since else moment
        evidence.bring(_evidence(application, fact, began_at, declaration_id), actor=CITIZEN)


def _evidence(application: Application, fact: DeclaredFact, began_at: datetime, declaration_id: int) -> NewEvidence:
    return NewEvidence(
        document_type=application.document_type,
        document_number=application.document_number,
        name=application.name,
        kind=fact.kind,
        level=fact.level,
        began_at=began_at,
        area_code=application.area_code,
        owner_role=Role.DISTRICT_ADMIN,
        source_kind=EvidenceSource.DECLARATION,
        source_id=declaration_id,
    )


def _origin_level(application: Application, today: date) -> RiskLevel | None:
    """The worse of the level on the day of arrival and today's: a place may be listed days after one has left it."""
    declared = application.declaration
    if declared.origin_area_code is None:
        return None
    days = {declared.arrival_date or today, today}
    levels = [level for day in days if (level := risk_areas.level_on(declared.origin_area_code, day)) is not None]
    return worst(levels)
