"""Another phone for a health code (Z-H2): by its owner, who has both phones at hand, or through the office by two people.

Whoever holds the phone of a code gets the code onto further devices, so nobody's word alone moves it: the old phone
answers, or an office has seen person and document and another account of it or above agrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app import clock
from app.access import everything
from app.domain.areas import lies_within
from app.domain.documents import DocumentType
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.masking import mask_document, mask_name, mask_phone
from app.extensions import db
from app.gateways.sms import SmsTemplate
from app.models import Account, HealthCode, Person, PhoneChange, PhoneChangeState
from app.models.encryption import document_index, phone_index
from app.services import audit, health_rules, held_codes, messages, second_person, verification
from app.services.audit import CITIZEN, Actor
from app.services.held_codes import ShownCode
from app.services.limits import Counter, Limit, take
from app.services.transaction import after_commit, transactional
from app.services.verification import CodeRequest, Purpose, check_code, discard_code

_DAY = 86_400
# For one code: tries with a phone that is not its own, and changes.
WRONG_PHONES = Limit("code:old-phone", 5, _DAY)
CHANGES = Limit("code:phone", 3, _DAY)
_ANYBODY = "a code is found by its owner's document, wherever its owner lives"


@dataclass(frozen=True, kw_only=True)
class NewPhone:
    """What the owner typed: both phones with the codes that were sent to them."""

    old_phone: str
    old_code: str
    new_phone: str
    new_code: str


def send_to_old(shown: ShownCode, old_phone: str, *, address: str | None) -> None:
    """A text message is on its way to the phone on record. Errors: phone_mismatch, phone_too_often, sms_too_often."""
    _check_old(shown, old_phone)
    verification.send_code(CodeRequest(old_phone, Purpose.OLD_PHONE, address))


def send_to_new(new_phone: str, *, address: str | None) -> None:
    """A text message is on its way to the new phone. Error: sms_too_often."""
    verification.send_code(CodeRequest(new_phone, Purpose.NEW_PHONE, address))


@transactional
def change(shown: ShownCode, new: NewPhone) -> None:
    """The code goes by the new phone; the old one is told. Both codes are checked first.

    Errors: phone_mismatch, phone_same, sms_code (of field old_code or new_code), phone_too_often.
    """
    _check_old(shown, new.old_phone)
    if new.new_phone == new.old_phone:
        raise DomainError(N_("新手机号与原手机号相同"), code="phone_same", field="new_phone")
    _check(new.old_phone, new.old_code, Purpose.OLD_PHONE, field="old_code")
    _check(new.new_phone, new.new_code, Purpose.NEW_PHONE, field="new_code")
    if take(Counter(CHANGES, str(shown.code_id))):
        raise DomainError(N_("今天更换的次数过多，请明天再试"), code="phone_too_often")
    moment = clock.now()
    with everything(_ANYBODY):
        code = db.session.get_one(HealthCode, shown.code_id, with_for_update=True)
        _move(code, new.new_phone, old_phone=new.old_phone, moment=moment, actor=CITIZEN)
    after_commit(lambda: _discard(new))


def _check(phone: str, typed: str, purpose: Purpose, *, field: str) -> None:
    try:
        check_code(phone, typed, purpose=purpose, is_used_up=False)
    except DomainError as fault:
        raise DomainError(fault.message, code=fault.code, field=field) from None


def _discard(new: NewPhone) -> None:
    discard_code(new.old_phone, purpose=Purpose.OLD_PHONE)
    discard_code(new.new_phone, purpose=Purpose.NEW_PHONE)


def _check_old(shown: ShownCode, old_phone: str) -> None:
    counter = Counter(WRONG_PHONES, str(shown.code_id))
    if take(counter):  # counted before it is compared: many tries at once are no more than five
        raise DomainError(N_("核对不符的次数过多，请明天再试，或携带证件到所在社区办理"), code="phone_too_often")
    with everything(_ANYBODY):
        query = select(HealthCode.phone_index).where(HealthCode.id == shown.code_id)
        on_record = db.session.execute(query).scalar_one()
    if on_record != phone_index(old_phone):
        message = N_("与登记的手机号不一致；原手机号已停用的，请携带证件到所在社区办理")
        raise DomainError(message, code="phone_mismatch", field="old_phone")
    counter.give_back()


def _move(code: HealthCode, phone: str, *, old_phone: str, moment: datetime, actor: Actor) -> None:
    code.phone_index, code.updated_at = phone_index(phone), moment
    # The person's as well: whoever changes it next must not tell a phone that was given up before.
    code.person.phone, code.person.phone_index, code.person.updated_at = phone, code.phone_index, moment
    masked = [mask_phone(old_phone), mask_phone(phone)]
    audit.record(actor, "change_code_phone", subject=code, area_code=code.area_code, changes={"phone": masked})
    told = {"old_phone": masked[0], "new_phone": masked[1]}
    key = f"code-phone-{code.id}-{int(moment.timestamp())}"
    messages.queue_message(old_phone, SmsTemplate.CODE_PHONE_CHANGED, told, key, area_code=code.area_code)


# -- through the office --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class OfficeRequest:
    """Whose code, the new phone, and which document the office has looked at. Checked and normalised by the form."""

    document_type: DocumentType
    document_number: str
    phone: str
    seen: str


@transactional
def propose(wanted: OfficeRequest, *, account: Account) -> PhoneChange:
    """The change waits for a second person. Errors: role, code_unknown, phone_same, phone_waiting."""
    moment = clock.now()
    if account.role not in health_rules.policy().proposers or account.area_code is None:
        raise DomainError(N_("您的账号不能办理更换手机号"), code="role")
    index = document_index(wanted.document_type.name, wanted.document_number)
    with everything(_ANYBODY):
        code = _code_of(index)
        if code is None or not _is_of_office(code, account.area_code):
            message = N_("您的辖区内没有这个证件号的健康码，请核对证件类型和号码")
            raise DomainError(message, code="code_unknown", field="document_number")
        if code.phone_index == phone_index(wanted.phone):
            raise DomainError(N_("新手机号与原手机号相同"), code="phone_same", field="phone")
        if _waiting_of(index, moment) is not None:
            raise DomainError(N_("此人的更换申请正在等待审批"), code="phone_waiting", field="document_number")
        row = _request(wanted, code.person, account=account, moment=moment)
        db.session.add(row)
        db.session.flush()
        changes = {"phone": mask_phone(wanted.phone)}
        audit.record(Actor.of(account), "propose_phone_change", subject=row, area_code=row.area_code, changes=changes)
    return row


def _request(wanted: OfficeRequest, person: Person, *, account: Account, moment: datetime) -> PhoneChange:
    return PhoneChange(
        document_index=person.document_index,
        masked_name=mask_name(person.name),
        masked_document=mask_document(person.document_number),
        phone=wanted.phone,
        seen=wanted.seen.strip(),
        state=PhoneChangeState.PROPOSED,
        area_code=account.area_code,
        proposed_by_id=account.id,
        proposed_at=moment,
        approve_by=moment + timedelta(hours=health_rules.policy().approval_hours),
    )


def _code_of(index: bytes) -> HealthCode | None:
    query = select(HealthCode).join(HealthCode.person).where(Person.document_index == index)
    return db.session.execute(query.with_for_update(of=HealthCode)).scalar_one_or_none()


def _is_of_office(code: HealthCode, area_code: str) -> bool:
    """Codes are a district's; its streets and communities work for it, and whoever stands above it."""
    return lies_within(area_code, code.area_code) or lies_within(code.area_code, area_code)


