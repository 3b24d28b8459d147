"""Codes for relatives (F-P4): whoever has a green code of one's own applies, and shows theirs (decision 8).

The relation is only declared. So a relative is named as known, and the relative's phone answers, as for any other phone
that wants to show a code; and whoever is refused learns no more than that what was typed does not do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app import clock
from app.domain.colors import Color
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.masking import mask_name
from app.domain.relatives import Relation, check_age, check_place, facts_about_relative, rule_of
from app.extensions import db
from app.gateways.sms import SmsTemplate
from app.models import Evidence, EvidenceSource, HealthCode, Person, Relative
from app.profiles import load_profile
from app.profiles.model import RelativesPolicy
from app.services import (
    audit,
    code_owners,
    declared_evidence,
    health_codes,
    health_colors,
    held_codes,
    messages,
    turns,
    verification,
)
from app.services.audit import CITIZEN
from app.services.code_owners import CodeOwner
from app.services.declared_evidence import Declared
from app.services.held_codes import ShownCode
from app.services.limits import Counter, Limit, take
from app.services.transaction import after_commit, transactional
from app.services.turns import Turn
from app.services.verification import CodeRequest, Purpose, check_code, discard_code

_DAY = 86_400
_TURNS = 1 << 31  # the second half of a lock is a number of four bytes
# Whoever tries documents, or phones, one after the other is stopped soon, whatever phones are typed.
MISMATCHES = Limit("relative:mismatch", 5, _DAY)


@dataclass(frozen=True, kw_only=True)
class RelativeApplication(CodeOwner):
    """The form 「为家人申领」, checked and normalised; `answers` by the key of the region's question."""

    form_number: int
    pledge_version: str
    sms_code: str
    relation: Relation
    answers: Mapping[str, bool]


def policy() -> RelativesPolicy | None:
    """Return what the region allows; None where nobody applies for relatives."""
    return load_profile(current_app.config["REGION"]).relatives


def may_apply(shown: ShownCode, color: Color) -> bool:
    """Whether the code's page leads to 「为家人申领」: one's own, and green (F13)."""
    return policy() is not None and shown.is_own and color is Color.GREEN


def send_code(by: ShownCode, phone: str, *, address: str | None) -> None:
    """A code is on its way to the relative's phone. Errors: relative_color, relative_messages, sms_too_often."""
    region = _allowed(by, clock.now())
    if take(Counter(Limit("relative:message", region.messages_a_day, _DAY), by.document_index.hex())):
        message = N_("今天获取验证码的次数过多，请明天再试")
        raise DomainError(message, code="relative_messages", field="sms_code")
    verification.send_code(CodeRequest(phone, Purpose.RELATIVE, address))


def apply(application: RelativeApplication, *, by: ShownCode, device_index: bytes, moment: datetime) -> int:
    """Return the id under which this phone shows the relative's code: a new one, or the one that there is.

    Errors: relative_color, relative_own, relatives_full, relation_full, age_unknown, too_young, too_old, sms_code,
    relative_mismatch, relative_taken, code_too_often, form_used.
    """
    try:
        return _apply(application, by, device_index, moment)
    except IntegrityError:
        # The same page twice, or two applicants at once: the second look finds what the first made.
        return _apply(application, by, device_index, moment)


@transactional
def _apply(application: RelativeApplication, by: ShownCode, device_index: bytes, moment: datetime) -> int:
    turns.take(Turn.RELATIVES, by.person_id % _TURNS)  # of two forms at once the later sees the place taken
    region = _allowed(by, moment)
    if (sent := _sent_before(application.form_number)) is not None:
        return _shown_as(sent, by, device_index)
    _check_rules(application, by, region, moment)
    check_code(application.phone, application.sms_code, purpose=Purpose.RELATIVE, is_used_up=False)
    person = code_owners.person_of(application.document_index)
    known = code_owners.code_of(person.id) if person is not None else None
    _check_proof(application, by, person, known)
    person = person or code_owners.add_person(application, moment)
    code = known or code_owners.add_code(application, person.id, area_code=_area_of(by), moment=moment)
    row = _keep(application, by, code, moment)
    if known is not None:
        _tell(application, row, by)
    declared_evidence.bring_facts(
        Declared(application, EvidenceSource.RELATIVE, row.id, row.area_code, moment),
        facts_about_relative(region.questions, application.answers),
    )
    held_codes.show_relatives(by.code_id, moment=moment)
    after_commit(lambda: discard_code(application.phone, purpose=Purpose.RELATIVE))
    return _shown_as(row, by, device_index)


def _allowed(by: ShownCode, moment: datetime) -> RelativesPolicy:
    """Return the region's policy, for an applicant who may apply."""
    region = policy()
    color = health_colors.color_of(by.document_index, moment).color
    if region is None or not may_apply(by, color):
        raise DomainError(N_("本人健康码为绿码时才能为家人申领"), code="relative_color")
    return region


