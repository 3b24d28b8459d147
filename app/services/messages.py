"""Text messages: queued with their cause, sent by a job, once (Z-A8)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta

from flask import current_app
from redis.exceptions import RedisError
from rq import Queue
from sqlalchemy import select

from app import clock
from app.access import everything
from app.extensions import db, redis_connection
from app.gateways.http_sms import HttpSmsGateway
from app.gateways.sms import SmsGateway, SmsMessage, SmsRefusedError, SmsTemplate, SmsUnavailableError
from app.models import OutgoingMessage
from app.profiles import load_profile
from app.services.transaction import after_commit, transactional

QUEUE = "messages"
OUTBOX_REFERENCE = "outbox"
DECOY = "DECOY"  # in place of a template
_SEND = "app.jobs.messages.send"
_JOB_SECONDS = 60
_LOCK_SECONDS = 90  # longer than a job may take
_MOST_ATTEMPTS = 6
# A code is of no use after this; a late message would only confuse.
_TOO_LATE = timedelta(minutes=30)
_PAUSE = timedelta(seconds=30)
_REASON = "a message goes to whoever it is for"


@transactional
def queue_message(
    phone: str,
    template: SmsTemplate,
    params: Mapping[str, str],
    idempotency_key: str,
    *,
    area_code: str | None = None,
) -> OutgoingMessage:
    """Put a message into the outbox in the caller's transaction; a job sends it after the commit.

    The sender's name is added to `params`. The same `idempotency_key` again gives the message that is there already.
    """
    profile = load_profile(current_app.config["REGION"])
    complete = {"sender": profile.app_name.zh, **params}
    message = SmsMessage(phone=phone, template=template, params=complete, idempotency_key=idempotency_key)
    with everything(_REASON):
        known = select(OutgoingMessage).where(OutgoingMessage.idempotency_key == idempotency_key)
        present = db.session.execute(known).scalar_one_or_none()
        if present is not None:
            return present
        return _put(
            OutgoingMessage(
                area_code=area_code or profile.area_code,
                phone=message.phone,
                template=template.name,
                params=json.dumps(dict(message.params), ensure_ascii=False),
                idempotency_key=idempotency_key,
            )
        )


@transactional
def queue_decoy() -> None:
    """The work of queuing a message, for nobody: whoever measures it learns nothing. The job removes it again."""
    key = f"{DECOY}-{secrets.token_hex(16)}"
    with everything(_REASON):
        db.session.execute(select(OutgoingMessage).where(OutgoingMessage.idempotency_key == key)).scalar_one_or_none()
        region = load_profile(current_app.config["REGION"]).area_code
        _put(OutgoingMessage(area_code=region, phone="0" * 11, template=DECOY, params="0" * 80, idempotency_key=key))


def _put(row: OutgoingMessage) -> OutgoingMessage:
    row.created_at, row.attempts = clock.now(), 0
    db.session.add(row)
    db.session.flush()
    message_id = row.id
    after_commit(lambda: _enqueue(message_id))
    return row


def _enqueue(message_id: int) -> None:
    try:
        Queue(QUEUE, connection=redis_connection()).enqueue(
            _SEND,
            message_id,
            job_id=f"message-{message_id}",
            job_timeout=_JOB_SECONDS,
            result_ttl=0,
            description=f"message {message_id}",
        )
    except RedisError:
        # The message is committed; the sweep (resend_waiting) finds it.
        current_app.logger.warning("message %s waits: the queue does not answer", message_id)


def message_of(row: OutgoingMessage) -> SmsMessage:
    """Return the row as what a gateway sends and a person reads."""
    return SmsMessage(
        phone=row.phone,
        template=SmsTemplate[row.template],
        params=json.loads(row.params),
        idempotency_key=row.idempotency_key,
    )


def deliver(message_id: int) -> bool:
    """Send one message and note how it went; return whether it was this call that sent it.

    One worker at a time holds a message, and the network is used outside any transaction. Where a worker dies in
    between, the message goes out again under the same idempotency key, by which the provider knows it.
    """
    lock = f"message:{message_id}"
    if not redis_connection().set(lock, "1", nx=True, ex=_LOCK_SECONDS):
        return False
    try:
        return _deliver(message_id)
    finally:
        redis_connection().delete(lock)


def _deliver(message_id: int) -> bool:
    with everything(_REASON):
        row = _start_attempt(message_id)
        if row is None:
            return False
        if row.template == DECOY:
            return _remove(row)
        gateway = sms_gateway()
        if gateway is None:
            return _note(message_id, reference=OUTBOX_REFERENCE)
        try:
            reference = gateway.send(message_of(row))
        except SmsUnavailableError as fault:
            _note(message_id, failure=fault.code)
            return False
        except SmsRefusedError as fault:
            _note(message_id, failure=fault.code, is_final=True)
            return False
        return _note(message_id, reference=reference)


@transactional
def _start_attempt(message_id: int) -> OutgoingMessage | None:
    """Return the message if it is still to be sent; the attempt is counted."""
    row = db.session.get(OutgoingMessage, message_id, populate_existing=True)
    if row is None or row.sent_at is not None or row.attempts >= _MOST_ATTEMPTS:
        return None
    row.attempts += 1
    return row


@transactional
def _remove(row: OutgoingMessage) -> bool:
    db.session.delete(row)
    return False


@transactional
def _note(message_id: int, *, reference: str | None = None, failure: str | None = None, is_final: bool = False) -> bool:
    row = db.session.get(OutgoingMessage, message_id, populate_existing=True)
    if row is None or row.sent_at is not None:
        return False
    row.provider_reference, row.failure = reference, failure
    if reference is not None:
        row.sent_at = clock.now()
    elif is_final:
        row.attempts = _MOST_ATTEMPTS
    return reference is not None


def sms_gateway() -> SmsGateway | None:
    """Return the configured gateway; None keeps messages in the outbox."""
    url = current_app.config["SMS_GATEWAY_URL"]
    return HttpSmsGateway(url=url, token=current_app.config["SMS_GATEWAY_TOKEN"] or "") if url else None


def resend_waiting() -> int:
    """Enqueue again what should have been sent by now and may still be of use; return how many."""
    moment = clock.now()
    waiting = select(OutgoingMessage.id).where(
        OutgoingMessage.sent_at.is_(None),
        OutgoingMessage.attempts < _MOST_ATTEMPTS,
        OutgoingMessage.created_at < moment - _PAUSE,
        OutgoingMessage.created_at > moment - _TOO_LATE,
    )
    with everything(_REASON):
        found = db.session.execute(waiting).scalars().all()
    for message_id in found:
        _enqueue(message_id)
    return len(found)
