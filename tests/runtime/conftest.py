"""Real processes in a folder of their own; whatever a test leaves running is ended after it."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.places import Place, Tree, free_port, start_redis


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A folder of the test's own; every process that knows it is ended afterwards."""
    here = Place(tmp_path, mark=f"{os.getpid()}-{tmp_path.name}")
    yield here
    for pid in here.processes:
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def redis_server(place: Place) -> Place:
    """The place with an embedded Redis that answers."""
    return start_redis(place)


@pytest.fixture
def tree(place: Place) -> Tree:
    """Everything up: Redis, web server, workers, scheduler."""
    port = free_port()
    parent = place.start("-m", "tests.runtime.stand_in_run", str(place.folder), str(port), stdout=subprocess.PIPE)
    assert parent.stdout is not None
    return Tree(place, parent, port, json.loads(parent.stdout.readline()))
