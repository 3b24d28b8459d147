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
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db, redis_connection
from app.gateways.http_sms import HttpSmsGateway
from app.gateways.sms import SmsGateway, SmsMessage, SmsRefusedError, SmsTemplate, SmsUnavailableError
from app.models import Account, MessageState, OutgoingMessage
from app.profiles import load_profile
from app.services import audit
from app.services.audit import Actor
from app.services.message_limits import seconds_to_wait
from app.services.transaction import after_commit, transactional

QUEUE = "messages"
OUTBOX_REFERENCE = "outbox"
DECOY = "DECOY"  # in place of a template
_SEND = "app.jobs.messages.send"
_JOB_SECONDS = 60
_LOCK_SECONDS = 90  # longer than a job may take
# A job may still be on its way; after that the sweep takes the message for lost.
_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=1)
_MOST_DOUBLINGS = 7
_AT_ONCE = 1_000
HELD, TOO_LATE = "sms_held", "sms_too_late"
# After these the provider has to see another message: the one before it knows, and knows not to send.
_ANEW = ("sms_refused", "sms_undelivered")
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
            ),
            lifetime=message.lifetime,
        )


@transactional
def queue_decoy() -> None:
    """The work of queuing a message, for nobody: whoever measures it learns nothing. The job removes it again."""
    key = f"{DECOY}-{secrets.token_hex(16)}"
    with everything(_REASON):
        db.session.execute(select(OutgoingMessage).where(OutgoingMessage.idempotency_key == key)).scalar_one_or_none()
        region = load_profile(current_app.config["REGION"]).area_code
        row = OutgoingMessage(area_code=region, phone="0" * 11, template=DECOY, params="0" * 80, idempotency_key=key)
        _put(row, lifetime=_PAUSE * 2)


def _put(row: OutgoingMessage, *, lifetime: timedelta) -> OutgoingMessage:
    row.created_at, row.attempts, row.state = clock.now(), 0, MessageState.QUEUED
    row.next_attempt_at, row.expires_at = row.created_at + _PAUSE, row.created_at + lifetime
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
        idempotency_key=row.provider_key,
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
            return _note_sent(message_id, OUTBOX_REFERENCE)
        try:
            reference = gateway.send(message_of(row))
        except SmsUnavailableError as fault:
            return _note_failure(message_id, fault.code)
        except SmsRefusedError as fault:
            return _note_failure(message_id, fault.code, is_final=True)
        return _note_sent(message_id, reference)


@transactional
def _start_attempt(message_id: int) -> OutgoingMessage | None:
    """Return the message if it is still to be sent now; the attempt is counted."""
    row = db.session.get(OutgoingMessage, message_id, populate_existing=True)
    if row is None or row.state is not MessageState.QUEUED:
        return None
    if row.template != DECOY and not _may_go(row):
        return None
    row.attempts += 1
    # Where this worker dies, another may send it when the lock is gone.
    row.next_attempt_at = clock.now() + timedelta(seconds=_LOCK_SECONDS)
    return row


def _may_go(row: OutgoingMessage) -> bool:
    """Whether the message is still of use and within the limits; else the row says why not."""
    moment = clock.now()
    if row.expires_at is not None and row.expires_at <= moment:
        row.state, row.failure = MessageState.FAILED, TOO_LATE
        return False
    # Counted once: a later attempt is the same message.
    waiting = seconds_to_wait(message_of(row)) if row.attempts == 0 else 0
    if waiting:
        row.failure, row.next_attempt_at = HELD, moment + timedelta(seconds=waiting)
    return not waiting


@transactional
def _remove(row: OutgoingMessage) -> bool:
    db.session.delete(row)
    return False


@transactional
def _note_sent(message_id: int, reference: str) -> bool:
    row = db.session.get(OutgoingMessage, message_id, populate_existing=True, with_for_update=True)
    if row is None:
        return False
    row.provider_reference, row.sent_at = reference, row.sent_at or clock.now()
    if row.state is MessageState.QUEUED:  # else its receipt was faster
        row.failure, row.state = None, MessageState.STORED if reference == OUTBOX_REFERENCE else MessageState.SENT
    return True


@transactional
def _note_failure(message_id: int, failure: str, *, is_final: bool = False) -> bool:
    """The message waits twice as long as before for the next attempt, or has failed; False: it was not sent."""
    row = db.session.get(OutgoingMessage, message_id, populate_existing=True, with_for_update=True)
    if row is None or row.state is not MessageState.QUEUED:
        return False
    row.failure = failure
    if is_final:
        row.state = MessageState.FAILED
    pause = _PAUSE * 2 ** min(row.attempts - 1, _MOST_DOUBLINGS)
    row.next_attempt_at = clock.now() + min(pause, _LONGEST_PAUSE)
    return False


@transactional
def resend(row: OutgoingMessage, *, account: Account) -> None:
    """A failed message goes out again, by hand. Errors: message_state, message_expired."""
    with everything(_REASON):
        row = db.session.get_one(OutgoingMessage, row.id, populate_existing=True, with_for_update=True)
        if row.state is not MessageState.FAILED:
            raise DomainError(N_("只有发送失败的短信可以重新发送"), code="message_state")
        if row.expires_at is None or row.expires_at <= clock.now():
            raise DomainError(N_("短信内容已过有效期，请让当事人重新获取"), code="message_expired")
        row.resends += row.failure in _ANEW
        row.state, row.attempts, row.failure, row.failure_note = MessageState.QUEUED, 0, None, None
        row.sent_at = row.provider_reference = None
        row.next_attempt_at = clock.now() + _PAUSE
        audit.record(Actor.of(account), "resend_message", subject=row, area_code=row.area_code)
    message_id = row.id
    after_commit(lambda: _enqueue(message_id))


def sms_gateway() -> SmsGateway | None:
    """Return the configured gateway; None keeps messages in the outbox."""
    url, token = current_app.config["SMS_GATEWAY_URL"], current_app.config["SMS_GATEWAY_TOKEN"] or ""
    # One more try for a broken connection, at once; whatever lasts longer is the queue's to wait for.
    return HttpSmsGateway(url=url, token=token, retries=1, pause=0.2) if url else None


def resend_waiting() -> int:
    """Enqueue what is due: its job was lost, its provider did not answer, or it was held back; return how many."""
    due = (
        select(OutgoingMessage.id)
        .where(OutgoingMessage.state == MessageState.QUEUED, OutgoingMessage.next_attempt_at <= clock.now())
        .order_by(OutgoingMessage.next_attempt_at, OutgoingMessage.id)
        .limit(_AT_ONCE)
    )
    with everything(_REASON):
        found = db.session.execute(due).scalars().all()
    for message_id in found:
        _enqueue(message_id)
    return len(found)