def _waiting_of(index: bytes, moment: datetime) -> PhoneChange | None:
    query = select(PhoneChange).where(
        PhoneChange.document_index == index,
        PhoneChange.state == PhoneChangeState.PROPOSED,
        PhoneChange.approve_by > moment,
    )
    return db.session.execute(query.limit(1)).scalar_one_or_none()


@transactional
def approve(change_id: int, *, account: Account) -> PhoneChange:
    """The code goes by the new phone and shows on no device until it is opened there anew (a lost phone is out).

    Errors: change_state, lapsed, role, own, area, level.
    """
    row, moment = _decidable(change_id, account), clock.now()
    row.state = PhoneChangeState.APPROVED
    with everything(_ANYBODY):
        code = _code_of(row.document_index)
        if code is None:
            raise DomainError(N_("没有这个健康码，请核对12位编号"), code="code_unknown")
        _move(code, row.phone, old_phone=code.person.phone, moment=moment, actor=Actor.of(account))
        held_codes.forget_everywhere(code)
    return row


@transactional
def reject(change_id: int, *, reason: str, account: Account) -> PhoneChange:
    """The phone stays. Errors as for `approve`, and reason."""
    if not reason.strip():
        raise DomainError(N_("请填写理由"), code="reason", field="reason")
    row = _decidable(change_id, account)
    row.state, row.decision_reason = PhoneChangeState.REJECTED, reason.strip()
    audit.record(Actor.of(account), "reject_phone_change", subject=row, area_code=row.area_code)
    return row


def _decidable(change_id: int, account: Account) -> PhoneChange:
    moment = clock.now()
    query = select(PhoneChange).where(PhoneChange.id == change_id).with_for_update()
    row = db.session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if row is None or row.state is not PhoneChangeState.PROPOSED:
        raise DomainError(N_("这条申请已处理"), code="change_state")
    if row.approve_by <= moment:
        raise DomainError(N_("已超过审批时限，请重新录入"), code="lapsed")
    second_person.check(row.proposed_by_id, account, area_code=row.area_code)
    row.decided_by_id, row.decided_at = account.id, moment
    return row
