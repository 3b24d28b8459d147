"""What an office does with evidence by hand: propose it about somebody, end it (X3, issue 2.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import current_app
from sqlalchemy import select

from app import clock
from app.access import everything
from app.domain.documents import DocumentType, check_document
from app.domain.errors import DomainError
from app.domain.health import EvidenceKind
from app.domain.labels import N_
from app.domain.risk import RiskLevel
from app.domain.text import person_name
from app.extensions import db
from app.models import Account, ColorChange, Evidence, EvidenceSource, Person
from app.models.encryption import document_index
from app.profiles import load_profile
from app.services import evidence, second_person
from app.services.audit import Actor
from app.services.evidence import NewEvidence
from app.services.transaction import transactional

_MOST_ROWS = 200


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What a form says: about whom, what, since which day until which, on which ground, and why."""

    document_type: DocumentType
    document_number: str
    name: str
    kind: EvidenceKind
    level: RiskLevel | None
    from_day: date
    until_day: date | None
    ground: str
    text: str


def propose(proposal: Proposal, *, account: Account) -> Evidence:
    """Evidence by hand that waits for another person; the proposer's office answers for it.

    The transaction is that of `evidence.propose`: around it, a refusal would take its alarm back with it.
    Errors: those of a document number, evidence_name, evidence_level, evidence_days, and of `evidence.propose`.
    """
    zone = load_profile(current_app.config["REGION"]).zone
    today = clock.local_date(clock.now(), zone)
    number = check_document(proposal.document_type, proposal.document_number, today=today)
    _check(proposal, number, today)
    if account.role is None or not account.area_code:
        raise DomainError(N_("您的账号不能录入依据"), code="role")
    needs_level = proposal.kind is EvidenceKind.RISK_AREA_ARRIVAL
    new = NewEvidence(
        document_type=proposal.document_type,
        document_number=number,
        name=person_name(proposal.name),
        kind=proposal.kind,
        level=proposal.level if needs_level else None,
        began_at=clock.day_bounds(proposal.from_day, zone)[0],
        ends_at=clock.day_bounds(proposal.until_day, zone)[1] if proposal.until_day else None,
        area_code=account.area_code,
        owner_role=account.role,
        source_kind=EvidenceSource.MANUAL,
    )
    return evidence.propose(new, ground=proposal.ground, text=proposal.text, account=account)


def _check(proposal: Proposal, number: str, today: date) -> None:
    known = _known_name(document_index(proposal.document_type.name, number))
    if not person_name(proposal.name) or (known is not None and known != person_name(proposal.name)):
        message = N_("姓名与该证件号的登记信息不一致，请核对后再提交")
        raise DomainError(message, code="evidence_name", field="name")
    if proposal.kind is EvidenceKind.RISK_AREA_ARRIVAL and proposal.level is None:
        raise DomainError(N_("请选择风险等级"), code="evidence_level", field="level")
    if proposal.from_day > today:
        raise DomainError(N_("开始日期不能晚于今天"), code="evidence_days", field="from_day")
    if proposal.until_day is not None and proposal.until_day < proposal.from_day:
        raise DomainError(N_("结束日期不能早于开始日期"), code="evidence_days", field="until_day")


def _known_name(index: bytes) -> str | None:
    with everything("whether a number and a name belong together, wherever the person is registered"):
        query = select(Person.__table__.c.name).where(Person.__table__.c.document_index == index)
        return db.session.execute(query).scalar()


@transactional
def end(row: Evidence, *, reason: str, account: Account) -> Evidence:
    """The evidence colours nobody from now on, by its owner's word or somebody's above. Errors: role, area, level."""
    second_person.check_owner(row.owner_role, account, area_code=row.area_code)
    return evidence.end(row.id, reason=reason, actor=Actor.of(account))


def about(index: bytes) -> Sequence[Evidence]:
    """All evidence about a person, whoever owns it, the latest first; only behind a purpose on record."""
    with everything("everything that was ever known about a person, for whoever gave a purpose"):
        query = select(Evidence).where(Evidence.document_index == index).order_by(Evidence.id.desc())
        return db.session.execute(query.limit(_MOST_ROWS)).scalars().all()


def changes_of(index: bytes) -> Sequence[ColorChange]:
    """The history of a person's colours, the latest first; only behind a purpose on record."""
    with everything("a person's colours, for whoever gave a purpose"):
        query = select(ColorChange).where(ColorChange.document_index == index)
        query = query.order_by(ColorChange.changed_at.desc(), ColorChange.id.desc())
        return db.session.execute(query.limit(_MOST_ROWS)).scalars().all()