def _sent_before(form_number: int) -> Relative | None:
    return db.session.execute(select(Relative).where(Relative.form_number == form_number)).scalar_one_or_none()


def _shown_as(row: Relative, by: ShownCode, device_index: bytes) -> int:
    code_id = db.session.execute(select(HealthCode.id).where(HealthCode.person_id == row.person_id)).scalar_one()
    held_id = held_codes.held_as(code_id, device_index)
    if held_id is None or row.applicant_id != by.person_id:
        raise DomainError(N_("页面已过期，请重新填写后提交"), code="form_used")
    return held_id


def _check_rules(application: RelativeApplication, by: ShownCode, region: RelativesPolicy, moment: datetime) -> None:
    """Pass for what the form's own words allow; nothing is asked about the document."""
    if application.document_index == by.document_index:
        raise DomainError(N_("这是您本人的证件号码"), code="relative_own", field="document_number")
    held = db.session.execute(select(Relative.relation).where(Relative.applicant_id == by.person_id)).scalars().all()
    check_place(application.relation, held, rules=region.relations, most=region.most)
    rule = rule_of(application.relation, region.relations)
    today = clock.local_date(moment, load_profile(current_app.config["REGION"]).zone)
    check_age(rule, application.document_type, application.document_number, today=today)


def _check_proof(
    application: RelativeApplication, by: ShownCode, person: Person | None, code: HealthCode | None
) -> None:
    """Pass for a relative whom nobody knows yet, or whose name and phone are those on record, and who is nobody else's.

    Without a code of one's own no phone was ever proved: of somebody about whom there is evidence, nothing is shown then.
    """
    counters = Counter(MISMATCHES, by.document_index.hex()), Counter(health_codes.MISMATCHES, application.phone)
    if any(counter.is_full for counter in counters):  # before anything is told of the document
        raise health_codes.too_often()
    is_known = person is not None and application.is_known_as(person, code)
    if (person is not None and not is_known) or (code is None and _has_evidence(application.document_index)):
        if take(*counters):
            raise health_codes.too_often()
        raise _mismatch()
    if person is None:
        return
    query = select(Relative.applicant_id).where(Relative.person_id == person.id)
    applicant_id = db.session.execute(query).scalar_one_or_none()
    if applicant_id is None:
        return
    own, others = N_("您已为这位家人申领，请在「切换健康码」中出示"), N_("该证件已由其他用户申领，不能重复申领")
    message = own if applicant_id == by.person_id else others
    raise DomainError(message, code="relative_taken", field="document_number")


def _mismatch() -> DomainError:
    message = N_(
        "按所填信息不能申领，请核对姓名、证件号码和手机号码。家人曾登记过的，须使用登记时的姓名和手机号；也可由家人本人申领，或携带证件到所在社区办理"
    )
    return DomainError(message, code="relative_mismatch", field="document_number")


def _has_evidence(index: bytes) -> bool:
    return bool(db.session.execute(select(exists().where(Evidence.document_index == index))).scalar())


def _area_of(by: ShownCode) -> str:
    """The district that answers for a relative who has no code yet is the applicant's."""
    return db.session.execute(select(HealthCode.area_code).where(HealthCode.id == by.code_id)).scalar_one()


def _keep(application: RelativeApplication, by: ShownCode, code: HealthCode, moment: datetime) -> Relative:
    """Add the form as it was signed, and put it on record."""
    row = Relative(
        form_number=application.form_number,
        person_id=code.person_id,
        applicant_id=by.person_id,
        relation=application.relation,
        phone_index=code.phone_index,
        pledge_version=application.pledge_version,
        answers=dict(application.answers),
        area_code=code.area_code,
        created_at=moment,
    )
    db.session.add(row)
    db.session.flush()
    changes = {"relation": application.relation.label, "health_code": code.id, "applicant_code": by.code_id}
    audit.record(CITIZEN, "apply_for_relative", subject=row, area_code=row.area_code, changes=changes)
    return row


def _tell(application: RelativeApplication, row: Relative, by: ShownCode) -> None:
    """Whoever had a code learns that somebody else shows it now."""
    told, key = {"name": mask_name(by.name)}, f"relative-{row.id}"
    messages.queue_message(application.phone, SmsTemplate.CODE_OF_RELATIVE, told, key, area_code=row.area_code)


def about(person_id: int) -> Relative | None:
    """Return who applied for the person, and what was declared; None where nobody did."""
    query = select(Relative).where(Relative.person_id == person_id).options(joinedload(Relative.applicant))
    return db.session.execute(query).scalar_one_or_none()


def relations(shown: Iterable[ShownCode]) -> dict[int, Relation]:
    """Return who the relatives among these codes are to whoever applied, by `relative_id`."""
    keys = [one.relative_id for one in shown if one.relative_id is not None]
    query = select(Relative.id, Relative.relation).where(Relative.id.in_(keys))
    return {key: relation for key, relation in db.session.execute(query)} if keys else {}
