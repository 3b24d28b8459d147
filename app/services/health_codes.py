"""Health codes: applied for once, shown on the phones that proved whose they are (Z-H1, Z-H2)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import HealthCode, HealthDeclaration, Person
from app.services import audit, code_owners, declared_evidence, held_codes
from app.services.audit import CITIZEN
from app.services.code_applications import Application
from app.services.limits import Counter, Limit, take
from app.services.transaction import after_commit, transactional
from app.services.verification import Purpose, check_code, discard_code

_CODES, _FORMS = HealthCode.__table__, HealthDeclaration.__table__
# Whoever tries documents one after the other to learn which are known is stopped soon; it costs a message each.
MISMATCHES = Limit("code:mismatch", 5, 86_400)


def apply(application: Application, *, device_index: bytes, moment: datetime) -> int:
    """Return the id under which this phone shows the applicant's code: a new one, or the one that there is (Z-H2).

    Errors: sms_code, code_mismatch, code_too_often, form_used.
    """
    try:
        return _apply(application, device_index, moment)
    except IntegrityError:
        # The same page twice at once, or somebody else drew the same number: the second look finds what the first made.
        return _apply(application, device_index, moment)


@transactional
def _apply(application: Application, device_index: bytes, moment: datetime) -> int:
    owner = code_owners.person_of(application.document_index)
    if (sent := _sent_before(application)) is not None:
        if owner is None or sent != owner.id:
            raise DomainError(N_("页面已过期，请重新填写后提交"), code="form_used")
        return held_codes.hold(_code_id(owner.id), device_index, moment=moment)
    check_code(application.phone, application.sms_code, purpose=Purpose.HEALTH_CODE, is_used_up=False)
    if Counter(MISMATCHES, application.phone).is_full:  # before anything is told of the document
        raise too_often()
    code = code_owners.code_of(owner.id) if owner is not None else None
    if owner is not None:
        _check_identity(application, owner, code)
    owner = owner or code_owners.add_person(application, moment)
    code = code or code_owners.add_code(application, owner.id, area_code=application.area_code, moment=moment)
    declaration_id = _keep(application, owner.id, moment)
    audit.record(
        CITIZEN, N_("申领健康码"), subject=code, area_code=application.area_code, changes={"form": declaration_id}
    )
    declared_evidence.bring(application, declaration_id=declaration_id, moment=moment)
    after_commit(lambda: discard_code(application.phone, purpose=Purpose.HEALTH_CODE))
    return held_codes.hold(code.id, device_index, moment=moment)


def _sent_before(application: Application) -> int | None:
    """Return whose form this page was already, None for a fresh page."""
    query = select(_FORMS.c.person_id).where(_FORMS.c.form_number == application.form_number)
    return db.session.execute(query).scalar()


def _check_identity(application: Application, owner: Person, code: HealthCode | None) -> None:
    """Pass for the owner's name and the phone on record."""
    if application.is_known_as(owner, code):
        return
    if take(Counter(MISMATCHES, application.phone)):
        raise too_often()
    raise DomainError(
        N_(
            "该证件已有登记，姓名或手机号与登记的不一致。请使用登记时的姓名和手机号；手机号已更换的，请携带证件到所在社区办理"
        ),
        code="code_mismatch",
        field="phone_number",
    )


def too_often() -> DomainError:
    """What is said to whoever tried too many documents."""
    return DomainError(N_("核对不符的次数过多，请明天再试，或携带证件到所在社区办理"), code="code_too_often")


def _code_id(person_id: int) -> int:
    found: int = db.session.execute(select(_CODES.c.id).where(_CODES.c.person_id == person_id)).scalar_one()
    return found


def _keep(application: Application, person_id: int, moment: datetime) -> int:
    """Add the form as it was signed; return its number."""
    declared = application.declaration
    form = HealthDeclaration(
        form_number=application.form_number,
        person_id=person_id,
        area_code=application.area_code,
        created_at=moment,
        pledge_version=application.pledge_version,
        residence_type=application.residence_type,
        address=application.address,
        registered_area_code=application.registered_area_code,
        condition=application.condition,
        has_contact=application.has_contact,
        is_returnee=declared.is_returnee,
        arrival_date=declared.arrival_date,
        transport=declared.transport,
        connection_number=application.connection_number,
        is_from_abroad=declared.is_from_abroad,
        origin_area_code=declared.origin_area_code,
        origin_country=declared.origin_country,
    )
    db.session.add(form)
    db.session.flush()
    return form.id
