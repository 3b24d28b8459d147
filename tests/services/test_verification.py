"""Codes: six digits, five minutes, one a minute, ten a day, five checks (Z-A8)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.errors import DomainError
from app.extensions import db, redis_connection
from app.models import OutgoingMessage
from app.services import verification
from app.services.limits import Counter, Limit, network_of, take
from app.services.message_limits import code_counter
from app.services.verification import CodeRequest, Purpose, check_code, send_code

PHONE = "13900139000"


def send(phone: str = PHONE, address: str = "10.0.0.1", **details: Any) -> None:
    send_code(CodeRequest(phone, Purpose.RESET_PASSWORD, address, **details))


def check(code: str, phone: str = PHONE, **details: Any) -> None:
    check_code(phone, code, purpose=Purpose.RESET_PASSWORD, **details)


def forget(limit: Limit, subject: str = PHONE) -> None:
    """The time of this limit has passed."""
    Counter(limit, subject).clear()


def refusal(**details: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        send(**details)
    assert caught.value.code == "sms_too_often"
    return caught.value


@pytest.fixture
def with_real_codes(app: Flask) -> Any:
    """Codes are drawn, as in a real installation."""
    app.config["SMS_CODE_FIXED"] = None
    yield
    app.config["SMS_CODE_FIXED"] = "123456"


def sent_code() -> str:
    row = db.session.execute(select(OutgoingMessage).order_by(OutgoingMessage.id.desc())).scalars().first()
    assert row is not None
    return str(json.loads(row.params)["code"])


def test_a_code_has_six_digits_and_is_right_once(app: Flask, with_real_codes: None) -> None:
    send()
    code = sent_code()
    assert len(code) == 6 and code.isdigit()
    check(f" {code} ")
    with pytest.raises(DomainError, match="验证码不正确或已过期"):
        check(code)


@pytest.mark.parametrize("typed", [" 123456 ", "123 456", "１２３４５６", "123-456", "123\u00a0456\u200b"])
def test_a_code_is_right_however_a_keyboard_or_a_clipboard_writes_it(app: Flask, typed: str) -> None:
    app.config["SMS_CODE_FIXED"] = "123456"
    send()
    check(typed)


def test_redis_holds_neither_code_nor_phone(app: Flask, with_real_codes: None) -> None:
    send()
    connection, code = redis_connection(), sent_code().encode()
    keys = connection.keys("*")
    values = [b" ".join(connection.hgetall(key).values()) for key in connection.keys("code:*")]
    assert len(values) == 1
    assert all(PHONE.encode() not in each and code not in each for each in (*keys, *values))


def test_a_code_lives_five_minutes(app: Flask) -> None:
    send()
    (key,) = redis_connection().keys("code:*")
    assert 290 < redis_connection().ttl(key) <= 300


def test_a_new_code_voids_the_one_before(app: Flask, with_real_codes: None) -> None:
    send()
    first = sent_code()
    forget(verification.PER_MINUTE)
    send()
    second = sent_code()
    if first != second:
        with pytest.raises(DomainError):
            check(first)
    check(second)


def test_a_code_belongs_to_its_phone_and_purpose(app: Flask) -> None:
    send()
    with pytest.raises(DomainError):
        check("123456", phone="13900139001")
    with pytest.raises(DomainError):
        check_code(PHONE, "123456", purpose=Purpose.SIGN_IN)
    check("123456")


@pytest.mark.parametrize("typed", [" 123456 ", "123 456", "１２３４５６", "123\u00a0456", "123-456"])
def test_a_code_is_right_however_it_was_typed(app: Flask, typed: str) -> None:
    send()
    check(typed)


def test_five_wrong_checks_void_a_code(app: Flask) -> None:
    send()
    for _ in range(5):
        with pytest.raises(DomainError):
            check("000000")
    with pytest.raises(DomainError):
        check("123456")


def test_a_phone_gets_one_a_minute_five_an_hour_ten_a_day(app: Flask) -> None:
    sent = 0
    for _hour in range(3):
        for _minute in range(6):
            try:
                send()
            except DomainError:
                break
            sent += 1
            assert refusal().params["seconds"] <= 60
            forget(verification.PER_MINUTE)
        forget(verification.PER_HOUR)
    assert sent == 10
    assert refusal().params["minutes"] > 60


def test_one_address_cannot_send_to_many_phones(app: Flask) -> None:
    for number in range(60):
        send(f"138{number:08d}", is_delivered=False)
    refusal(phone="13800009999")
    send("13800009999", "10.0.0.2", is_delivered=False)


def test_all_together_are_sent_as_many_codes_an_hour_as_the_settings_say(app: Flask) -> None:
    redis_connection().set(code_counter().key, app.config["SMS_PER_HOUR"] - 1, ex=60)
    send("13800000001", "10.0.0.2")
    refusal()


def test_a_refused_request_counts_nowhere(app: Flask) -> None:
    send()
    for _ in range(20):
        refusal()
    forget(verification.PER_MINUTE)
    send()


def test_a_fixed_code_is_for_demo_and_test_only(app: Flask) -> None:
    app.config["ENVIRONMENT"] = "production"
    try:
        send()
        with pytest.raises(DomainError):
            check("123456" if sent_code() != "123456" else "654321")
    finally:
        app.config["ENVIRONMENT"] = "test"


def test_an_address_counts_as_its_network() -> None:
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert network_of("10.0.0.1") != network_of("10.0.0.2")
    assert network_of(None) == "unknown"


def test_counters_are_taken_together_or_not_at_all(app: Flask) -> None:
    wide, narrow = Counter(Limit("wide", 9, 60), "a"), Counter(Limit("narrow", 1, 60), "a")
    assert take(wide, narrow) == 0
    assert 0 < take(wide, narrow) <= 60
    assert int(redis_connection().get(wide.key) or 0) == 1  # type: ignore[arg-type]
