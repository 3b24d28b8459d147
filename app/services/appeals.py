"""Appeals: from the person to whoever owns the evidence, with a deadline and an answer (X2, issue 2.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.access import everything
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import Account, Appeal, AppealPhoto, AppealState, Evidence
from app.services import audit, evidence, files, health_rules, second_person
from app.services.audit import CITIZEN, Actor
from app.services.photos import check_count
from app.services.transaction import transactional

_LONGEST = 1000
_MOST_PHOTO_BYTES = 5 * 1024 * 1024
_LOOKS_OF_PHOTOS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_OWN = "the person's own evidence and appeals, wherever they belong"


@transactional
def open(document_index: bytes, evidence_id: int, *, reason: str, photos: Sequence[bytes] = ()) -> Appeal:
    """The person's appeal waits for an answer. Errors: reason, photos, photo_type, evidence, appealed."""
    policy, moment = health_rules.policy(), clock.now()
    reason = _text(reason, field="reason")
    _check_photos(photos, most=policy.appeal_photos)
    with everything(_OWN):
        found = db.session.get(Evidence, evidence_id)
        if found is None or found.document_index != document_index or not found.state.counts or found.ended_at:
            raise DomainError(N_("这条依据已不生效，无需申诉"), code="evidence")
        appeal = Appeal(
            document_index=document_index,
            evidence_id=evidence_id,
            reason=reason,
            state=AppealState.OPEN,
            owner_role=found.owner_role,
            area_code=found.area_code,
            created_at=moment,
            due_at=moment + timedelta(hours=policy.appeal_hours),
        )
        _add(appeal)
        for position, photo in enumerate(photos):
            file_id = files.save(BytesIO(photo), name=f"appeal-{appeal.id}-{position}")
            db.session.add(AppealPhoto(appeal_id=appeal.id, position=position, file_id=file_id))
        audit.record(CITIZEN, "open_appeal", subject=appeal, area_code=appeal.area_code)
    return appeal


def _add(appeal: Appeal) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(appeal)
    except IntegrityError:
        raise DomainError(N_("您对这条依据的申诉正在处理"), code="appealed") from None


def _text(text: str, *, field: str) -> str:
    text = text.strip()
    if not text or len(text) > _LONGEST:
        raise DomainError(N_("请填写理由（不超过 1000 字）"), code="reason", field=field)
    return text


def _check_photos(photos: Sequence[bytes], *, most: int) -> None:
    check_count(len(photos), most=most)
    for photo in photos:
        if len(photo) > _MOST_PHOTO_BYTES or not photo.startswith(_LOOKS_OF_PHOTOS):
            message = N_("照片须为 JPG 或 PNG 格式，每张不超过 5 MB")
            raise DomainError(message, code="photo_type", field="photos")


@transactional
def grant(appeal_id: int, *, answer: str, account: Account) -> Appeal:
    """The appeal holds: its evidence ends and the colour follows. Errors: answer, appeal_state, role, area, level."""
    appeal = _decide(appeal_id, AppealState.GRANTED, answer, account)
    evidence.end(appeal.evidence_id, reason=N_("申诉成立"), actor=Actor.of(account))
    return appeal


@transactional
def deny(appeal_id: int, *, answer: str, account: Account) -> Appeal:
    """The evidence stands, for the reason given. Errors as for `grant`."""
    return _decide(appeal_id, AppealState.DENIED, answer, account)


def _decide(appeal_id: int, state: AppealState, answer: str, account: Account) -> Appeal:
    answer = _text(answer, field="answer")
    query = select(Appeal).where(Appeal.id == appeal_id).with_for_update()
    appeal = db.session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if appeal is None or appeal.state is not AppealState.OPEN:
        raise DomainError(N_("这条申诉已处理"), code="appeal_state")
    second_person.check_owner(appeal.owner_role, account, area_code=appeal.area_code)
    appeal.state, appeal.answer = state, answer
    appeal.decided_by_id, appeal.decided_at = account.id, clock.now()
    audit.record(Actor.of(account), f"{state.name.lower()}_appeal", subject=appeal, area_code=appeal.area_code)
    return appeal


def of_person(document_index: bytes) -> Sequence[Appeal]:
    """The person's appeals, the latest first."""
    with everything(_OWN):
        query = select(Appeal).where(Appeal.document_index == document_index).order_by(Appeal.id.desc())
        return db.session.execute(query.limit(50)).scalars().all()


def overdue_count(moment: datetime) -> int:
    """How many appeals in scope are open past their deadline, for the dashboard."""
    query = select(func.count()).select_from(Appeal).where(Appeal.state == AppealState.OPEN, Appeal.due_at <= moment)
    return db.session.execute(query).scalar_one()
