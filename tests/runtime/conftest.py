"""Real processes in a folder of their own; whatever a test leaves running is ended after it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.places import Place, Tree, place_in, start_redis, start_tree


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A folder of the test's own."""
    with place_in(tmp_path) as here:
        yield here


@pytest.fixture(scope="module")
def lasting_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A folder for all tests of a file."""
    with place_in(tmp_path_factory.mktemp("lasting")) as here:
        yield here


@pytest.fixture
def redis_server(place: Place) -> Place:
    """The place with an embedded Redis that answers."""
    return start_redis(place)


@pytest.fixture
def tree(place: Place) -> Tree:
    """Everything up: Redis, web server, workers, scheduler."""
    return start_tree(place)


@pytest.fixture(scope="module")
def lasting_tree(lasting_place: Place) -> Tree:
    """Everything up, for all tests of a file."""
    return start_tree(lasting_place)
