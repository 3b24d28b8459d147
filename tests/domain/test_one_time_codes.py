"""One-time codes as RFC 4226 and RFC 6238 publish them, and what is taken when (issue 5)."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from app.domain.one_time_codes import (
    COMPULSORY_ROLES,
    RECOVERY_CODES,
    accepted_step,
    code_at,
    enrolment_address,
    new_recovery_codes,
    new_secret,
    plain_recovery_code,
    secret_text,
    step_at,
)
from app.domain.roles import Role

SECRET = b"12345678901234567890"
NOON = datetime(2022, 3, 1, 12, 0, 10, tzinfo=UTC)
NOW = step_at(NOON)
# RFC 4226, appendix D.
HOTP = ("755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489")
# RFC 6238, appendix B: SHA-1, eight digits.
TOTP = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}


@pytest.mark.parametrize(("counter", "code"), list(enumerate(HOTP)))
def test_codes_are_those_of_rfc_4226(counter: int, code: str) -> None:
    assert code_at(SECRET, counter) == code


@pytest.mark.parametrize(("second", "code"), TOTP.items())
def test_codes_are_those_of_rfc_6238(second: int, code: str) -> None:
    assert code_at(SECRET, step_at(datetime.fromtimestamp(second, UTC)), length=8) == code


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_taken_half_a_minute_early_or_late(steps: int, is_taken: bool) -> None:
    found = accepted_step(SECRET, code_at(SECRET, NOW + steps), moment=NOON)
    assert found == (NOW + steps if is_taken else None)


def test_no_code_is_taken_twice_nor_one_from_before_the_last() -> None:
    first = accepted_step(SECRET, code_at(SECRET, NOW), moment=NOON)
    assert first == NOW
    for step in (NOW - 1, NOW):
        assert accepted_step(SECRET, code_at(SECRET, step), moment=NOON, after=first) is None
    later = NOON + timedelta(seconds=30)
    assert accepted_step(SECRET, code_at(SECRET, NOW + 1), moment=later, after=first) == NOW + 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "口令", code_at(SECRET, NOW)[:-1], "0" * 500])
def test_anything_else_is_not_taken(typed: str) -> None:
    assert accepted_step(SECRET, typed, moment=NOON) is None


def test_a_code_may_be_typed_in_groups_and_in_full_width() -> None:
    code = code_at(SECRET, NOW)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert [accepted_step(SECRET, typed, moment=NOON) for typed in (f" {code[:3]} {code[3:]} ", wide)] == [NOW, NOW]


def test_the_app_reads_the_secret_that_a_person_can_type() -> None:
    address = enrolment_address(SECRET, account="137****7000", issuer="防控系统 & Co")
    parts = urlsplit(address)
    words = parse_qs(parts.query)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/防控系统 & Co:137****7000"
    assert words["issuer"] == ["防控系统 & Co"]
    assert base64.b32decode(words["secret"][0]) == SECRET
    assert secret_text(SECRET).replace(" ", "") == words["secret"][0]


def test_secrets_and_recovery_codes_are_long_and_differ() -> None:
    assert len(new_secret()) == 20 and new_secret() != new_secret()
    codes = new_recovery_codes()
    assert len(set(codes)) == RECOVERY_CODES == 10
    assert all(len(str(plain_recovery_code(code))) == 12 for code in codes)


def test_a_recovery_code_is_known_however_it_is_typed_and_told_from_a_code_of_the_app() -> None:
    assert plain_recovery_code(" abcd-efgh jkmn ") == "ABCDEFGHJKMN"
    assert [plain_recovery_code(typed) for typed in ("123456", "", "ABCD EFGH JKM")] == [None, None, None]


def test_those_who_see_everybody_have_to_use_one() -> None:
    assert {Role.CITY_ADMIN, Role.SYSTEM_ADMIN} == COMPULSORY_ROLES
