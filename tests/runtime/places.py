"""Real processes in a folder of their own, and how to wait for what they do."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis

from app.runtime import embedded_redis

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def wait_until(condition: Callable[[], object], *, within_seconds: float, what: str) -> float:
    """Seconds until the condition held; fails when it does not in time."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > within_seconds:
            pytest.fail(f"not within {within_seconds:g} s: {what}")
        time.sleep(0.02)
    return time.monotonic() - started


def processes_of(mark: str) -> list[int]:
    """The numbers of all living processes whose environment holds the mark."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            is_marked = mark.encode() in (entry / "environ").read_bytes()
            is_alive = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            continue
        if is_marked and is_alive:
            found.append(int(entry.name))
    return found


@dataclass
class Place:
    """A folder, its Redis, and the file in which the stand-in's jobs leave lines."""

    folder: Path
    mark: str

    @property
    def notes(self) -> list[str]:
        path = self.folder / "notes"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    @property
    def redis(self) -> Redis:
        return Redis.from_url(embedded_redis.url(self.folder))

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "NOTES": str(self.folder / "notes"),
            "REDIS_URL": embedded_redis.url(self.folder),
            "PLACE": self.mark,
        }

    @property
    def processes(self) -> list[int]:
        return processes_of(f"PLACE={self.mark}")

    def start(self, *words: str, stdout: int | None = None) -> subprocess.Popen[str]:
        """Python with these arguments, in a session of its own."""
        command = [sys.executable, *words]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment, start_new_session=True, stdout=stdout, text=True
        )


@contextmanager
def place_in(folder: Path) -> Iterator[Place]:
    """A place in the folder; every process that knows it is ended afterwards."""
    here = Place(folder, mark=f"{os.getpid()}-{folder.name}")
    yield here
    for pid in here.processes:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def start_redis(place: Place) -> Place:
    """The place with an embedded Redis that answers."""
    place.start("-c", START_REDIS, str(place.folder))
    wait_until(lambda: embedded_redis.answers(embedded_redis.url(place.folder)), within_seconds=10, what="Redis")
    return place


START_REDIS = """
import sys
from pathlib import Path
from app.runtime import embedded_redis
from app.runtime.supervisor import Supervisor
folder = Path(sys.argv[1])
supervisor = Supervisor()
supervisor.install_signal_handlers()
supervisor.start(embedded_redis.program(folder, lock_descriptor=embedded_redis.lock(folder)))
supervisor.supervise()
supervisor.stop([])
"""


@dataclass
class Tree:
    """The whole system with the stand-in application."""

    place: Place
    parent: subprocess.Popen[str]
    port: int
    programs: dict[str, int]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_tree(place: Place) -> Tree:
    """Everything is up: Redis, web server, workers, scheduler."""
    port = free_port()
    words = ("-m", "tests.runtime.stand_in_run", str(place.folder), str(port))
    parent = place.start(*words, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    return Tree(place, parent, port, json.loads(parent.stdout.readline()))
