"""A worker process: `python -m app.runtime.worker imports exports`. It loads the application once, before any job."""

import argparse
import importlib
import logging
import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

from flask import Flask
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from rq import Queue, Worker
from rq.executions import Execution
from rq.job import Job, JobStatus
from rq.worker_registration import get_keys

from app.runtime.processes import die_with_parent, identity, is_known_dead
from app.runtime.queues import SafeQueue, put_back, return_lost_jobs
from app.runtime.refusal import refuse_demo

logger = logging.getLogger("rq.worker")

HEARTBEAT_SECONDS = 5
MAINTENANCE_SECONDS = 5
# An idle worker looks up from its queues 15 s before this is over (RQ's rule), so every 5 s.
WORKER_TTL_SECONDS = 20
# A worker on another machine that has not been heard of this long, beyond its heartbeat, is taken for dead.
SILENCE_SECONDS = 20
RQ_SILENCE_SECONDS = 60
REDIS_LOOK_SECONDS, REDIS_PATIENCE_SECONDS = 0.25, 60.0


class RecoveringWorker(Worker):
    """Takes back the jobs of dead workers, runs each job inside the application, and loses none when it ends."""

    queue_class = SafeQueue

    def __init__(self, queue_names: list[str], *, connection: Redis, application: Flask | None = None) -> None:
        super().__init__(
            queue_names,
            name=identity(),
            connection=connection,
            worker_ttl=WORKER_TTL_SECONDS,
            job_monitoring_interval=HEARTBEAT_SECONDS,
            maintenance_interval=MAINTENANCE_SECONDS,
        )
        self._application = application
        self._worker_pid = os.getpid()

    def clean_registries(self) -> None:
        """Lost jobs are back in their queues and dead workers off the list; then RQ's own cleaning."""
        for job_id in return_lost_jobs(self.queues, self.connection):
            logger.warning("Job %s lost its worker and was put back", job_id)
        for key in get_keys(connection=self.connection):
            name = str(key).removeprefix(self.redis_worker_namespace_prefix)
            if is_known_dead(name):
                with self.connection.pipeline() as pipeline:
                    pipeline.srem(self.redis_workers_keys, key)
                    for queue in self.queues:
                        pipeline.srem(f"rq:workers:{queue.name}", key)
                    pipeline.delete(key)
                    pipeline.execute()
        super().clean_registries()

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        """Seconds after which a worker that was not heard of counts as dead."""
        return super().get_heartbeat_ttl(job, working_time) - RQ_SILENCE_SECONDS + SILENCE_SECONDS

    def prepare_job_execution(self, job: Job, remove_from_intermediate_queue: bool = False) -> None:
        """As RQ does for a worker with one queue: started, and off the handover list, in one step."""
        del remove_from_intermediate_queue
        super().prepare_job_execution(job, remove_from_intermediate_queue=True)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Runs one job in its process, which the kernel ends with the worker: no second one runs beside its return."""
        die_with_parent(self._worker_pid)
        super().main_work_horse(job, queue)

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Runs one job inside the application, on database connections of its own."""
        if self._application is None:
            return bool(super().perform_job(job, queue, execution))
        with self._application.app_context():
            return bool(super().perform_job(job, queue, execution))

    def _finalize_failure(self, job: Job, queue: Queue, execution: Execution, exc_info: Any) -> None:
        """Log and Redis get the kind of a job's fault and where it arose; its words may be somebody's data."""
        super()._finalize_failure(job, queue, execution, without_words(exc_info))

    def request_force_stop(self, signum: int, frame: FrameType | None) -> None:
        """The second request to end: a job that is still running is stopped and goes back to the front of its queue."""
        del signum, frame
        if self.horse_pid:
            self.kill_horse()
            self.wait_for_horse()
            for execution in list(self.executions.values()):
                self._put_back(execution)
        raise SystemExit

    def _put_back(self, execution: Execution) -> None:
        job = execution.job
        if job.get_status(refresh=True) not in (JobStatus.STARTED, JobStatus.QUEUED):
            return
        queue = self.queue_class(job.origin, connection=self.connection)
        with self.connection.pipeline() as pipeline:
            execution.delete(job, pipeline)
            put_back(queue, job, pipeline)
            pipeline.execute()
        logger.warning("Job %s was stopped with its worker and put back", job.id)


def without_words(exc_info: Any) -> Any:
    """The same as `sys.exc_info()` tells it, of an exception of that name which says nothing."""
    kind, _fault, frames = exc_info
    if kind is None:
        return exc_info
    silent = type(kind.__name__, (Exception,), {"__module__": kind.__module__, "__qualname__": kind.__qualname__})
    return silent, silent(), frames


def _load(path: str) -> Callable[[], Any]:
    module, _, name = path.partition(":")
    factory: Callable[[], Any] = getattr(importlib.import_module(module), name)
    return factory


def patient_connection(url: str) -> Redis:
    """A connection whose commands wait for a Redis that is away: the worker and its job outlive a restart of it.

    Else RQ ends the worker that had a job, and everything waits until another one has loaded the application. A command
    may be given twice: what that may leave behind, a job handed over or started twice, is found and borne as after a kill.
    """
    turns = int(REDIS_PATIENCE_SECONDS / REDIS_LOOK_SECONDS)
    return Redis.from_url(url, retry=Retry(ConstantBackoff(REDIS_LOOK_SECONDS), turns))


def main() -> None:
    """Works until it is told to end; a job that is running may finish first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("queues", nargs="+")
    parser.add_argument("--application", default="app:create_app", help="module:factory, or '' for none")
    options = parser.parse_args()
    # A second program starts this one: a kill between its start and the first job must not be lost on RQ's handlers.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    connection = patient_connection(os.environ["REDIS_URL"])
    application = _load(options.application)() if options.application else None
    if application is not None:
        refuse_demo(application)
        _forget_connections(application)
    level = os.environ.get("LOG_LEVEL", "WARNING").upper()
    RecoveringWorker(options.queues, connection=connection, application=application).work(logging_level=level)


def _forget_connections(application: Flask) -> None:
    """No database connection made while loading is shared with the processes of the jobs."""
    alchemy = application.extensions.get("sqlalchemy")
    if alchemy is not None:
        with application.app_context():
            for engine in alchemy.engines.values():
                engine.dispose()


if __name__ == "__main__":
    main()
