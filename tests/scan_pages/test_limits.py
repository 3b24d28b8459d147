"""Limits and headers of the public pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.extensions import db, redis_connection
from app.models import EntryRecord
from app.scan_pages import limits
from app.services.identities import device_index
from tests.factories import Factories, id_card
from tests.factories import phone as number
from tests.scan_pages.phone import GOOD_FORM, Phone, forms_of


@pytest.fixture
def counted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application with its limits on, in the middle of a minute that does not end."""
    monkeypatch.setattr(limits, "time", FrozenMinute)
    app.config["RATELIMIT_ENABLED"] = True
    app.extensions.pop("scan_window", None)
    yield app
    app.config["RATELIMIT_ENABLED"] = False
    app.extensions.pop("scan_window", None)


class FrozenMinute:
    """The clock of the limits, forty seconds into a minute."""

    @staticmethod
    def time() -> float:
        return 1_600_000_000.0


@pytest.fixture
def compound(make: Factories):
    venue = make.venue()
    db.session.commit()
    return venue


def another_process(app: Flask) -> None:
    """What follows is answered by a process that has counted nothing yet."""
    app.extensions.pop("scan_window")


def codes(answers: list[TestResponse]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def exhaust(phone: Phone) -> None:
    """The phone has asked as often as it may."""
    index = device_index(phone.client.get_cookie("device").value)
    while not limits.seconds_to_wait(index, "127.0.0.1"):
        pass


def at(address: str) -> dict[str, str]:
    return {"REMOTE_ADDR": address}


@pytest.mark.parametrize("has_lane", [True, False], ids=["express lane", "long way"])
def test_a_thousand_submissions_of_one_phone_are_sixty_entries_and_nobody_else_waits(
    counted: Flask, phone: Phone, new_phone: Callable[[], Phone], compound, has_lane: bool
) -> None:
    honest = new_phone()
    honest.fill_in(compound, document_number=id_card(8), phone_number=number(8))
    phone.fill_in(compound)
    taps = {each: forms_of(each.scan(compound))[0].values | {"action": "register"} for each in (phone, honest)}
    counted.extensions["scan_window"] = limits._Window()
    redis_connection().flushall()
    lane = counted.express_lane  # type: ignore[attr-defined]
    counted.express_lane = lane if has_lane else None  # type: ignore[attr-defined]
    many = 500 if has_lane else 100
    answers = [phone.post(compound, taps[phone]) for _ in range(many)]
    another_process(counted)
    answers += [phone.post(compound, taps[phone]) for _ in range(many)]
    counted.express_lane = lane  # type: ignore[attr-defined]
    # Another process hears of the first one's count when it asks for the first time, an eighth of the limit later.
    unheard = limits.PER_DEVICE // limits._OWN_SHARE
    assert limits.PER_DEVICE <= codes(answers)[200] <= limits.PER_DEVICE + unheard
    assert codes(answers)[429] == 2 * many - codes(answers)[200]
    assert honest.post(compound, taps[honest]).status_code == 200


def test_an_address_has_a_share_at_each_place_and_other_addresses_their_own(
    counted: Flask, new_phone: Callable[[], Phone], compound, make: Factories
) -> None:
    elsewhere = make.venue()
    db.session.commit()
    place = f"p:{compound.code}:127.0.0.1"
    redis_connection().set(f"scan:{int(FrozenMinute.time()) // 60}:{place}", limits.PER_ADDRESS_AND_PLACE - 75)
    for _ in range(75):  # from here on this process asks what the others have counted
        assert not limits.seconds_to_wait(None, "127.0.0.1", place=compound.code)
    assert codes([new_phone().scan(compound) for _ in range(3)]) == {429: 3}
    assert new_phone().scan(elsewhere).status_code == 200
    assert new_phone().client.get(f"/s/{compound.code}", environ_base=at("10.0.0.2")).status_code == 200


def test_a_line_of_ipv6_is_one_address(counted: Flask, new_phone: Callable[[], Phone], compound) -> None:
    addresses = [f"2001:db8:1:2::{number:x}" for number in range(1, 700)]
    waiting = [limits.seconds_to_wait(None, each, place=compound.code) for each in addresses]
    assert (waiting.count(0), set(waiting)) == (limits.PER_ADDRESS_AND_PLACE, {0, 20})


def test_a_refused_phone_uses_up_nothing_of_its_address(counted: Flask, compound) -> None:
    for _ in range(limits.PER_ADDRESS_AND_PLACE):
        limits.seconds_to_wait(b"one phone", "10.0.0.1", place=compound.code)
    assert limits.seconds_to_wait(b"another one", "10.0.0.1", place=compound.code) == 0


def test_without_redis_each_process_counts_alone(counted: Flask, phone: Phone, compound) -> None:
    phone.scan(compound)
    before, counted.config["REDIS_URL"] = counted.config["REDIS_URL"], "redis://127.0.0.1:1/0"
    counted.extensions.pop("redis_connection", None)
    exhaust(phone)
    answer = phone.scan(compound)
    counted.config["REDIS_URL"] = before
    counted.extensions.pop("redis_connection", None)
    assert answer.status_code == 429


@pytest.mark.parametrize("has_lane", [True, False], ids=["express lane", "long way"])
@pytest.mark.parametrize(
    ("spoken", "words"), [("zh", ("操作太频繁", "请等 20 秒后再试", "重新提交")), ("en", ("20 seconds", "Send again"))]
)
def test_who_is_turned_away_is_told_when_to_send_again_what_was_typed(
    counted: Flask, phone: Phone, compound, spoken: str, words: tuple[str, ...], has_lane: bool
) -> None:
    page = forms_of(phone.scan(compound, f"?form=1&lang={spoken}"))[0].values
    typed = {**page, **GOOD_FORM, "address": '"><b>3号楼', "plate_number": ""}
    lane = counted.express_lane  # type: ignore[attr-defined]
    counted.express_lane = lane if has_lane else None  # type: ignore[attr-defined]
    exhaust(phone)
    refused = phone.post(compound, typed)
    counted.express_lane = lane  # type: ignore[attr-defined]
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "20")
    assert all(word in refused.text for word in words)
    assert "<b>" not in refused.text
    kept = forms_of(refused)[0].values
    assert kept == typed
    assert "default-src 'none'" in refused.headers["Content-Security-Policy"]
    counted.extensions.pop("scan_window")
    redis_connection().flushall()  # the minute is over
    assert phone.post(compound, kept).status_code == 200
    assert db.session.query(EntryRecord).count() == 1


def test_every_public_page_carries_the_headers_of_a_private_one(phone: Phone, compound) -> None:
    for answer in (phone.scan(compound), phone.fill_in(compound), phone.tap(compound), phone.client.get("/s/NOSUCH")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_a_body_larger_than_any_form_is_refused(phone: Phone, compound) -> None:
    assert phone.client.post(f"/s/{compound.code}", data={"name": "x" * 100_000}).status_code == 413
