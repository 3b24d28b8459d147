"""What is due by the clock is put into its queue once."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from rq import Queue

from app.domain.running import PLAN_KEY
from app.jobs.schedule import SCHEDULE, Scheduled
from app.runtime.queues import QUEUE_NAMES
from app.runtime.scheduler import Scheduler
from tests.runtime.places import Place

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2021, 8, 1, 4, 0, tzinfo=UTC)
OFTEN = Scheduled("often", "tests.runtime.stand_in.tick", every_seconds=15)
DAILY = Scheduled("daily", "tests.runtime.stand_in.tick", cron="5 0 * * *")


def scheduler(place: Place, *entries: Scheduled) -> Scheduler:
    return Scheduler(entries, connection=place.redis, zone=ZONE)


def finish(place: Place, name: str) -> None:
    """The entry's job has run."""
    Queue("statistics", connection=place.redis).fetch_job(f"schedule-{name}").delete()  # type: ignore[union-attr]


def test_a_turn_is_taken_once(redis_server: Place) -> None:
    at_work = scheduler(redis_server, OFTEN)
    assert at_work.tick(NOON) == ["often"]
    finish(redis_server, "often")
    assert at_work.tick(NOON + timedelta(seconds=14)) == []
    assert at_work.tick(NOON + timedelta(seconds=15)) == ["often"]


def test_what_still_waits_is_not_put_in_again(redis_server: Place) -> None:
    at_work = scheduler(redis_server, OFTEN)
    at_work.tick(NOON)
    assert at_work.tick(NOON + timedelta(minutes=1)) == []
    assert Queue("statistics", connection=redis_server.redis).count == 1


def test_of_two_schedulers_one_works(redis_server: Place) -> None:
    first, second = scheduler(redis_server, OFTEN), scheduler(redis_server, OFTEN)
    second._name = "another"
    assert first.tick(NOON) == ["often"]
    assert second.tick(NOON + timedelta(minutes=1)) == []
    finish(redis_server, "often")
    first.release()
    assert second.tick(NOON + timedelta(minutes=1)) == ["often"]


def test_a_restart_does_not_repeat_a_turn(redis_server: Place) -> None:
    scheduler(redis_server, OFTEN).tick(NOON)
    finish(redis_server, "often")
    assert scheduler(redis_server, OFTEN).tick(NOON + timedelta(seconds=5)) == []


def test_turns_missed_over_two_days_are_made_up_once(redis_server: Place) -> None:
    at_work = scheduler(redis_server, DAILY)
    at_work.tick(NOON)
    finish(redis_server, "daily")
    assert at_work.tick(NOON + timedelta(days=2)) == ["daily"]
    finish(redis_server, "daily")
    assert at_work.tick(NOON + timedelta(days=2, hours=1)) == []


@pytest.mark.parametrize(("hour", "minute", "due"), [(16, 4, []), (16, 6, ["daily"])])
def test_a_day_begins_at_the_regions_midnight(redis_server: Place, hour: int, minute: int, due: list[str]) -> None:
    at_work = scheduler(redis_server, DAILY)
    at_work.tick(NOON)
    finish(redis_server, "daily")
    assert at_work.tick(NOON.replace(hour=hour, minute=minute)) == due


def test_every_entry_goes_to_a_queue_that_is_read() -> None:
    assert {entry.queue for entry in SCHEDULE} <= set(QUEUE_NAMES)
    assert len({entry.name for entry in SCHEDULE}) == len(SCHEDULE)


def test_an_entry_has_one_clock() -> None:
    with pytest.raises(ValueError, match="either"):
        Scheduled("both", "tests.runtime.stand_in.tick", every_seconds=1, cron="* * * * *")


def test_what_is_due_when_is_written_down(redis_server: Place) -> None:
    redis_server.redis.hset(PLAN_KEY, "of an older version", "{}")
    scheduler(redis_server, OFTEN, DAILY).tick(NOON)
    planned = {name.decode(): json.loads(told) for name, told in redis_server.redis.hgetall(PLAN_KEY).items()}
    assert planned == {
        "often": {"queue": "statistics", "last": "2021-08-01T04:00:00+00:00", "next": "2021-08-01T04:00:15+00:00"},
        "daily": {"queue": "statistics", "last": "2021-08-01T04:00:00+00:00", "next": "2021-08-01T16:05:00+00:00"},
    }
