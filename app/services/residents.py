"""Residents and their ties to compounds, as managers keep them (Z-R6, Z-R7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import clock
from app.access import everything
from app.domain.documents import DocumentType
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.masking import mask_address, mask_document, mask_phone, mask_plate
from app.extensions import db
from app.models import Area, AuditEvent, EntryOutcome, EntryRecord, Person, Registration, Residency
from app.models.encryption import document_index, phone_index
from app.services import audit, health_colors
from app.services.audit import Actor
from app.services.transaction import transactional

_LATEST = 100


@dataclass(frozen=True, kw_only=True)
class PersonDetails:
    """What 「编辑」 may correct about a resident; checked and normalised by the form."""

    name: str
    document_type: DocumentType
    document_number: str
    phone: str
    address: str | None
    plate: str | None


def active_ties(person_id: int) -> Sequence[Residency]:
    """Return the person's ties to compounds within the scope in hand, for the drop-down of 「未在本小区」."""
    query = select(Residency).where(Residency.person_id == person_id, Residency.ended_at.is_(None))
    return db.session.execute(query.options(joinedload(Residency.venue)).order_by(Residency.id)).scalars().all()


@transactional
def end_residency(residency: Residency, *, remark: str, actor: Actor) -> None:
    """End the tie between a person and a compound (Z-R6). Error: tie_ended."""
    if not residency.is_active:
        raise DomainError(N_("该人员与小区的关联已经解除"), code="tie_ended")
    residency.ended_at = residency.updated_at = clock.now()
    residency.ended_remark = remark or None
    changes = {"ended": [None, "已解除关联"], "remark": remark}
    audit.record(actor, "end_residency", subject=residency, area_code=residency.area_code, changes=changes)


@transactional
def correct_person(residency: Residency, details: PersonDetails, actor: Actor) -> None:
    """Correct the person behind a residency, address and plate (「编辑」, Z-R7). Errors: document_taken, document_color."""
    person = residency.person
    changes = _changes(residency, details)
    if not changes:
        return
    if not changes.keys().isdisjoint(("address", "plate")):
        residency.registration = _corrected_form(residency, details)
    index = document_index(details.document_type.name, details.document_number)
    if index != person.document_index:
        _require_free(index, person)
        health_colors.check_same_color(person.document_index, index, moment=clock.now())
    person.name = details.name
    person.document_type, person.document_number, person.document_index = (
        details.document_type,
        details.document_number,
        index,
    )
    person.phone, person.phone_index = details.phone, phone_index(details.phone)
    person.updated_at = residency.updated_at = clock.now()
    audit.record(actor, "correct_person", subject=residency, area_code=residency.area_code, changes=changes)


def _require_free(index: bytes, person: Person) -> None:
    with everything("a number names one person in the whole region"):
        taken = db.session.execute(
            select(Person.id).where(Person.document_index == index, Person.id != person.id)
        ).first()
    if taken:
        raise DomainError(N_("该证件号已登记在另一人名下，请核对"), code="document_taken", field="document_number")


def _corrected_form(residency: Residency, details: PersonDetails) -> Registration:
    """Return the resident's form with what was corrected, as a later one: what was signed stays as it was."""
    return Registration(
        person_id=residency.person_id,
        venue_id=residency.venue_id,
        area_code=residency.area_code,
        created_at=clock.now(),
        name=details.name,
        address=details.address,
        plate=details.plate,
        **asdict(residency.registration.declaration),
    )


def _changes(residency: Residency, details: PersonDetails) -> dict[str, list[str]]:
    """Return the differences as the trail keeps them: masked."""
    person, form = residency.person, residency.registration
    pairs: dict[str, tuple[str, str, Callable[[str], str]]] = {
        "name": (person.name, details.name, str),
        "document_type": (person.document_type.name, details.document_type.name, str),
        "document_number": (person.document_number, details.document_number, mask_document),
        "phone": (person.phone, details.phone, mask_phone),
        "address": (form.address or "", details.address or "", mask_address),
        "plate": (form.plate or "", details.plate or "", mask_plate),
    }
    return {key: [mask(old), mask(new)] for key, (old, new, mask) in pairs.items() if old != new}


def abnormal_entries(residency: Residency) -> Sequence[EntryRecord]:
    """Return outings during isolation and refused scans of a resident, the latest 100, wherever they were (Z-R7)."""
    query = (
        select(EntryRecord)
        .where(
            EntryRecord.person_id == residency.person_id,
            EntryRecord.is_breach.is_(True) | (EntryRecord.outcome == EntryOutcome.REFUSED),
        )
        .options(joinedload(EntryRecord.venue))
        .order_by(EntryRecord.recorded_at.desc())
        .limit(_LATEST)
    )
    with everything("a refusal happens at somebody else's gate and is on record at home (Z-S4)"):
        return db.session.execute(query).scalars().all()


def operation_log(subject: Residency) -> Sequence[AuditEvent]:
    """Return who changed what on this record, the latest 100 (「操作日志」)."""
    return audit.latest_about(subject)


def origin_text(form: Registration) -> str:
    """Return the province, city and district where the person came from; empty for none and for abroad."""
    if not form.origin_area_code:
        return ""
    codes = [form.origin_area_code[:length] for length in (2, 4, 6) if len(form.origin_area_code) >= length]
    names = dict(db.session.execute(select(Area.code, Area.name).where(Area.code.in_(codes))).tuples().all())
    return " ".join(names[code] for code in codes if code in names)
