"""A Redis and real workers for tests of jobs; whatever a test leaves running is ended after it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis

from app.runtime import embedded_redis
from app.runtime.processes import identity
from tests.runtime.places import wait_until

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120  # how long a worker may take to start, on a machine that is busy with something else


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Redis of the suite's own."""
    folder = tmp_path_factory.mktemp("redis")
    descriptor = embedded_redis.lock(folder)
    program = embedded_redis.program(folder, lock_descriptor=descriptor)
    process = subprocess.Popen(program.command, pass_fds=[descriptor])
    url = embedded_redis.url(folder)
    wait_until(lambda: embedded_redis.is_up(folder), within_seconds=20, what="Redis answers")
    yield url
    process.terminate()
    process.wait(timeout=20)


@dataclass
class Workers:
    """Real worker processes on the application's database and the suite's Redis."""

    environment: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *queues: str) -> subprocess.Popen[bytes]:
        """A worker that reads these queues."""
        command = [sys.executable, "-m", "app.runtime.worker", *queues]
        process = subprocess.Popen(command, env=self.environment, cwd=ROOT)
        self.running.append(process)
        return process

    def await_all(self) -> None:
        """All of them have loaded the application and look at their queues."""
        redis = Redis.from_url(self.environment["REDIS_URL"])
        for process in (each for each in self.running if each.poll() is None):
            name = f"rq:worker:{identity(process.pid)}"
            wait_until(lambda: redis.sismember("rq:workers", name), within_seconds=START_SECONDS, what="a worker")  # noqa: B023 - asked at once

    def kill_all(self) -> None:
        """All workers are gone, as by SIGKILL."""
        for process in self.running:
            process.kill()
            process.wait(timeout=20)
        self.running.clear()


@pytest.fixture
def queue_app(app: Flask, redis_server: str) -> Iterator[Flask]:
    """The application with queues that work, empty at first."""
    before = app.config["REDIS_URL"]
    app.config["REDIS_URL"] = redis_server
    app.extensions.pop("redis_connection", None)
    Redis.from_url(redis_server).flushall()
    yield app
    app.config["REDIS_URL"] = before
    app.extensions.pop("redis_connection", None)


@pytest.fixture
def workers(queue_app: Flask, data_dir: Path) -> Iterator[Workers]:
    """A way to start workers."""
    environment = {
        **os.environ,
        "APP_ENV": "test",
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": queue_app.config["SQLALCHEMY_DATABASE_URI"],
        "REDIS_URL": queue_app.config["REDIS_URL"],
        "PYTHONPATH": str(ROOT),
    }
    found = Workers(environment)
    yield found
    found.kill_all()
