"""What is done at once: by several threads, each in an application context of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from app.access import everything
from app.domain.errors import DomainError
from app.extensions import redis_connection


@pytest.fixture
def at_once(app: Flask) -> Iterator[Callable[[Callable[[int], Any], int], list[Any]]]:
    """Return a function that does something several times at once, each in a request of its own, and what came of it."""

    def run(action: Callable[[int], Any], times: int) -> list[Any]:
        together = Barrier(times)

        def one(turn: int) -> Any:
            with app.app_context(), everything("a test sets things up"):
                together.wait()
                try:
                    return action(turn)
                except DomainError as fault:
                    return fault.code

        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(one, range(times)))

    yield run
    redis_connection().delete("rq:queue:imports")
