"""Jobs of the imports queue. Each may be started twice and killed at any moment (issue 1.4)."""

from __future__ import annotations

from functools import partial

from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus

from app.access import everything
from app.extensions import redis_connection
from app.services import imports, imports_checking, imports_entering, imports_recovery
from app.services.outages import outlast


def check(batch_id: int) -> None:
    """The batch waits for its confirmation, or has failed with a reason."""
    with everything("a batch is checked against the whole list"):
        outlast(partial(imports_checking.check, batch_id))


def import_batch(batch_id: int) -> None:
    """The batch's rows are in the list."""
    with everything("a batch enters the whole list"):
        outlast(partial(imports_entering.import_batch, batch_id))


def sweep_stalled() -> None:
    """Batches whose worker is gone are back in the queue, or have failed for good."""
    queue = Queue(imports.QUEUE, connection=redis_connection())
    with everything("stalled batches of anybody"):
        for batch in imports_recovery.silent_batches():
            if not _waits(queue, imports.job_id(batch)):
                imports_recovery.revive(batch.id)


def _waits(queue: Queue, job_id: str) -> bool:
    """Whether the job is still to be started: a full queue is no reason to put it there a second time."""
    try:
        job = Job.fetch(job_id, connection=queue.connection)
    except NoSuchJobError:
        return False
    if job.get_status(refresh=False) != JobStatus.QUEUED:
        return False
    places = (queue.key, queue.intermediate_queue_key)
    return any(queue.connection.lpos(place, job.id) is not None for place in places)
