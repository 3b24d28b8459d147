"""A new phone for somebody's code through the office: document seen by one, agreed to by another (Z-H2, X3)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app import clock
from app.domain.errors import DomainError
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, HealthCode, HeldCode, OutgoingMessage, PhoneChange, PhoneChangeState
from app.models.encryption import phone_index
from app.services import phone_changes
from app.services.phone_changes import OfficeRequest
from tests.factories import COMMUNITY, Factories, phone
from tests.web import post

NEW, OTHER = phone(90_000_077), phone(90_000_078)  # of nobody whom the factory makes


@pytest.fixture
def code(app: Flask, make: Factories) -> HealthCode:
    """A code of the district that one phone shows."""
    person, moment = make.person(), clock.now()
    stamps = {"created_at": moment, "updated_at": moment}
    found = HealthCode(
        person_id=person.id, number="350100123456", phone_index=person.phone_index, area_code="410102", **stamps
    )
    db.session.add(found)
    db.session.flush()
    db.session.add(HeldCode(device_index=b"0" * 16, code_id=found.id, created_at=moment))
    db.session.commit()
    return found


@pytest.fixture
def clerk(make: Factories) -> Account:
    return make.account(Role.COMMUNITY_ADMIN, COMMUNITY)


def wanted(code: HealthCode, **details: Any) -> OfficeRequest:
    values = {"document_type": code.person.document_type, "document_number": code.person.document_number}
    return OfficeRequest(**{**values, "phone": NEW, "seen": "身份证原件，人证一致", **details})


def test_nothing_changes_until_a_second_person_agrees(make: Factories, code: HealthCode, clerk: Account) -> None:
    old = code.person.phone
    row = phone_changes.propose(wanted(code), account=clerk)
    with pytest.raises(DomainError) as refused:
        phone_changes.approve(row.id, account=clerk)
    assert refused.value.code == "own" and code.phone_index == phone_index(old)
    phone_changes.approve(row.id, account=make.account(Role.STREET_ADMIN, COMMUNITY[:9]))
    assert code.phone_index == phone_index(NEW) and row.state is PhoneChangeState.APPROVED
    assert db.session.execute(db.select(HeldCode)).first() is None, "a lost phone shows it no longer"
    assert [message.phone for message in db.session.execute(db.select(OutgoingMessage)).scalars()] == [old]


def test_a_second_change_is_told_to_the_phone_of_the_first(make: Factories, code: HealthCode, clerk: Account) -> None:
    second = make.account(Role.STREET_ADMIN, COMMUNITY[:9])
    for number in (NEW, OTHER):
        phone_changes.approve(phone_changes.propose(wanted(code, phone=number), account=clerk).id, account=second)
        # A second has passed: the key of a message tells the one from the next.
        sent = db.update(OutgoingMessage).where(OutgoingMessage.idempotency_key.startswith("code-phone"))
        db.session.execute(sent.values(idempotency_key=f"before {number}"))
    query = db.select(OutgoingMessage).order_by(OutgoingMessage.id.desc())
    assert next(iter(db.session.execute(query).scalars())).phone == NEW


def test_a_rejected_or_lapsed_request_changes_nothing(make: Factories, code: HealthCode, clerk: Account) -> None:
    other = make.account(Role.COMMUNITY_ADMIN, COMMUNITY)
    row = phone_changes.propose(wanted(code), account=clerk)
    phone_changes.reject(row.id, reason="人证不符", account=other)
    late = phone_changes.propose(wanted(code), account=clerk)
    late.approve_by = clock.now()
    db.session.commit()
    for number, reason in ((row.id, "change_state"), (late.id, "lapsed")):
        with pytest.raises(DomainError) as refused:
            phone_changes.approve(number, account=other)
        assert refused.value.code == reason
    assert code.phone_index == code.person.phone_index


@pytest.mark.parametrize(
    ("role", "area", "reason"),
    [
        (Role.COMPOUND_ADMIN, COMMUNITY, "role"),
        (Role.MEDICAL_INSTITUTION, COMMUNITY, "role"),
        (Role.COMMUNITY_ADMIN, "410105008009", "code_unknown"),
    ],
)
def test_only_offices_of_the_district_take_a_request(
    make: Factories, code: HealthCode, role: Role, area: str, reason: str
) -> None:
    with pytest.raises(DomainError) as refused:
        phone_changes.propose(wanted(code), account=make.account(role, area))
    assert refused.value.code == reason


def test_one_request_waits_at_a_time_and_the_phone_is_another(
    make: Factories, code: HealthCode, clerk: Account
) -> None:
    db.session.commit()
    with pytest.raises(DomainError) as refused:
        phone_changes.propose(wanted(code, phone=code.person.phone), account=clerk)
    assert refused.value.code == "phone_same"
    phone_changes.propose(wanted(code), account=clerk)
    with pytest.raises(DomainError) as refused:
        phone_changes.propose(wanted(code, phone=OTHER), account=clerk)
    assert refused.value.code == "phone_waiting"


def test_the_community_works_with_it_on_a_screen(login_as: Any, code: HealthCode) -> None:
    one, other = (login_as(Role.COMMUNITY_ADMIN, COMMUNITY) for _ in range(2))
    number = code.person.document_number
    form = {"document_type": code.person.document_type.name, "document_number": number, "seen": "身份证原件到场"}
    assert "手机号" in post(one, "/phone-changes/new", {**form, "phone": "123"}).text
    post(one, "/phone-changes/new", {**form, "phone": NEW})
    row = db.session.execute(db.select(PhoneChange)).scalar_one()
    page = other.get("/phone-changes/").text
    assert row.masked_phone in page and NEW not in page and number not in page
    assert "健康码换手机号" in other.get("/").text
    assert "do/approve" not in one.get(f"/phone-changes/{row.id}").text
    post(other, f"/phone-changes/{row.id}/do/approve", {"confirmed": "1"})
    db.session.expire_all()
    assert code.phone_index == phone_index(NEW)
