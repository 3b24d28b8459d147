"""「更换手机号」 on the code page: the old phone answers first; whoever has lost it goes to the office (Z-H2)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from app.extensions import db
from app.models import AuditEvent, HealthCode, OutgoingMessage, Person
from app.models.encryption import phone_index
from app.services.limits import Counter
from app.services.verification import PER_MINUTE
from tests.factories import phone
from tests.scan_pages.code_phone import GOOD_APPLICATION, CodePhone, last_code

OLD, NEW = GOOD_APPLICATION["phone_number"], phone(77)


@pytest.fixture
def owner(app: Flask) -> CodePhone:
    return CodePhone(app)


def send(owner: CodePhone, url: str, **typed: str):  # type: ignore[no-untyped-def]
    for number in (OLD, NEW):
        Counter(PER_MINUTE, number).clear()  # a minute has passed
    return owner.client.post(f"{url}/phone", data={**owner.form(f"{url}/phone"), **typed})


def codes(owner: CodePhone, url: str) -> dict[str, str]:
    """Both phones with what was sent to them."""
    typed = {"old_phone": OLD, "new_phone": NEW}
    for name in ("old", "new"):
        assert "验证码已发送" in send(owner, url, **typed, action=f"{name}_phone").text
        typed[f"{name}_code"] = last_code()
    return typed


def on_record() -> bytes:
    db.session.expire_all()
    return db.session.execute(db.select(HealthCode.phone_index)).scalar_one()


def test_the_owner_changes_the_phone_with_both_at_hand(owner: CodePhone) -> None:
    url = owner.code_url()
    assert f'href="{url}/phone"' in owner.get(url).text
    answer = send(owner, url, **codes(owner, url))
    assert answer.headers["Location"] == url and on_record() == phone_index(NEW)
    assert db.session.execute(db.select(Person.phone)).scalar_one() == NEW
    told = db.session.execute(db.select(OutgoingMessage).order_by(OutgoingMessage.id.desc())).scalars().first()
    assert told is not None and told.phone == OLD and told.template == "CODE_PHONE_CHANGED"
    event = db.session.execute(db.select(AuditEvent).where(AuditEvent.action == "change_code_phone")).scalar_one()
    assert OLD not in str(event.changes) and NEW not in str(event.changes)


def test_the_new_phone_opens_the_code_elsewhere_and_the_old_one_no_longer(app: Flask, owner: CodePhone) -> None:
    url = owner.code_url()
    send(owner, url, **codes(owner, url))
    assert "姓名或手机号与登记的不一致" in CodePhone(app).apply().text
    assert CodePhone(app).apply(phone_number=NEW).status_code == 303


def test_without_the_codes_of_both_phones_nothing_changes(owner: CodePhone) -> None:
    url = owner.code_url()
    send(owner, url, old_phone=OLD, action="old_phone")
    half = {"old_phone": OLD, "old_code": last_code(), "new_phone": NEW, "new_code": last_code()}
    assert "验证码不正确或已过期" in send(owner, url, **half).text, "none was sent to the new phone"
    typed = codes(owner, url)
    for wrong in ({"old_code": "000000"}, {"new_code": "000000"}, {"old_code": ""}):
        assert send(owner, url, **{**typed, **wrong}).status_code == 422
    assert on_record() == phone_index(OLD)


def test_whoever_does_not_know_the_old_phone_is_stopped(owner: CodePhone) -> None:
    url = owner.code_url()
    before = db.session.execute(db.select(db.func.count(OutgoingMessage.id))).scalar_one()
    answers = [send(owner, url, old_phone=phone(900 + at), action="old_phone").text for at in range(6)]
    assert all("请携带证件到所在社区办理" in text for text in answers)
    assert "次数过多" in answers[-1] and "次数过多" not in answers[4]
    assert "次数过多" in send(owner, url, old_phone=OLD, action="old_phone").text
    assert db.session.execute(db.select(db.func.count(OutgoingMessage.id))).scalar_one() == before


def test_many_tries_at_once_are_no_more_than_five(app: Flask, owner: CodePhone) -> None:
    url = owner.code_url()
    page, device = owner.form(f"{url}/phone"), owner.client.get_cookie("device").value

    def ask(turn: int) -> str:
        client = app.test_client()
        client.set_cookie("device", device)
        typed = {**page, "old_phone": phone(900 + turn), "action": "old_phone"}
        return client.post(f"{url}/phone", data=typed).text

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert sum("与登记的手机号不一致" in text for text in answers) == 5


def test_another_phone_does_not_reach_the_page(app: Flask, owner: CodePhone) -> None:
    url, stranger = owner.code_url(), CodePhone(app)
    stranger.get("/code/")
    assert stranger.get(f"{url}/phone").status_code == 404
    assert stranger.client.post(f"{url}/phone", data={"old_phone": OLD}).status_code == 404
