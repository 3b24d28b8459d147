"""Applications for relatives (F-P4): of two at once a document is one's and a place taken once; trying ends soon."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.domain.documents import DocumentType
from app.domain.errors import DomainError
from app.domain.relatives import Relation
from app.extensions import db
from app.models import HealthCode, Person, Relative
from app.services import held_codes, relatives
from app.services.held_codes import ShownCode
from app.services.relatives import RelativeApplication
from tests.factories import Factories, id_card, phone
from tests.scan_pages.code_phone import last_code

_forms = itertools.count(1)
DEVICE = b"1" * 16


@pytest.fixture
def province(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The region whose people apply for relatives."""
    monkeypatch.setitem(app.config, "REGION", "fujian")


def applicant(make: Factories, device: bytes) -> ShownCode:
    """Somebody with a green code, and the phone that shows it."""
    person, moment = make.person(), clock.now()
    code = HealthCode(
        person_id=person.id,
        number=f"{person.id:012d}",
        phone_index=person.phone_index,
        area_code="3501",
        created_at=moment,
        updated_at=moment,
    )
    db.session.add(code)
    db.session.flush()
    held_id = held_codes.hold(code.id, device, moment=moment)
    db.session.commit()
    found = held_codes.held(held_id, device)
    assert found is not None
    return found


def application(by: ShownCode, *, serial: int = 21, **details: Any) -> RelativeApplication:
    """A sound form for somebody of 1950, with the code that the phone was sent."""
    values: dict[str, Any] = {
        "form_number": next(_forms),
        "pledge_version": "2020-02",
        "relation": Relation.PARENT,
        "name": "林秀英",
        "document_type": DocumentType.ID_CARD,
        "document_number": id_card(serial, birth="19500303"),
        "phone": phone(90_000_000 + serial),
        "answers": {},
    }
    values |= details
    if "sms_code" not in values:
        relatives.send_code(by, values["phone"], address=None)
        values["sms_code"] = last_code()
    return RelativeApplication(**values)


def apply(form: RelativeApplication, by: ShownCode, device: bytes = DEVICE) -> int:
    return relatives.apply(form, by=by, device_index=device, moment=clock.now())


def test_of_two_applicants_for_one_document_at_once_one_has_it(province: None, make: Factories, at_once: Any) -> None:
    devices = [b"1" * 16, b"2" * 16]
    both = [applicant(make, device) for device in devices]
    first = application(both[0])
    forms = [first, application(both[1], sms_code=first.sms_code)]
    came = at_once(lambda turn: apply(forms[turn], both[turn], devices[turn]), 2)
    assert sorted(isinstance(one, int) for one in came) == [False, True], came
    assert {one for one in came if not isinstance(one, int)} <= {"relative_taken", "sms_code"}
    assert db.session.query(Relative).count() == 1 and db.session.query(Person).count() == 3


def test_of_two_forms_at_once_for_the_last_place_one_takes_it(province: None, make: Factories, at_once: Any) -> None:
    by = applicant(make, DEVICE)
    for serial in (31, 32, 33):
        apply(application(by, serial=serial), by)
    forms = [application(by, serial=serial) for serial in (34, 35)]
    came = at_once(lambda turn: apply(forms[turn], by), 2)
    assert "relation_full" in came and db.session.query(Relative).count() == 4


def test_the_same_form_at_once_is_one_application(province: None, make: Factories, at_once: Any) -> None:
    by = applicant(make, DEVICE)
    form = application(by)
    first, second = at_once(lambda _turn: apply(form, by), 2)
    assert first == second and db.session.query(Relative).count() == 1


def test_two_who_apply_for_each_other_at_once_wait_for_nobody(province: None, make: Factories, at_once: Any) -> None:
    devices = [b"1" * 16, b"2" * 16]
    both = [applicant(make, device) for device in devices]
    people = [db.session.get_one(Person, one.person_id) for one in both]
    forms = [
        application(
            by,
            relation=Relation.SPOUSE,
            name=other.name,
            document_number=other.document_number,
            phone=other.phone,
        )
        for by, other in zip(both, reversed(people), strict=True)
    ]
    came = at_once(lambda turn: apply(forms[turn], both[turn], devices[turn]), 2)
    assert all(isinstance(one, int) for one in came) and db.session.query(Relative).count() == 2


def test_whoever_tries_documents_is_stopped_whatever_phones_are_typed(province: None, make: Factories) -> None:
    by = applicant(make, DEVICE)
    for serial in range(40, 46):
        make.person("周秀英", document_number=id_card(serial, birth="19500303"), phone=phone(99))
    db.session.commit()
    # The last one is known to nobody, which is not told any more.
    codes = [refusal(application(by, serial=serial), by) for serial in range(40, 47)]
    assert codes == ["relative_mismatch"] * 5 + ["code_too_often"] * 2
    assert db.session.query(Relative).count() == 0


def test_messages_to_strangers_phones_end_with_the_day(province: None, make: Factories) -> None:
    by = applicant(make, DEVICE)
    for serial in range(20):
        relatives.send_code(by, phone(90_000_000 + serial), address=None)
    with pytest.raises(DomainError) as fault:
        relatives.send_code(by, phone(90_000_020), address=None)
    assert (fault.value.code, fault.value.field) == ("relative_messages", "sms_code")


def refusal(form: RelativeApplication, by: ShownCode) -> str:
    with pytest.raises(DomainError) as fault:
        apply(form, by)
    return fault.value.code


def test_where_the_region_has_none_nobody_applies(app: Flask, make: Factories) -> None:
    assert relatives.policy() is None
    assert app.test_client().get("/code/1/relative").status_code == 404
