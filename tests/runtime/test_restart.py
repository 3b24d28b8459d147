"""Whoever dies is started again, and what was in hand is done."""

import os
import signal
from urllib.request import urlopen

import pytest
from rq import Queue
from rq.job import Job, JobStatus

from tests.runtime.places import Tree, wait_until


def answers(tree: Tree) -> bool:
    try:
        with urlopen(tree.url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def is_finished(tree: Tree, job_id: str) -> bool:
    return Job.fetch(job_id, connection=tree.place.redis).get_status() == JobStatus.FINISHED


def begun(tree: Tree, name: str) -> list[int]:
    """The processes that began the job of that name, in order."""
    return [int(line.split()[2]) for line in tree.place.notes if line.startswith(f"begin {name} ")]


def test_a_job_whose_worker_is_killed_runs_again_within_20_seconds(lasting_tree: Tree) -> None:
    place = lasting_tree.place
    queue = Queue("imports", connection=place.redis)
    queue.enqueue("tests.runtime.stand_in.work_once", "import", 300.0, job_id="import")
    wait_until(lambda: begun(lasting_tree, "import"), within_seconds=30, what="the job")
    (horse,) = begun(lasting_tree, "import")

    os.kill(lasting_tree.programs["worker-imports"], signal.SIGKILL)

    wait_until(lambda: horse not in place.processes, within_seconds=2, what="the end of the job's own process")
    wait_until(lambda: is_finished(lasting_tree, "import"), within_seconds=20, what="its return")
    assert len(begun(lasting_tree, "import")) == 2


def test_a_killed_web_process_is_replaced(lasting_tree: Tree) -> None:
    with urlopen(lasting_tree.url, timeout=5) as response:
        answering = int(response.read())
    os.kill(answering, signal.SIGKILL)
    wait_until(lambda: answering not in lasting_tree.place.processes, within_seconds=5, what="its end")
    wait_until(lambda: answers(lasting_tree), within_seconds=20, what="an answer")


@pytest.mark.parametrize("name", ["web", "worker-others", "scheduler", "redis"])
def test_who_is_killed_is_started_again(lasting_tree: Tree, name: str) -> None:
    place, killed = lasting_tree.place, lasting_tree.programs[name]
    wait_until(lambda: place.notes, within_seconds=20, what="the schedule at work")

    os.kill(killed, signal.SIGKILL)

    wait_until(lambda: killed not in place.processes, within_seconds=5, what=f"the end of {name}")
    wait_until(lambda: answers(lasting_tree), within_seconds=30, what="an answer")
    seen = len(place.notes)
    wait_until(lambda: len(place.notes) > seen + 1, within_seconds=30, what="the schedule at work again")
