"""Every queue that is named has a worker, every job that is named exists."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

from app.jobs.schedule import SCHEDULE
from app.runtime.queues import QUEUE_NAMES
from app.runtime.settings import WORKERS

APP = Path(__file__).parents[2] / "app"
WORKED = {queue for queues in WORKERS.values() for queue in queues}
_DOTTED = re.compile(r"^app\.jobs\.\w+\.\w+$")


def texts(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def named_queues() -> set[str]:
    """The first argument of every Queue(…), and what a name ending in QUEUE stands for."""
    found = set()
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Queue" and node.args:
                found |= {each.value for each in node.args[:1] if isinstance(each, ast.Constant)}
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                names = [getattr(target, "id", "") for target in node.targets]
                found |= {node.value.value for name in names if name.endswith("QUEUE")}
    return found


DOTTED = sorted({text for path in APP.rglob("*.py") for text in texts(path) if _DOTTED.match(text)})


def test_every_queue_has_a_worker() -> None:
    assert set(QUEUE_NAMES) == WORKED
    assert named_queues() <= WORKED
    assert {entry.queue for entry in SCHEDULE} <= WORKED


@pytest.mark.parametrize("dotted", DOTTED)
def test_every_job_exists(dotted: str) -> None:
    module, _, name = dotted.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


def test_every_scheduled_job_is_among_them_and_named_once() -> None:
    assert {entry.dotted for entry in SCHEDULE} <= set(DOTTED)
    assert len({entry.name for entry in SCHEDULE}) == len(SCHEDULE)
