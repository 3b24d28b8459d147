"""Everything is started again when it dies, and nothing is left when the parent ends, however it ends."""

import os
import signal
import threading
from urllib.request import urlopen

import pytest
from rq import Queue
from rq.job import Job, JobStatus

from tests.runtime.places import Tree, start_redis, wait_until


def answers(tree: Tree) -> bool:
    try:
        with urlopen(tree.url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def test_ctrl_c_ends_every_process(tree: Tree) -> None:
    tree.parent.send_signal(signal.SIGINT)

    assert tree.parent.wait(timeout=20) == 0
    assert tree.place.processes == []


def test_a_kill_of_the_parent_leaves_no_process(tree: Tree) -> None:
    wait_until(lambda: len(tree.place.processes) >= 8, within_seconds=10, what="all processes")

    tree.parent.kill()

    tree.parent.wait(timeout=5)
    wait_until(lambda: not tree.place.processes, within_seconds=5, what="nobody left")


@pytest.mark.parametrize("name", ["web", "worker-imports", "scheduler", "redis"])
def test_who_is_killed_is_started_again(tree: Tree, name: str) -> None:
    wait_until(lambda: tree.place.notes, within_seconds=10, what="the schedule at work")

    os.kill(tree.programs[name], signal.SIGKILL)

    wait_until(lambda: tree.programs[name] not in tree.place.processes, within_seconds=5, what=f"the end of {name}")
    wait_until(lambda: answers(tree), within_seconds=15, what="an answer")
    seen = len(tree.place.notes)
    wait_until(lambda: len(tree.place.notes) > seen + 1, within_seconds=20, what="the schedule at work again")


def test_a_killed_web_process_is_replaced(tree: Tree) -> None:
    with urlopen(tree.url, timeout=5) as response:
        answering = int(response.read())
    os.kill(answering, signal.SIGKILL)
    wait_until(lambda: answering not in tree.place.processes, within_seconds=5, what="its end")
    wait_until(lambda: answers(tree), within_seconds=10, what="an answer")


def test_a_request_in_hand_is_answered_at_the_end(tree: Tree) -> None:
    answered: list[bytes] = []

    def ask() -> None:
        with urlopen(f"{tree.url}slow", timeout=10) as response:
            answered.append(response.read())

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join(0.3)

    tree.parent.send_signal(signal.SIGTERM)

    assert tree.parent.wait(timeout=20) == 0
    asking.join(5)
    assert answered == [b"finished"]
    assert tree.place.processes == []


def test_a_job_in_hand_may_finish_at_the_end(tree: Tree) -> None:
    Queue("imports", connection=tree.place.redis).enqueue("tests.runtime.stand_in.work", "short", 1.0)
    wait_until(lambda: any("begin short" in line for line in tree.place.notes), within_seconds=10, what="the job")

    tree.parent.send_signal(signal.SIGINT)

    tree.parent.wait(timeout=20)
    assert any("end short" in line for line in tree.place.notes)


def test_a_job_that_takes_too_long_at_the_end_is_done_at_the_next_start(tree: Tree) -> None:
    Queue("imports", connection=tree.place.redis).enqueue(
        "tests.runtime.stand_in.work_once", "long", 60.0, job_id="long"
    )
    wait_until(lambda: any("begin long" in line for line in tree.place.notes), within_seconds=10, what="the job")

    tree.parent.send_signal(signal.SIGINT)

    tree.parent.wait(timeout=20)
    assert tree.place.processes == []
    again = start_redis(tree.place)
    assert Queue("imports", connection=again.redis).job_ids == ["long"]
    assert Job.fetch("long", connection=again.redis).get_status() == JobStatus.QUEUED
