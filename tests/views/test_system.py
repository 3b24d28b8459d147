"""「系统状态」 shows every part with a light and no personal data; failed jobs are tried again or dropped, on record."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from rq import Queue
from rq.job import Job
from rq.registry import record_job_failure
from sqlalchemy import select

from app import clock
from app.domain.roles import Role
from app.domain.running import PLAN_KEY, QUEUE_NAMES, SCHEDULER_LOCK_KEY
from app.extensions import db, redis_connection
from app.jobs.schedule import SCHEDULE
from app.models import AuditEvent
from app.views.running_names import name_of
from tests.web import post

SECRET = "何晓明 410102199001011234"


@pytest.fixture
def administrator(login_as: Any) -> FlaskClient:
    return login_as(Role.SYSTEM_ADMIN)  # type: ignore[no-any-return]


@pytest.fixture
def failed(app: Flask) -> Job:
    queue = Queue("exports", connection=redis_connection())
    job = queue.enqueue("app.jobs.exports.make", 41, job_id="export-41", failure_ttl=600)
    queue.connection.lrem(queue.key, 0, job.id)
    with queue.connection.pipeline() as pipeline:
        record_job_failure(job, f"Traceback\n  x\nsqlalchemy.exc.DataError: {SECRET}", pipeline)
        pipeline.execute()
    return job


def actions() -> list[str]:
    return list(db.session.execute(select(AuditEvent.action).order_by(AuditEvent.id)).scalars())


def test_every_part_has_its_light(administrator: FlaskClient) -> None:
    redis_connection().set(SCHEDULER_LOCK_KEY, "somebody")
    due = {"queue": "statistics", "last": clock.now(), "next": clock.now() + timedelta(hours=1)}
    redis_connection().hset(PLAN_KEY, "count-hours", json.dumps(due, default=lambda moment: moment.isoformat()))
    page = administrator.get("/system/").text
    for words in (
        "没有工作进程读取此队列",
        "导入队列",
        "统计每小时扫码",
        "调度进程",
        "尚未统计",
        "短信发件箱",
        "Redis",
        "磁盘",
        "主要组件版本",
    ):
        assert words in page
    assert "SQLite" in page or "PostgreSQL" in page


def test_every_queue_and_every_turn_has_a_name_in_both_languages(app: Flask) -> None:
    keys = [*QUEUE_NAMES, *(turn.name for turn in SCHEDULE)]
    with app.test_request_context(), force_locale("en"):
        english = [name_of(key) for key in keys]
    with app.test_request_context(), force_locale("zh"):
        chinese = [name_of(key) for key in keys]
    assert not set(keys) & set(chinese)
    assert all(name.isascii() and name not in keys for name in english), english


def test_a_failed_job_shows_its_kind_of_error_and_nothing_of_anybody(administrator: FlaskClient, failed: Job) -> None:
    page = administrator.get("/system/").text
    assert all(word in page for word in ("exports.make", "41", "DataError"))
    assert "何晓明" not in page and "410102199001011234" not in page


def test_a_failed_job_is_tried_again(administrator: FlaskClient, failed: Job) -> None:
    page = post(administrator, "/system/jobs/exports/export-41/retry", follow_redirects=True).text
    assert "任务已重新排队" in page
    assert Queue("exports", connection=redis_connection()).job_ids == ["export-41"]
    assert actions() == ["retry_job"]


def test_a_failed_job_is_dropped_once_that_was_asked(administrator: FlaskClient, failed: Job) -> None:
    asked = post(administrator, "/system/jobs/exports/export-41/drop")
    assert "确定移除" in asked.text and actions() == []
    post(administrator, "/system/jobs/exports/export-41/drop", {"confirmed": "1"})
    assert not Job.exists("export-41", connection=redis_connection())
    assert actions() == ["drop_job"]


@pytest.mark.parametrize(("queue", "name"), [("exports", "nothing"), ("nothing", "export-41")])
def test_what_has_not_failed_is_left_alone(administrator: FlaskClient, failed: Job, queue: str, name: str) -> None:
    page = post(administrator, f"/system/jobs/{queue}/{name}/retry", follow_redirects=True).text
    assert "已不在失败列表中" in page
    assert actions() == []
