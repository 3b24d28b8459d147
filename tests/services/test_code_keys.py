"""Signing keys: published before they sign, retired without a gap, gone at once where one was lost."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app import clock
from app.domain.colors import Color
from app.domain.errors import DomainError
from app.extensions import db
from app.models import CodeSigningKey
from app.profiles import load_profile
from app.services import audit, code_keys, code_tokens, key_rotation

NUMBER = "350100123456"
LEAD = timedelta(hours=load_profile().codes.key_lead_hours)


@pytest.fixture(autouse=True)
def no_key_yet(app: Flask) -> None:
    code_keys.forget_cached()


@pytest.fixture
def now() -> datetime:
    return clock.now()


def issue(moment: datetime) -> str:
    return code_tokens.issue(NUMBER, Color.GREEN, moment)


def test_the_first_token_makes_the_first_key(app: Flask, now: datetime) -> None:
    checked = code_tokens.check(issue(now), now)
    assert (checked.number, checked.color, checked.key_number) == (NUMBER, Color.GREEN, 1)


def test_the_address_of_a_token_is_upper_case_throughout(app: Flask, now: datetime) -> None:
    address = issue(now)
    assert address == address.upper()
    assert address.startswith(str(app.config["PUBLIC_URL"]).upper() + "/C/")


def test_the_next_key_is_published_at_once_and_signs_after_the_lead(app: Flask, now: datetime) -> None:
    issue(now)
    assert code_keys.rotate(now).signs_from == now + LEAD
    assert set(code_keys.public_keys()) == {1, 2}
    assert code_keys.signing_key(now + LEAD - timedelta(seconds=1)).number == 1
    assert code_keys.signing_key(now + LEAD).number == 2


def test_the_last_token_of_a_retired_key_lives_out_its_time(app: Flask, now: datetime) -> None:
    issue(now)
    code_keys.rotate(now)
    last = issue(now + LEAD - timedelta(seconds=1))
    assert code_tokens.check(last, now + LEAD + timedelta(seconds=60)).key_number == 1


def test_a_lost_key_counts_no_longer(app: Flask, now: datetime) -> None:
    token = issue(now)
    code_keys.rotate(now, is_at_once=True)
    with pytest.raises(DomainError) as refused:
        code_tokens.check(token, now)
    assert refused.value.code == "token_key"
    assert code_tokens.check(issue(now), now).key_number == 2


def test_only_one_key_waits_for_its_turn(app: Flask, now: datetime) -> None:
    issue(now)
    code_keys.rotate(now)
    with pytest.raises(DomainError) as refused:
        code_keys.rotate(now)
    assert refused.value.code == "key_waiting"


def test_numbers_begin_again_after_the_last_that_a_byte_holds(app: Flask, now: datetime) -> None:
    key = code_keys.rotate(now - timedelta(days=1), is_at_once=True)
    db.session.execute(text("UPDATE code_signing_key SET number = 255"))
    db.session.expunge(key)
    db.session.commit()
    assert code_keys.rotate(now, is_at_once=True).number == 1


def test_private_keys_are_sealed_and_sealed_again_with_the_field_keys(app: Flask, now: datetime) -> None:
    issue(now)
    stored = bytes(db.session.execute(text("SELECT private FROM code_signing_key")).scalar_one())
    assert stored[0] == 1 and b"MIG" not in stored
    assert CodeSigningKey.__table__.c.private in [sealed.column for sealed in key_rotation.sealed_columns()]


def test_a_change_of_keys_is_on_record(app: Flask, now: datetime) -> None:
    code_keys.rotate(now)
    assert audit.verify() == (1, None)


def test_the_command_rotates(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["keys", "rotate-signing", "--at-once"])
    assert answer.output.startswith("key 1 signs from ")
