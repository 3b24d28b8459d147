"""Jobs that follow a change: in the queue as soon as the transaction in hand has committed."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from redis.exceptions import RedisError
from rq import Queue

from app.extensions import redis_connection
from app.services.transaction import after_commit

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class QueuedJob:
    """A job by its dotted name about one row; `name` tells one turn of it from another."""

    queue: str
    dotted: str
    key: int
    name: str
    seconds: int


def enqueue_later(job: QueuedJob) -> None:
    """The job is in its queue after the commit; where Redis does not answer, it waits for the sweep."""

    def enqueue() -> None:
        try:
            queue = Queue(job.queue, connection=redis_connection())
            queue.enqueue(
                job.dotted, job.key, job_id=job.name, job_timeout=job.seconds, result_ttl=0, failure_ttl=86_400
            )
        except RedisError:
            logger.warning("%s waits for the sweep: the queue does not answer", job.name)

    after_commit(enqueue)
