"""A queue that loses no job when its reader is killed, and the return of jobs whose worker died.

RQ moves a job to an intermediate list while it is handed over only for a worker with one queue; a worker with several
pops it, and a kill in that moment loses it. Here every job passes through the intermediate list. RQ also waits for a
killed worker's heartbeat to expire and then fails a job that was enqueued without Retry; here a worker of this machine
is known to be dead at once, and its job goes back to the front of its queue.
"""

import time
from collections.abc import Iterable
from typing import Any

from redis import Redis
from redis.client import Pipeline
from rq import Queue
from rq.exceptions import AbandonedJobError, DequeueTimeout, NoSuchJobError
from rq.executions import Execution
from rq.intermediate_queue import IntermediateQueue
from rq.job import Job, JobStatus
from rq.registry import StartedJobRegistry, record_job_failure
from rq.utils import as_text, now

from app.domain.running import QUEUE_NAMES
from app.runtime.processes import is_known_dead

__all__ = ["QUEUE_NAMES", "SafeQueue", "put_back", "return_lost_jobs"]

# How long one look at several queues blocks on the first: the longest wait of a job in another one.
LOOK_SECONDS = 0.25
# A handed-over job that no worker has started after this long was lost on the way.
HANDOVER_SECONDS = 5.0
# A job whose worker dies this often is what kills it (memory, a crashing library), and fails.
MOST_RETURNS = 3
RETURNS_KEY = "returns_after_death"
LOCK_KEY = "recovery:lock"
LOCK_MILLISECONDS = 30_000


class SafeQueue(Queue):
    """Hands over through the intermediate list for any number of queues."""

    @classmethod
    def dequeue_any(  # type: ignore[override]  # what is not read here passes through as it came
        cls, queues: Iterable[Queue], timeout: int | None, connection: Redis, **options: Any
    ) -> tuple[Job, Queue] | None:
        """The next job of the first queue that has one; DequeueTimeout after timeout seconds, None without timeout."""
        keys = [queue.key for queue in queues]
        deadline = time.monotonic() + (timeout or 0)
        while True:
            for key in keys:
                job_id = connection.lmove(key, _handover_key(key), "LEFT", "RIGHT")
                if job_id is None:
                    continue
                found = cls._fetch_dequeued_job(connection, key, as_text(job_id), **options)
                if found is not None:
                    return found
            if timeout is None:
                return None
            left = deadline - time.monotonic()
            if left <= 0:
                raise DequeueTimeout(timeout, keys)
            cls._await(connection, keys[0], left if len(keys) == 1 else min(left, LOOK_SECONDS))

    @staticmethod
    def _await(connection: Redis, key: str, seconds: float) -> None:
        """Blocks until the queue has a job (it stays there) or the time is over."""
        connection.blmove(key, key, max(seconds, 0.01), "LEFT", "LEFT")  # type: ignore[arg-type]  # fractions are right


def _handover_key(queue_key: str) -> str:
    return IntermediateQueue.get_intermediate_queue_key(queue_key)


def return_lost_jobs(queues: Iterable[Queue], connection: Redis) -> list[str]:
    """The ids of jobs that went back to their queues because their worker is dead or they were lost in handover.

    Nothing happens while another worker is at it.
    """
    if not connection.set(LOCK_KEY, "1", nx=True, px=LOCK_MILLISECONDS):
        return []
    try:
        return [job_id for queue in queues for job_id in (*_return_started(queue), *_return_handed_over(queue))]
    finally:
        connection.delete(LOCK_KEY)


def put_back(queue: Queue, job: Job, pipeline: Pipeline) -> None:
    """The job is first in its queue again, in the same step as the rest of the pipeline."""
    job.set_status(JobStatus.QUEUED, pipeline=pipeline)
    pipeline.lrem(_handover_key(queue.key), 0, job.id)
    queue.push_job_id(job.id, pipeline=pipeline, at_front=True)


def _return_started(queue: Queue) -> list[str]:
    """Jobs that a dead worker had started, or whose worker has not been heard of."""
    registry: StartedJobRegistry = queue.started_job_registry
    moment = time.time()
    returned = []
    entries: list[tuple[bytes, float]] = queue.connection.zrange(registry.key, 0, -1, withscores=True)  # type: ignore[assignment]  # an awaitable elsewhere
    for entry, expires in entries:
        execution = Execution.from_composite_key(as_text(entry), queue.connection)
        owner = as_text(queue.connection.hget(execution.key, "worker_name") or b"")
        if expires < moment or (owner and is_known_dead(owner)):
            execution.worker_name = owner
            returned += _return_one(queue, execution)
    return returned


def _return_one(queue: Queue, execution: Execution) -> list[str]:
    with queue.connection.pipeline() as pipeline:
        pipeline.zrem(queue.started_job_registry.key, execution.composite_key)
        pipeline.delete(execution.key)
        try:
            job = Job.fetch(execution.job_id, connection=queue.connection, serializer=queue.serializer)
        except NoSuchJobError:
            pipeline.execute()
            return []
        execution.delete(job, pipeline)
        # Anything else than started was settled by the worker before it died, or waits in the handover list.
        if job.get_status(refresh=False) != JobStatus.STARTED:
            pipeline.execute()
            return []
        returns = int(job.get_meta(refresh=False).get(RETURNS_KEY, 0)) + 1
        if returns > MOST_RETURNS:
            pipeline.lrem(_handover_key(queue.key), 0, job.id)
            record_job_failure(job, f"{AbandonedJobError.__name__}: its worker died {returns} times", pipeline)
            pipeline.execute()
            return []
        job.meta[RETURNS_KEY] = returns
        job.save_meta()
        put_back(queue, job, pipeline)
        pipeline.execute()
        return [job.id]


def _return_handed_over(queue: Queue) -> list[str]:
    """Jobs whose worker was killed after it took them and before it wrote so."""
    returned = []
    handover = IntermediateQueue(queue.key, queue.connection)
    for job_id in handover.get_job_ids():
        if job_id in queue.started_job_registry:
            continue
        job = queue.fetch_job(job_id)
        if job is None or job.get_status(refresh=True) != JobStatus.QUEUED:
            handover.remove(job_id)
            continue
        handover.set_first_seen(job_id)
        first_seen = handover.get_first_seen(job_id)
        if first_seen is None or (now() - first_seen).total_seconds() < HANDOVER_SECONDS:
            continue
        with queue.connection.pipeline() as pipeline:
            pipeline.delete(handover.get_first_seen_key(job_id))
            put_back(queue, job, pipeline)
            pipeline.execute()
        returned.append(job_id)
    return returned
