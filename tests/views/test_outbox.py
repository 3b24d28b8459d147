"""「短信发件箱」: how each message went, what is hidden, and what waits (Z-A8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.roles import Role
from app.extensions import db
from app.gateways.sms import SmsTemplate
from app.models import AuditEvent, MessageState, OutgoingMessage
from app.services import messages
from app.services.messages import HELD
from tests.web import post

PAGES, PHONE = "/outbox/", "13900139000"


@pytest.fixture
def message(app: Flask) -> OutgoingMessage:
    params = {"role": "街道管理员", "password": "Geheim-47", "days": "7", "url": "https://example.cn"}
    row = messages.queue_message(PHONE, SmsTemplate.ACCOUNT_CREATED, params, "key-1")
    db.session.commit()
    return row


@pytest.fixture
def production(app: Flask) -> Iterator[None]:
    app.config["ENVIRONMENT"] = "production"
    yield
    app.config["ENVIRONMENT"] = "test"


def read(client: Any, message_id: int) -> str:
    return str(post(client, f"/reveal/message/{message_id}", {"reason": "核对发送内容"}).text)


def test_the_text_is_read_for_a_reason(login_as: Any, message: OutgoingMessage) -> None:
    key, client = message.id, login_as(Role.SYSTEM_ADMIN)
    listed = client.get(PAGES).text
    assert "139****9000" in listed and PHONE not in listed and "Geheim-47" not in listed
    assert "Geheim-47" in read(client, key)


def test_in_production_nobody_reads_a_password_or_a_code(
    login_as: Any, message: OutgoingMessage, production: None
) -> None:
    shown = read(login_as(Role.SYSTEM_ADMIN), message.id)
    assert PHONE in shown and "街道管理员" in shown and "●●●●●●" in shown and "Geheim-47" not in shown


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM_ADMIN])
def test_nobody_but_the_system_administrator_reads_messages(
    login_as: Any, message: OutgoingMessage, role: Role
) -> None:
    key, client = message.id, login_as(role)
    assert client.get(PAGES).status_code == 403
    assert client.get(f"/reveal/message/{key}").status_code in (403, 404)
    assert post(client, f"{PAGES}{key}/do/resend", {"confirmed": "1"}).status_code == 403


def test_a_failed_message_says_why_and_is_sent_again_by_hand(login_as: Any, message: OutgoingMessage) -> None:
    key, client = message.id, login_as(Role.SYSTEM_ADMIN)
    message.state, message.failure, message.failure_note = MessageState.FAILED, "sms_undelivered", "空号"
    db.session.commit()
    page = client.get(f"{PAGES}?state=FAILED").text
    assert "运营商未能送达（空号）" in page and "重新发送" in page
    assert post(client, f"{PAGES}{key}/do/resend", {"confirmed": "1"}).status_code == 302
    db.session.expire_all()
    assert db.session.get_one(OutgoingMessage, key).state is MessageState.QUEUED
    actions = db.session.execute(select(AuditEvent.action)).scalars().all()
    assert "resend_message" in actions
    assert "重新发送" not in client.get(PAGES).text.replace("N_", "")


def test_messages_held_back_warn_the_administrator(login_as: Any, message: OutgoingMessage) -> None:
    client = login_as(Role.SYSTEM_ADMIN)
    assert "短信超过发送上限" not in client.get("/").text
    message.failure = HELD
    db.session.commit()
    assert "短信超过发送上限" in client.get("/").text
    page = client.get(f"{PAGES}?state=HELD").text
    assert "暂缓发送" in page and "139****9000" in page
    assert "139****9000" not in client.get(f"{PAGES}?state=SENT").text
