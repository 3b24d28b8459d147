"""Everything is started again when it dies, and nothing is left when the parent ends, however it ends."""

import signal
import threading
from dataclasses import dataclass
from urllib.request import urlopen

import pytest
from rq import Queue
from rq.job import Job, JobStatus

from tests.runtime.places import Place, Tree, start_redis, start_tree, wait_until


def answers(tree: Tree) -> bool:
    try:
        with urlopen(tree.url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def enqueue(place: Place, function: str, name: str, seconds: float) -> None:
    """The job is at work."""
    queue = Queue("imports", connection=place.redis)
    queue.enqueue(f"tests.runtime.stand_in.{function}", name, seconds, job_id=name)
    wait_until(lambda: any(f"begin {name}" in line for line in place.notes), within_seconds=30, what="the job")


@dataclass
class Ended:
    """What was left of a system that got Ctrl-C with a request and a job in hand."""

    status: int
    answer: list[bytes]
    notes: list[str]
    processes: list[int]


@pytest.fixture(scope="module")
def ended(lasting_place: Place) -> Ended:
    """Ctrl-C while a page of one second and a job of one second were in hand."""
    tree = start_tree(lasting_place)
    answer: list[bytes] = []

    def ask() -> None:
        with urlopen(f"{tree.url}slow", timeout=20) as response:
            answer.append(response.read())

    enqueue(lasting_place, "work", "short", 1.0)
    asking = threading.Thread(target=ask)
    asking.start()
    asking.join(0.4)
    tree.parent.send_signal(signal.SIGINT)
    status = tree.parent.wait(timeout=40)
    asking.join(20)
    return Ended(status, answer, lasting_place.notes, lasting_place.processes)


def test_ctrl_c_ends_every_process(ended: Ended) -> None:
    assert ended.status == 0
    assert ended.processes == []


def test_a_request_in_hand_is_answered_at_the_end(ended: Ended) -> None:
    assert ended.answer == [b"finished"]


def test_a_job_in_hand_may_finish_at_the_end(ended: Ended) -> None:
    assert any("end short" in line for line in ended.notes)


def test_a_job_that_takes_too_long_at_the_end_is_done_at_the_next_start(tree: Tree) -> None:
    enqueue(tree.place, "work_once", "long", 60.0)

    tree.parent.send_signal(signal.SIGTERM)

    tree.parent.wait(timeout=40)
    assert tree.place.processes == []
    again = start_redis(tree.place)
    assert Queue("imports", connection=again.redis).job_ids == ["long"]
    assert Job.fetch("long", connection=again.redis).get_status() == JobStatus.QUEUED


def test_a_kill_of_the_parent_leaves_no_process(tree: Tree) -> None:
    wait_until(lambda: len(tree.place.processes) >= 8, within_seconds=30, what="all processes")

    tree.parent.kill()

    tree.parent.wait(timeout=5)
    wait_until(lambda: not tree.place.processes, within_seconds=5, what="nobody left")
