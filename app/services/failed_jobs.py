"""Jobs that have failed: seen by what they are about, never by what their error said; tried again or dropped, on record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from flask import current_app
from rq import Queue
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.registry import FailedJobRegistry
from rq.utils import as_text

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.running import QUEUE_NAMES
from app.extensions import redis_connection
from app.profiles import load_profile
from app.services import audit
from app.services.audit import Actor
from app.services.transaction import after_commit, transactional

MOST_SHOWN = 50
_FAULT = re.compile(r"[A-Za-z_][\w.]*(?=:|$)")


@dataclass(frozen=True)
class FailedJob:
    """A job by its name; `about` are the numbers of the rows that it was given, `fault` the kind of its error."""

    id: str
    queue: str
    work: str
    about: str
    fault: str
    ended_at: datetime | None


def latest() -> list[FailedJob]:
    """Return the failed jobs of all queues, newest first, MOST_SHOWN of each."""
    found = [_described(job, name) for name in QUEUE_NAMES for job in _failed_in(name)]
    return sorted(found, key=lambda each: each.ended_at or datetime.min.replace(tzinfo=UTC), reverse=True)


def _failed_in(name: str) -> list[Job]:
    connection = redis_connection()
    found = cast(list[bytes], connection.zrevrange(_registry(name).key, 0, MOST_SHOWN - 1))
    return [job for job in Job.fetch_many([as_text(each) for each in found], connection=connection) if job is not None]


def _registry(name: str) -> FailedJobRegistry:
    return Queue(name, connection=redis_connection()).failed_job_registry


def _described(job: Job, queue: str) -> FailedJob:
    # Ids only: an error's message may carry the values at which it failed.
    about = ", ".join(str(each) for each in job.args if isinstance(each, int))
    ended = job.ended_at
    return FailedJob(
        id=job.id,
        queue=queue,
        work=(job.func_name or "").removeprefix("app.jobs."),
        about=about,
        fault=_kind(job),
        ended_at=ended.replace(tzinfo=UTC) if ended is not None and ended.tzinfo is None else ended,
    )


def _kind(job: Job) -> str:
    result = job.latest_result()
    lines = (result.exc_string or "").strip().splitlines() if result is not None else []
    named = _FAULT.match(lines[-1]) if lines else None
    return named[0].rpartition(".")[2] if named else ""


@transactional
def retry(queue: str, job_id: str, *, actor: Actor) -> None:
    """The job is in its queue again. Error: job_gone."""
    _note("retry_job", _find(queue, job_id), actor)
    after_commit(lambda: _requeue(queue, job_id))


@transactional
def drop(queue: str, job_id: str, *, actor: Actor) -> None:
    """The job is gone for good. Error: job_gone."""
    _note("drop_job", _find(queue, job_id), actor)
    after_commit(lambda: _registry(queue).remove(job_id, delete_job=True))


def _find(queue: str, job_id: str) -> Job:
    gone = DomainError(N_("这个任务已不在失败列表中，请刷新页面"), code="job_gone")
    if queue not in QUEUE_NAMES or job_id not in _registry(queue):
        raise gone
    try:
        return Job.fetch(job_id, connection=redis_connection())
    except NoSuchJobError:
        raise gone from None


def _requeue(queue: str, job_id: str) -> None:
    try:
        _registry(queue).requeue(job_id)
    except (NoSuchJobError, InvalidJobOperation):
        current_app.logger.warning("job %s is not failed any more", job_id)


def _note(action: str, job: Job, actor: Actor) -> None:
    region = load_profile(current_app.config["REGION"]).area_code
    changes = {"work": job.func_name, "queue": job.origin}
    audit.record(actor, action, subject=job.id[:40], subject_type="job", area_code=region, changes=changes)
