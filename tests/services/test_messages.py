"""Text messages are sent once, after their cause is committed, and none is lost (Z-A8)."""

from __future__ import annotations

import json
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
from app.extensions import db, redis_connection
from app.gateways.sms import SmsTemplate
from app.jobs import messages as jobs
from app.models import OutgoingMessage
from app.services import messages
from app.services.transaction import transaction

PHONE = "13900139000"


def queue(key: str = "key-1") -> int:
    params = {"code": "482913", "minutes": "5"}
    return messages.queue_message(PHONE, SmsTemplate.VERIFICATION_CODE, params, key).id


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

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.got.append({**body, "key": self.headers["Idempotency-Key"]})
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(b'{"ref": "provider-7"}')

    def log_message(self, *_details: Any) -> None:
        """Say nothing."""


@pytest.fixture
def provider(app: Flask) -> Iterator[type[Provider]]:
    """A provider at the configured address."""
    Provider.got, Provider.status = [], 200
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
    assert stored().failure == "sms_unavailable"
    stored().created_at = clock.now() - timedelta(minutes=1)
    db.session.commit()
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
    stored().created_at = clock.now() - timedelta(minutes=1)
    db.session.commit()
    jobs.resend_waiting()
    work()
    assert stored().sent_at is not None


def test_a_message_to_nobody_is_sent_to_nobody_and_goes(app: Flask, provider: type[Provider]) -> None:
    messages.queue_decoy()
    work()
    assert provider.got == []
    assert db.session.execute(select(OutgoingMessage)).all() == []


def test_a_message_that_is_too_late_stays(app: Flask) -> None:
    queue()
    stored().created_at = clock.now() - timedelta(hours=1)
    db.session.commit()
    Queue(messages.QUEUE, connection=redis_connection()).empty()
    assert messages.resend_waiting() == 0
