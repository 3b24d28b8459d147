"""Text messages are sent once, after their cause is committed, and none is lost (Z-A8)."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from flask import Flask
from rq import Queue, SimpleWorker
from sqlalchemy import select

from app import clock
from app.domain.errors import DomainError
from app.domain.roles import Role
from app.extensions import db, redis_connection
from app.gateways.sms import SmsTemplate
from app.jobs import messages as jobs
from app.models import MessageState, OutgoingMessage
from app.services import messages
from app.services.transaction import transaction
from tests.factories import Factories

PHONE = "13900139000"


def queue(key: str = "key-1") -> int:
    params = {"code": "482913", "minutes": "5"}
    return messages.queue_message(PHONE, SmsTemplate.VERIFICATION_CODE, params, key).id


def queue_notice(key: str = "key-1", *, phone: str = PHONE) -> int:
    """A message that can wait."""
    params = {"role": "街道管理员", "password": "secret", "days": "7", "url": "https://example.cn"}
    return messages.queue_message(phone, SmsTemplate.ACCOUNT_CREATED, params, key).id


def make_due() -> None:
    """As when its pause is over."""
    stored().next_attempt_at = clock.now()
    db.session.commit()


def stored() -> OutgoingMessage:
    db.session.expire_all()
    return db.session.execute(select(OutgoingMessage)).scalar_one()


def work() -> None:
    """Do what waits in the queue, with a real worker."""
    connection = redis_connection()
    SimpleWorker([Queue(messages.QUEUE, connection=connection)], connection=connection).work(burst=True)


class Provider(BaseHTTPRequestHandler):
    """A provider that keeps what it got and answers as told."""

    got: ClassVar[list[dict[str, Any]]] = []
    status: ClassVar[int] = 200
    arrived: ClassVar[threading.Semaphore]
    answers: ClassVar[threading.Event]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.got.append({**body, "key": self.headers["Idempotency-Key"]})
        self.arrived.release()
        self.answers.wait(20)
        with contextlib.suppress(OSError):  # whoever sent may be dead
            self.send_response(self.status)
            self.end_headers()
            self.wfile.write(b'{"ref": "provider-7"}')

    def log_message(self, *_details: Any) -> None:
        """Say nothing."""


@pytest.fixture
def provider(app: Flask) -> Iterator[type[Provider]]:
    """A provider at the configured address."""
    Provider.got, Provider.status = [], 200
    Provider.arrived, Provider.answers = threading.Semaphore(0), threading.Event()
    Provider.answers.set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app.config["SMS_GATEWAY_URL"] = f"http://127.0.0.1:{server.server_port}/"
    app.config["SMS_GATEWAY_TOKEN"] = "token"
    yield Provider
    app.config["SMS_GATEWAY_URL"] = app.config["SMS_GATEWAY_TOKEN"] = None
    server.shutdown()
    server.server_close()


def test_a_message_without_a_provider_stays_in_the_outbox(app: Flask) -> None:
    queue()
    assert stored().sent_at is None
    work()
    assert (stored().provider_reference, stored().attempts) == ("outbox", 1)
    assert stored().sent_at is not None


def test_phone_and_code_are_sealed_in_the_database(app: Flask) -> None:
    queue()
    row = db.session.execute(db.text("SELECT phone, params FROM outgoing_message")).one()
    assert b"139" not in bytes(row.phone)[:8] and PHONE.encode() not in bytes(row.phone)
    assert b"482913" not in bytes(row.params)


def test_no_personal_data_is_in_the_queue(app: Flask) -> None:
    queue()
    connection = redis_connection()
    dump = b" ".join(b" ".join(connection.hgetall(key).values()) for key in connection.keys("rq:job:*"))
    assert PHONE.encode() not in dump and b"482913" not in dump


def test_a_message_is_sent_with_its_cause_or_not_at_all(app: Flask) -> None:
    with pytest.raises(RuntimeError), transaction():
        queue()
        raise RuntimeError("the cause fails")
    assert Queue(messages.QUEUE, connection=redis_connection()).count == 0
    assert db.session.execute(select(OutgoingMessage)).all() == []


def test_the_same_key_is_one_message(app: Flask) -> None:
    assert queue("same") == queue("same")
    assert stored().idempotency_key == "same"


def test_a_job_that_runs_twice_sends_once(app: Flask, provider: type[Provider]) -> None:
    key = queue()
    jobs.send(key)
    jobs.send(key)
    work()
    (message,) = provider.got
    assert (message["phone"], message["key"]) == (PHONE, "key-1")
    assert "482913" in message["text"]
    assert stored().provider_reference == "provider-7"


def test_jobs_at_the_same_time_send_once(app: Flask, provider: type[Provider]) -> None:
    key = queue()
    barrier = threading.Barrier(4)

    def run() -> None:
        with app.app_context():
            barrier.wait()
            jobs.send(key)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(provider.got) == 1


def test_a_refused_message_is_not_tried_again(app: Flask, provider: type[Provider]) -> None:
    provider.status = 400
    key = queue()
    jobs.send(key)
    provider.status = 200
    jobs.send(key)
    assert len(provider.got) == 1
    assert (stored().failure, stored().sent_at) == ("sms_refused", None)


def test_a_message_that_a_provider_did_not_take_goes_out_later(app: Flask, provider: type[Provider]) -> None:
    address = app.config["SMS_GATEWAY_URL"]
    app.config["SMS_GATEWAY_URL"] = "http://127.0.0.1:9/"  # nobody listens there
    queue()
    work()
    assert (stored().failure, stored().state) == ("sms_unavailable", MessageState.QUEUED)
    make_due()
    app.config["SMS_GATEWAY_URL"] = address
    jobs.resend_waiting()
    work()
    assert len(provider.got) == 1
    assert (stored().failure, stored().provider_reference, stored().attempts) == (None, "provider-7", 2)


def test_a_message_whose_job_was_lost_is_found(app: Flask) -> None:
    queue()
    Queue(messages.QUEUE, connection=redis_connection()).empty()
    jobs.resend_waiting()
    assert Queue(messages.QUEUE, connection=redis_connection()).count == 0, "it may still be on its way"
    make_due()
    jobs.resend_waiting()
    work()
    assert stored().sent_at is not None


def test_a_message_to_nobody_is_sent_to_nobody_and_goes(app: Flask, provider: type[Provider]) -> None:
    messages.queue_decoy()
    work()
    assert provider.got == []
    assert db.session.execute(select(OutgoingMessage)).all() == []


def test_every_attempt_waits_twice_as_long_as_the_one_before(app: Flask) -> None:
    app.config.update(SMS_GATEWAY_URL="http://127.0.0.1:9/", SMS_GATEWAY_TOKEN="token")
    key, pauses = queue_notice(), []
    for _ in range(4):
        before = clock.now()
        jobs.send(key)
        due = stored().next_attempt_at or before
        pauses.append(round((due - before).total_seconds() / 30))
        make_due()
    app.config.update(SMS_GATEWAY_URL=None, SMS_GATEWAY_TOKEN=None)
    assert pauses == [1, 2, 4, 8]
    assert stored().attempts == 4


@pytest.mark.parametrize(("template", "lives"), [("VERIFICATION_CODE", 5), ("ACCOUNT_CREATED", 7 * 24 * 60)])
def test_a_message_is_of_use_as_long_as_it_says_itself(app: Flask, template: str, lives: int) -> None:
    (queue if template == "VERIFICATION_CODE" else queue_notice)()
    assert stored().expires_at == stored().created_at + timedelta(minutes=lives)


def test_a_message_that_is_too_late_is_not_sent(app: Flask, provider: type[Provider]) -> None:
    key = queue()
    stored().expires_at = clock.now()
    db.session.commit()
    jobs.send(key)
    assert provider.got == []
    assert (stored().state, stored().failure) == (MessageState.FAILED, "sms_too_late")


def test_a_worker_killed_after_sending_leaves_a_message_that_goes_out_under_the_same_key(
    app: Flask, provider: type[Provider]
) -> None:
    key = queue()
    provider.answers.clear()  # until somebody allows it
    worker = os.fork()
    if worker == 0:
        signal.alarm(30)
        db.engine.dispose(close=False)
        jobs.send(key)
        os._exit(0)
    assert provider.arrived.acquire(timeout=20)
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    provider.answers.set()
    assert stored().state is MessageState.QUEUED
    jobs.send(key)
    assert len(provider.got) == 1, "the lock of the dead worker still holds"
    redis_connection().delete(f"message:{key}")  # as after 90 seconds
    make_due()
    jobs.resend_waiting()
    work()
    assert [message["key"] for message in provider.got] == ["key-1", "key-1"]
    assert (stored().state, stored().provider_reference) == (MessageState.SENT, "provider-7")


@pytest.mark.parametrize(("status", "key"), [(400, "key-1.1"), (500, "key-1")])
def test_a_failed_message_is_sent_again_by_hand(
    app: Flask, provider: type[Provider], make: Factories, status: int, key: str
) -> None:
    """What was refused goes out as another message; what may have arrived keeps its key, so that it does not twice."""
    admin, message_id, provider.status = make.account(Role.SYSTEM_ADMIN), queue(), status
    jobs.send(message_id)
    stored().state = MessageState.FAILED
    db.session.commit()
    provider.status = 200
    messages.resend(stored(), account=admin)
    work()
    assert provider.got[-1]["key"] == key
    assert (stored().state, stored().failure) == (MessageState.SENT, None)
    with pytest.raises(DomainError, match="发送失败"):
        messages.resend(stored(), account=admin)


def test_what_is_out_of_date_is_not_sent_again(app: Flask, make: Factories) -> None:
    admin, row = make.account(Role.SYSTEM_ADMIN), db.session.get_one(OutgoingMessage, queue())
    row.state, row.expires_at = MessageState.FAILED, clock.now()
    with pytest.raises(DomainError, match="有效期"):
        messages.resend(row, account=admin)


def test_beyond_the_limit_of_the_system_only_codes_go_out(app: Flask, provider: type[Provider]) -> None:
    app.config["SMS_PER_HOUR"] = 2
    ids = [queue_notice(f"notice-{number}", phone=f"1390013900{number}") for number in range(3)]
    code = queue("code-1")
    work()
    app.config["SMS_PER_HOUR"] = 20_000
    assert sorted(message["key"] for message in provider.got) == ["code-1", "notice-0", "notice-1"]
    held = db.session.get_one(OutgoingMessage, ids[2], populate_existing=True)
    assert (held.state, held.failure, held.attempts) == (MessageState.QUEUED, "sms_held", 0)
    assert held.next_attempt_at is not None and held.next_attempt_at > clock.now() + timedelta(minutes=55)
    assert db.session.get_one(OutgoingMessage, code).state is MessageState.SENT
    redis_connection().flushall()  # as after an hour
    jobs.send(ids[2])
    assert db.session.get_one(OutgoingMessage, ids[2], populate_existing=True).state is MessageState.SENT


def test_one_phone_gets_ten_notices_a_day(app: Flask, provider: type[Provider]) -> None:
    for number in range(12):
        jobs.send(queue_notice(f"notice-{number}"))
    assert len(provider.got) == 10
    jobs.send(queue_notice("another", phone="13900139009"))
    assert len(provider.got) == 11
