"""Lights go by what was found: the worst part is the light of the whole, and every light but green says what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.domain import running
from app.domain.running import Judged, Light

NOON = datetime(2021, 8, 1, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CASES: list[tuple[Judged, Light]] = [
    (running.judge_queue(waiting=0, failed=0, workers=1), Light.GOOD),
    (running.judge_queue(waiting=0, failed=0, workers=0), Light.BAD),
    (running.judge_queue(waiting=100, failed=0, workers=1), Light.ATTENTION),
    (running.judge_queue(waiting=1000, failed=0, workers=1), Light.BAD),
    (running.judge_queue(waiting=1, failed=1, workers=1), Light.ATTENTION),
    (running.judge_worker(timedelta(seconds=20)), Light.GOOD),
    (running.judge_worker(2 * MINUTE), Light.BAD),
    (running.judge_scheduler(is_alive=True), Light.GOOD),
    (running.judge_scheduler(is_alive=False), Light.BAD),
    (running.judge_turn(NOON - MINUTE, NOON), Light.GOOD),
    (running.judge_turn(NOON - 11 * MINUTE, NOON), Light.ATTENTION),
    (running.judge_rollup(None, NOON), Light.ATTENTION),
    (running.judge_rollup(NOON - HOUR, NOON), Light.GOOD),
    (running.judge_rollup(NOON - 3 * HOUR, NOON), Light.ATTENTION),
    (running.judge_rollup(NOON - 7 * HOUR, NOON), Light.BAD),
    (running.judge_outbox({"failed": 0}, None), Light.GOOD),
    (running.judge_outbox({"failed": 1}, None), Light.ATTENTION),
    (running.judge_outbox({"failed": 0}, 3 * MINUTE), Light.ATTENTION),
    (running.judge_outbox({"failed": 0}, 16 * MINUTE), Light.BAD),
    (running.judge_disk(free=50, total=100), Light.GOOD),
    (running.judge_disk(free=10, total=100), Light.ATTENTION),
    (running.judge_disk(free=4, total=100), Light.BAD),
    (running.judge_memory(used=100, most=0), Light.GOOD),
    (running.judge_memory(used=80, most=100), Light.ATTENTION),
    (running.judge_memory(used=95, most=100), Light.BAD),
]


@pytest.mark.parametrize(("judged", "light"), CASES)
def test_a_light_follows_what_was_found(judged: Judged, light: Light) -> None:
    assert judged.light is light
    assert bool(judged.advice) is (light is not Light.GOOD)


def test_the_whole_is_as_well_as_its_worst_part() -> None:
    assert running.worst([Light.GOOD, Light.BAD, Light.ATTENTION]) is Light.BAD
    assert running.worst([]) is Light.GOOD
