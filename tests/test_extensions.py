"""What an application makes once, though many threads ask for it at the same moment."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask

from app.extensions import redis_connection

THREADS, TIMES = 8, 50


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads that take turns after every few steps."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty_threads")
def test_threads_that_ask_at_once_get_one_connection_to_redis() -> None:
    """The first seconds of a server: a connection that is made twice is closed under the thread that has the first."""
    together = Barrier(THREADS)

    def ask(app: Flask) -> int:
        with app.app_context():
            together.wait()
            return id(redis_connection())

    with ThreadPoolExecutor(THREADS) as threads:
        for _ in range(TIMES):
            app = Flask("some")
            app.config["REDIS_URL"] = "redis://127.0.0.1:1/0"
            assert len(set(threads.map(ask, [app] * THREADS))) == 1
