"""Receipts: what the provider tells of a message that it took (Z-A8).

A receipt names the message by the idempotency key of its sending, so that it counts even where our own worker died
before it noted the reference. It moves the state forward only: said twice or late, it changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select

from app import clock
from app.domain.text import clean
from app.extensions import db
from app.models import MessageState, OutgoingMessage
from app.models.message import KEY_MARK
from app.services.transaction import transactional

UNDELIVERED = "sms_undelivered"
_LONGEST_NOTE = 100
_LONGEST_REFERENCE = 120
# A provider's words may repeat the phone number.
_NUMBER = re.compile(r"[0-9]{7,}")


@dataclass(frozen=True)
class Receipt:
    """How the message with that key went."""

    key: str
    is_delivered: bool
    reference: str = ""
    note: str = ""


@transactional
def take(receipt: Receipt) -> bool:
    """The message's state is as the receipt says; False where no message goes by that key now."""
    base = receipt.key.partition(KEY_MARK)[0]
    query = select(OutgoingMessage).where(OutgoingMessage.idempotency_key == base).with_for_update()
    row = db.session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if row is None or row.provider_key != receipt.key:
        return False
    if receipt.is_delivered:
        _note_delivered(row, receipt)
    elif row.state in (MessageState.QUEUED, MessageState.SENT):
        row.state, row.failure = MessageState.FAILED, UNDELIVERED
        row.failure_note = _NUMBER.sub("●", clean(receipt.note))[:_LONGEST_NOTE]
    return True


def _note_delivered(row: OutgoingMessage, receipt: Receipt) -> None:
    if row.state is MessageState.DELIVERED:
        return
    moment = clock.now()
    row.state, row.delivered_at, row.sent_at = MessageState.DELIVERED, moment, row.sent_at or moment
    row.provider_reference = row.provider_reference or receipt.reference[:_LONGEST_REFERENCE] or None
    row.failure = row.failure_note = None
