"""What the SMS provider tells: only what is signed counts, it moves a message forward only, and once (Z-A8)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.domain.roles import Role
from app.extensions import db
from app.gateways.http_sms import sign
from app.gateways.sms import SmsTemplate
from app.models import MessageState, OutgoingMessage
from app.services import messages
from app.views import sms_receipts
from tests.factories import Factories

TOKEN = "the provider's and ours"
ADDRESS = "/sms/receipts"


@pytest.fixture(autouse=True)
def _provider(app: Flask) -> Iterator[None]:
    app.config.update(SMS_GATEWAY_URL="https://sms.example.cn/", SMS_GATEWAY_TOKEN=TOKEN)
    yield
    app.config.update(SMS_GATEWAY_URL=None, SMS_GATEWAY_TOKEN=None)


@pytest.fixture
def message(app: Flask) -> OutgoingMessage:
    """A message that the provider took."""
    params = {"old_phone": "139****0000", "new_phone": "139****0001"}
    row = messages.queue_message("13900139000", SmsTemplate.PHONE_CHANGED, params, "key-1")
    row.state, row.sent_at, row.provider_reference = MessageState.SENT, clock.now(), "P-1"
    db.session.commit()
    return row


def tell(client: FlaskClient, status: str = "delivered", *, key: str = "key-1", **more: Any) -> int:
    """Send a receipt; `signature`, `token`, `age` and `body` make it another than the provider's."""
    body = more.get("body", json.dumps({"status": status, "ref": "P-1", "reason": more.get("reason", "")}).encode())
    timestamp = more.get("timestamp", str(int(clock.now().timestamp()) - more.get("age", 0)))
    signature = more.get("signature", sign(more.get("token", TOKEN), timestamp=timestamp, key=key, body=body))
    headers = {"Idempotency-Key": key, "X-Timestamp": timestamp, "X-Signature": signature}
    return client.post(ADDRESS, data=more.get("sent", body), headers=headers).status_code


def stored() -> OutgoingMessage:
    db.session.expire_all()
    return db.session.execute(select(OutgoingMessage)).scalar_one()


def test_a_delivered_message_is_shown_as_delivered(client: FlaskClient, message: OutgoingMessage) -> None:
    assert tell(client) == 200
    assert stored().state is MessageState.DELIVERED
    assert stored().delivered_at is not None


def test_a_message_that_did_not_arrive_says_why_without_a_number(client: FlaskClient, message: OutgoingMessage) -> None:
    assert tell(client, "failed", reason="空号 13900139000") == 200
    assert (stored().state, stored().failure) == (MessageState.FAILED, "sms_undelivered")
    assert stored().failure_note == "空号 ●"


@pytest.mark.parametrize(
    "forged",
    [
        {"token": "another"},
        {"signature": ""},
        {"signature": "sha256=签"},
        {"age": 301},
        {"age": -301},
        {"timestamp": ""},
        {"timestamp": "９９"},
        {"timestamp": "1" * 400},
        {"sent": b'{"status": "failed", "ref": "P-1"}'},
    ],
    ids=str,
)
def test_what_is_not_signed_now_with_our_key_changes_nothing(
    client: FlaskClient, message: OutgoingMessage, forged: dict[str, Any]
) -> None:
    assert tell(client, **forged) == 401
    assert stored().state is MessageState.SENT


@pytest.mark.parametrize(
    "body",
    [b" ", b"null", b"[]", b"{}", b'{"status": ["delivered"]}', b'{"status": "read"}', b"\xff", b"[" * 4000,
     b'{"status": "failed", "reason": 7}', b'{"status": "failed", "ref": null}'],
    ids=lambda body: repr(body[:40]),
)  # fmt: skip
def test_what_is_no_receipt_is_refused(client: FlaskClient, message: OutgoingMessage, body: bytes) -> None:
    assert tell(client, body=body) == 400
    assert stored().state is MessageState.SENT


def test_a_receipt_of_many_bytes_is_not_read(client: FlaskClient, message: OutgoingMessage) -> None:
    assert tell(client, body=b" " * 5000) == 413


def test_the_same_receipt_again_changes_nothing(client: FlaskClient, message: OutgoingMessage) -> None:
    tell(client)
    before = stored().delivered_at
    assert tell(client) == 200
    assert stored().delivered_at == before


def test_a_late_failure_does_not_undo_a_delivery(client: FlaskClient, message: OutgoingMessage) -> None:
    tell(client)
    assert tell(client, "failed") == 200
    assert stored().state is MessageState.DELIVERED


def test_a_replayed_failure_does_not_reach_the_message_sent_again(
    client: FlaskClient, message: OutgoingMessage, make: Factories
) -> None:
    told = {"timestamp": str(int(clock.now().timestamp()))}
    tell(client, "failed", **told)
    messages.resend(stored(), account=make.account(Role.SYSTEM_ADMIN))
    assert tell(client, "failed", **told) == 404
    assert stored().state is MessageState.QUEUED
    assert tell(client, key="key-1.1") == 200
    assert stored().state is MessageState.DELIVERED


def test_a_receipt_that_comes_before_the_worker_noted_its_message_counts(
    client: FlaskClient, message: OutgoingMessage
) -> None:
    message.state, message.sent_at, message.provider_reference = MessageState.QUEUED, None, None
    db.session.commit()
    assert tell(client) == 200
    row = stored()
    assert (row.state, row.provider_reference) == (MessageState.DELIVERED, "P-1")
    assert row.sent_at is not None
    row.next_attempt_at = clock.now() - timedelta(minutes=1)
    db.session.commit()
    assert messages.resend_waiting() == 0, "what has arrived is not sent once more"


def test_an_unknown_message_is_unknown(client: FlaskClient, message: OutgoingMessage) -> None:
    assert tell(client, key="key-2") == 404


def test_without_a_provider_there_is_no_such_address(app: Flask, client: FlaskClient) -> None:
    app.config["SMS_GATEWAY_TOKEN"] = None
    assert tell(client) == 404


def test_who_guesses_signatures_is_stopped_and_the_provider_is_not(
    client: FlaskClient, message: OutgoingMessage
) -> None:
    answers = [tell(client, token="guessed") for _ in range(sms_receipts.FORGED.most + 1)]
    assert (answers[0], answers[-1]) == (401, 429)
    assert tell(client) == 200
