"""Whose a health code is: found by document, known by name and by the phone on record, one code a person (Z-H2)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.domain.code_tokens import NUMBER_DIGITS
from app.domain.documents import DocumentType
from app.extensions import db
from app.models import HealthCode, Person
from app.models.encryption import document_index, phone_index


@dataclass(frozen=True, kw_only=True)
class CodeOwner:
    """For whom a form asks a code: checked and normalised."""

    name: str
    document_type: DocumentType
    document_number: str
    phone: str

    @property
    def document_index(self) -> bytes:
        return document_index(self.document_type.name, self.document_number)

    def is_known_as(self, person: Person, code: HealthCode | None) -> bool:
        """Whether name and phone are those on record: the phone of the code once there is one, for that was proved."""
        on_record = code.phone_index if code is not None else person.phone_index
        return person.name == self.name and on_record == phone_index(self.phone)


def person_of(index: bytes) -> Person | None:
    """Return whoever has the document; nobody else changes the person before the transaction in hand ends."""
    # Not FOR UPDATE: of two who apply for each other at once, each would wait for what points to the other's row.
    query = select(Person).where(Person.document_index == index).with_for_update(key_share=True)
    return db.session.execute(query).scalar_one_or_none()


def code_of(person_id: int) -> HealthCode | None:
    """Return the person's code."""
    return db.session.execute(select(HealthCode).where(HealthCode.person_id == person_id)).scalar_one_or_none()


def add_person(owner: CodeOwner, moment: datetime) -> Person:
    """The person is known from now on."""
    person = Person(
        name=owner.name,
        document_type=owner.document_type,
        document_number=owner.document_number,
        document_index=owner.document_index,
        phone=owner.phone,
        phone_index=phone_index(owner.phone),
        created_at=moment,
        updated_at=moment,
    )
    db.session.add(person)
    db.session.flush()
    return person


def add_code(owner: CodeOwner, person_id: int, *, area_code: str, moment: datetime) -> HealthCode:
    """The person has a code, which goes by the phone of the form."""
    code = HealthCode(
        person_id=person_id,
        number=new_number(),
        phone_index=phone_index(owner.phone),
        area_code=area_code,
        created_at=moment,
        updated_at=moment,
    )
    db.session.add(code)
    db.session.flush()
    return code


def new_number() -> str:
    """Return twelve random digits: neither order nor area nor anything else of the person is in them."""
    return str(secrets.randbelow(10**NUMBER_DIGITS)).zfill(NUMBER_DIGITS)
