"""What a job's error says stays out of Redis and the log: it may be somebody's name or number (X10)."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from rq.job import Job
from sqlalchemy.exc import IntegrityError

from app.extensions import redis_connection
from app.runtime.queues import SafeQueue
from app.runtime.worker import RecoveringWorker
from tests.factories import Factories

SECRET = "何晓明 410102199001011234"


def fail() -> None:
    """As the database tells it: the whole row."""
    try:
        raise ValueError(SECRET)
    except ValueError as fault:
        raise IntegrityError(f"INSERT {SECRET}", {"name": SECRET}, fault) from fault


def test_a_failed_job_leaves_its_kind_of_fault_and_no_value(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    worker = RecoveringWorker(["statistics"], connection=redis_connection(), application=app)
    queue = SafeQueue("statistics", connection=redis_connection())
    queue.enqueue(fail, job_id="failing")
    taken = SafeQueue.dequeue_any([queue], None, connection=redis_connection())
    assert taken is not None
    with caplog.at_level(logging.INFO, logger="rq.worker"):
        worker.perform_job(taken[0], queue, worker.prepare_execution(taken[0]))
    result = Job.fetch("failing", connection=redis_connection()).latest_result()
    assert result is not None
    told = result.exc_string or ""
    assert told.rstrip().endswith("sqlalchemy.exc.IntegrityError") and "in fail" in told
    assert "failing" in caplog.text
    assert "何晓明" not in told + caplog.text


def test_an_error_of_the_database_says_no_values(make: Factories) -> None:
    make.venue(code="TWICE")
    with pytest.raises(IntegrityError) as fault:
        make.venue(code="TWICE", name=SECRET)
    assert SECRET not in str(fault.value)
