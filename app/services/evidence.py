"""Evidence comes, is ended, and never on one person's word alone (issue 2.1, 2.3; X3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app import clock
from app.access import everything
from app.domain.areas import lies_within
from app.domain.documents import DocumentType
from app.domain.errors import DomainError
from app.domain.health import EvidenceKind
from app.domain.labels import N_
from app.domain.risk import RiskLevel
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, ColorCause, Evidence, EvidenceSource, EvidenceState
from app.models.encryption import document_index
from app.services import audit, evidence_alarms, health_colors, health_rules, second_person, turns
from app.services.audit import SYSTEM, Actor
from app.services.health_colors import Cause
from app.services.transaction import transactional
from app.services.turns import Turn

_ABOUT_ANYBODY = "evidence is about a person, wherever it was brought"
_LONGEST_TEXT = 1000
TESTED_NEGATIVE = N_("核酸检测阴性")


@dataclass(frozen=True, kw_only=True)
class NewEvidence:
    """What is known about whom, since when, from which row, and who answers for it (area and role)."""

    document_type: DocumentType
    document_number: str
    name: str
    kind: EvidenceKind
    began_at: datetime
    area_code: str
    owner_role: Role
    source_kind: EvidenceSource
    source_id: int | None = None
    level: RiskLevel | None = None
    ends_at: datetime | None = None
    batch_id: int | None = None
    change_set_id: int | None = None

    @property
    def document_index(self) -> bytes:
        return document_index(self.document_type.name, self.document_number)

    def row(self, *, state: EvidenceState, brought_by_id: int | None, moment: datetime) -> Evidence:
        """The evidence as a row."""
        return Evidence(
            **vars(self),
            document_index=self.document_index,
            state=state,
            brought_by_id=brought_by_id,
            created_at=moment,
        )


@transactional
def bring(new: NewEvidence, *, actor: Actor) -> Evidence:
    """The evidence is in force and the person's colour follows. The same row again gives the evidence that is there.

    For evidence that follows from one row of its own (a scan's declaration, a test, a visit); by hand it is `propose`,
    for many at once `change_sets.submit`. Error: by_hand.
    """
    if new.source_kind is EvidenceSource.MANUAL:
        raise DomainError(N_("人工录入的依据须经另一人审批"), code="by_hand")
    with everything(_ABOUT_ANYBODY):
        present = _of_source(new)
        if present is not None:
            return present
        row = new.row(state=EvidenceState.IN_FORCE, brought_by_id=actor.id, moment=clock.now())
        db.session.add(row)
        record(actor, "bring_evidence", row)
        recolor(row)
    return row


def _of_source(new: NewEvidence) -> Evidence | None:
    if new.source_id is None:
        return None
    query = select(Evidence).where(
        Evidence.source_kind == new.source_kind,
        Evidence.source_id == new.source_id,
        Evidence.kind == new.kind,
        Evidence.state == EvidenceState.IN_FORCE,
    )
    return db.session.execute(query).scalar_one_or_none()


def record(actor: Actor, action: str, row: Evidence, **changes: Any) -> None:
    """Put it on record; who it is about stands in the row."""
    told = {"kind": row.kind.name, "state": row.state.name, **changes}
    audit.record(actor, action, subject=row, area_code=row.area_code, changes=told)


def recolor(row: Evidence, cause: ColorCause = ColorCause.EVIDENCE) -> None:
    """The person's colour follows the evidence."""
    db.session.flush()
    health_colors.evaluate([row.document_index], cause=Cause(cause, row.id))


@transactional
def end(evidence_id: int, *, reason: str, actor: Actor) -> Evidence:
    """The evidence colours nobody from now on. Nothing happens where it has ended. Errors: reason, evidence_state."""
    if not reason.strip():
        raise DomainError(N_("请填写理由"), code="reason", field="reason")
    with everything(_ABOUT_ANYBODY):
        row = _locked(evidence_id)
        if not row.state.counts:
            raise _wrong_state(row)
        if row.ended_at is None or row.ending_change_set_id is not None:
            row.ended_at, row.end_reason = row.ended_at or clock.now(), reason.strip()
            # Ended for its own sake: whoever takes a mass change back does not bring it into force again.
            row.ending_change_set_id = None
            record(actor, "end_evidence", row)
            recolor(row)
    return row


@transactional
def tested_negative(index: bytes, *, taken_at: datetime, actor: Actor) -> int:
    """What began before the test and by its rule ends with a negative one has ended; return how many."""
    with everything(_ABOUT_ANYBODY):
        found = [number for number, _index, began_at in disprovable([index]) if began_at <= taken_at]
        for number in found:
            end(number, reason=TESTED_NEGATIVE, actor=actor)
    return len(found)


def disprovable(people: Sequence[bytes]) -> list[tuple[int, bytes, datetime]]:
    """The evidence in force about `people` that a negative test ends by the rules in force: number, whose, since when."""
    rules = health_rules.in_force(clock.now()).rules
    columns = Evidence.__table__.c
    query = select(columns.id, columns.document_index, columns.began_at).where(
        columns.document_index.in_(people),
        columns.kind.in_([rule.kind for rule in rules if rule.is_ended_by_negative_test]),
        columns.state.in_([state for state in EvidenceState if state.counts]),
        columns.ended_at.is_(None),
    )
    return [(number, bytes(index), began_at) for number, index, began_at in db.session.execute(query)]


def _locked(evidence_id: int) -> Evidence:
    query = select(Evidence).where(Evidence.id == evidence_id).with_for_update()
    row = db.session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if row is None:
        raise DomainError(N_("没有这条依据"), code="evidence")
    return row


def _wrong_state(row: Evidence) -> DomainError:
    message = N_("这条依据的状态是「%(state)s」，不能进行此操作")
    return DomainError(message, code="evidence_state", state=row.state.label)


def propose(new: NewEvidence, *, ground: str, text: str, account: Account) -> Evidence:
    """The evidence waits for another person's approval (X3). After 20 in an hour an alarm is raised instead.

    Errors: role, ground, text, too_many.
    """
    row = _propose(new, ground=ground, text=text, account=account)
    if row is None:
        most = health_rules.policy().manual_entries_an_hour
        message = N_("一小时内人工录入已达 %(most)s 条，已停止并报警，请联系上级管理员")
        raise DomainError(message, code="too_many", most=most)
    return row


@transactional
def _propose(new: NewEvidence, *, ground: str, text: str, account: Account) -> Evidence | None:
    policy, moment = health_rules.policy(), clock.now()
    if account.role not in policy.proposers:
        raise DomainError(N_("您的账号不能录入依据"), code="role")
    if account.area_code is None or not lies_within(new.area_code, account.area_code):
        raise DomainError(N_("不属于您的辖区"), code="area", field="area_code")
    text = check_ground(ground, text)
    if _proposed_since(account, moment - timedelta(hours=1)) >= policy.manual_entries_an_hour:
        evidence_alarms.about_account(account, most=policy.manual_entries_an_hour, moment=moment)
        return None
    row = new.row(state=EvidenceState.PROPOSED, brought_by_id=account.id, moment=moment)
    row.source_kind, row.ground, row.text = EvidenceSource.MANUAL, ground, text
    row.approve_by = moment + timedelta(hours=policy.approval_hours)
    db.session.add(row)
    record(Actor.of(account), "propose_evidence", row, ground=ground)
    return row


def check_ground(ground: str, text: str) -> str:
    """The reason as it is kept; what is done by hand names a legal ground of the profile. Errors: ground, text."""
    if health_rules.policy().ground(ground) is None:
        raise DomainError(N_("请选择法律依据"), code="ground", field="ground")
    text = text.strip()
    if not text or len(text) > _LONGEST_TEXT:
        raise DomainError(N_("请写明事由（不超过 1000 字）"), code="text", field="text")
    return text


def _proposed_since(account: Account, since: datetime) -> int:
    with everything("how many one account proposed, whatever became of them"):
        # Two requests at once would else both count nineteen.
        turns.take(Turn.MANUAL_EVIDENCE, account.id)
        query = select(func.count()).where(
            Evidence.brought_by_id == account.id,
            Evidence.source_kind == EvidenceSource.MANUAL,
            Evidence.created_at > since,
        )
        return db.session.execute(query).scalar_one()


@transactional
def approve(evidence_id: int, *, account: Account) -> Evidence:
    """The proposed evidence is in force by a second person's word. Errors: evidence_state, lapsed, role, own, level."""
    row = _decidable(evidence_id, account)
    row.state = EvidenceState.APPROVED
    record(Actor.of(account), "approve_evidence", row)
    recolor(row)
    return row


@transactional
def reject(evidence_id: int, *, reason: str, account: Account) -> Evidence:
    """The proposal is turned down. Errors as for `approve`, and reason."""
    if not reason.strip():
        raise DomainError(N_("请填写理由"), code="reason", field="reason")
    row = _decidable(evidence_id, account)
    row.state, row.decision_reason = EvidenceState.REJECTED, reason.strip()
    record(Actor.of(account), "reject_evidence", row)
    return row


def _decidable(evidence_id: int, account: Account) -> Evidence:
    moment = clock.now()
    row = _locked(evidence_id)
    if row.state is EvidenceState.PROPOSED and row.approve_by and row.approve_by <= moment:
        raise DomainError(N_("已超过审批时限，请重新录入"), code="lapsed")
    if row.state is not EvidenceState.PROPOSED:
        raise _wrong_state(row)
    second_person.check(row.brought_by_id, account, area_code=row.area_code)
    row.decided_by_id, row.decided_at = account.id, moment
    return row


@transactional
def lapse_unapproved(moment: datetime) -> int:
    """Proposals that nobody approved in time have lapsed; return how many. For the scheduled job."""
    query = select(Evidence).where(Evidence.state == EvidenceState.PROPOSED, Evidence.approve_by <= moment)
    with everything("proposals of anybody"):
        rows = db.session.execute(query).scalars().all()
        for row in rows:
            row.state = EvidenceState.LAPSED
            record(SYSTEM, "lapse_evidence", row)
    return len(rows)
