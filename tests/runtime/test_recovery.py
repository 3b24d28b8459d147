"""A job survives the sudden death of its worker, at any moment, and runs again soon."""

import os
import signal

from rq import Worker
from rq.job import Job, JobStatus

from app.runtime import embedded_redis
from app.runtime.processes import identity, is_known_dead
from app.runtime.queues import HANDOVER_SECONDS, MOST_RETURNS, RETURNS_KEY, SafeQueue, return_lost_jobs
from app.runtime.settings import WORKERS
from tests.runtime.places import Place, wait_until

WORKER = ("-m", "app.runtime.worker", "--application", "tests.runtime.stand_in:create_app")


def status(place: Place, job_id: str) -> JobStatus:
    return Job.fetch(job_id, connection=place.redis).get_status()


def begun(place: Place, name: str) -> list[int]:
    """The processes that began the job of that name, in order."""
    return [int(line.split()[2]) for line in place.notes if line.startswith(f"begin {name} ")]


def test_a_worker_on_another_machine_is_given_up_within_40_seconds(redis_server: Place) -> None:
    queue = SafeQueue("imports", connection=redis_server.redis)
    queue.enqueue("tests.runtime.stand_in.work_once", "remote", 300.0, job_id="remote")
    # It calls itself by a name that says nothing about this machine, as one from elsewhere does.
    elsewhere = redis_server.start(
        "-c", "import app.runtime.worker as w; w.identity = lambda: 'elsewhere'; w.main()", "imports", *WORKER[2:]
    )
    wait_until(lambda: begun(redis_server, "remote"), within_seconds=15, what="the job")

    elsewhere.kill()
    elsewhere.wait()
    redis_server.start(*WORKER, "imports")

    wait_until(lambda: status(redis_server, "remote") == JobStatus.FINISHED, within_seconds=40, what="its return")


def test_a_worker_and_its_job_outlive_their_redis(redis_server: Place) -> None:
    queue = SafeQueue("imports", connection=redis_server.redis)
    queue.enqueue("tests.runtime.stand_in.work_once", "long", 1.0, job_id="long")
    worker = redis_server.start(*WORKER, "imports")
    wait_until(lambda: begun(redis_server, "long"), within_seconds=30, what="the job")

    os.kill(redis_server.redis.info("server")["process_id"], signal.SIGKILL)
    wait_until(lambda: answers(redis_server), within_seconds=30, what="Redis")
    wait_until(lambda: status(redis_server, "long") == JobStatus.FINISHED, within_seconds=30, what="its end")
    queue.enqueue("tests.runtime.stand_in.work_once", "next", 0.0, job_id="next")
    wait_until(lambda: status(redis_server, "next") == JobStatus.FINISHED, within_seconds=30, what="the next job")
    assert worker.poll() is None
    assert len(begun(redis_server, "long")) == 1


def answers(place: Place) -> bool:
    return embedded_redis.answers(embedded_redis.url(place.folder))


def test_a_job_lost_in_handover_returns_to_its_queue(redis_server: Place) -> None:
    queue = SafeQueue("imports", connection=redis_server.redis)
    queue.enqueue("tests.runtime.stand_in.tick", job_id="lost")
    taken = SafeQueue.dequeue_any([queue], None, connection=redis_server.redis)
    assert taken is not None
    assert queue.job_ids == []

    wait_until(
        lambda: return_lost_jobs([queue], redis_server.redis) == ["lost"],
        within_seconds=HANDOVER_SECONDS + 2,
        what="its return",
    )
    assert queue.job_ids == ["lost"]
    assert return_lost_jobs([queue], redis_server.redis) == []


def test_a_job_that_kills_its_workers_fails_at_last(redis_server: Place) -> None:
    queue = SafeQueue("imports", connection=redis_server.redis)
    job = queue.enqueue("tests.runtime.stand_in.tick", job_id="deadly")
    for _ in range(MOST_RETURNS + 1):
        start_on_dead_worker(queue)
        return_lost_jobs([queue], redis_server.redis)
    job.refresh()
    assert job.get_status() == JobStatus.FAILED
    assert job.meta[RETURNS_KEY] == MOST_RETURNS
    assert queue.job_ids == []
    assert queue.started_job_registry.get_job_ids(cleanup=False) == []


def start_on_dead_worker(queue: SafeQueue) -> None:
    """The queue's next job is started by a worker whose process is no more."""
    taken = SafeQueue.dequeue_any([queue], None, connection=queue.connection)
    assert taken is not None
    job, _ = taken
    worker = Worker([queue], connection=queue.connection, name=dead_name())
    worker.prepare_execution(job)
    worker.prepare_job_execution(job, remove_from_intermediate_queue=True)


def dead_name() -> str:
    """The identity of a process that has ended."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    name = identity(pid)
    os.waitpid(pid, 0)
    return name


def test_the_living_are_not_taken_for_dead() -> None:
    assert not is_known_dead(identity())
    assert not is_known_dead(identity(os.getppid()))
    assert not is_known_dead("elsewhere-1-1")
    assert is_known_dead(dead_name())


def test_a_number_used_again_is_another_process() -> None:
    assert is_known_dead(f"{identity().rsplit('-', 1)[0]}-1")


def test_a_job_in_a_later_queue_is_taken_when_the_first_is_empty(redis_server: Place) -> None:
    queues = [SafeQueue(name, connection=redis_server.redis) for name in ("imports", "exports")]
    queues[1].enqueue("tests.runtime.stand_in.tick", job_id="export")
    taken = SafeQueue.dequeue_any(queues, 2, connection=redis_server.redis)
    assert taken is not None
    assert (taken[0].id, taken[1].name) == ("export", "exports")


def test_every_queue_has_a_worker() -> None:
    from app.runtime.queues import QUEUE_NAMES

    assert {name for queues in WORKERS.values() for name in queues} == set(QUEUE_NAMES)
