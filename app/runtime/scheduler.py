"""The scheduler: `python -m app.runtime.scheduler`. Puts the jobs of app.jobs.schedule into their queues when due.

Any number may run: the one that holds the lock in Redis works, the others wait. What each entry's last turn was is
kept in Redis, so that a restart neither repeats a turn nor forgets one, and a turn that was missed while nothing ran
is made up once. An entry that still waits or runs is not put in a second time.
"""

import argparse
import importlib
import json
import logging
import os
import signal
import threading
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from croniter import croniter  # type: ignore[import-untyped]  # comes without types
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus
from rq.utils import as_text

from app.domain.running import PLAN_KEY, SCHEDULER_LOCK_KEY
from app.jobs.schedule import Scheduled
from app.runtime.processes import identity, is_known_dead

logger = logging.getLogger(__name__)

LOCK_KEY = SCHEDULER_LOCK_KEY
TURNS_KEY = "scheduler:turns"
LOCK_SECONDS = 10
TICK_SECONDS = 1.0
JOB_TIMEOUT_SECONDS = 900
FAILURE_TTL_SECONDS = 86_400


def turn(entry: Scheduled, moment: datetime, zone: ZoneInfo) -> str:
    """The name of the turn that is due at the moment: it changes whenever the entry is due again.

    Cron entries follow the region's clock.
    """
    if entry.every_seconds is not None:
        return str(int(moment.timestamp()) // entry.every_seconds)
    latest = croniter(entry.cron, moment.astimezone(zone)).get_prev(datetime)
    return str(latest.astimezone(UTC).isoformat())


def next_turn(entry: Scheduled, moment: datetime, zone: ZoneInfo) -> datetime:
    """When the entry is due again after the moment."""
    if entry.every_seconds is not None:
        number = int(moment.timestamp()) // entry.every_seconds + 1
        return datetime.fromtimestamp(number * entry.every_seconds, UTC)
    following: datetime = croniter(entry.cron, moment.astimezone(zone)).get_next(datetime)
    return following.astimezone(UTC)


class Scheduler:
    """Enqueues what is due, as long as it holds the lock."""

    def __init__(self, schedule: tuple[Scheduled, ...], *, connection: Redis, zone: ZoneInfo) -> None:
        self._schedule = schedule
        self._connection = connection
        self._zone = zone
        self._name = identity()
        self._has_tidied = False

    def tick(self, moment: datetime) -> list[str]:
        """The names of the entries that were put into their queues at the moment."""
        if not self._holds_lock():
            return []
        self._forget_others()
        return [entry.name for entry in self._schedule if self._is_due(entry, moment) and self._enqueue(entry)]

    def release(self) -> None:
        """Another scheduler may take over at once."""
        if self._owner() == self._name:
            self._connection.delete(LOCK_KEY)

    def _owner(self) -> str:
        return as_text(self._connection.get(LOCK_KEY) or b"")

    def _holds_lock(self) -> bool:
        if self._connection.set(LOCK_KEY, self._name, nx=True, ex=LOCK_SECONDS):
            return True
        owner = self._owner()
        if is_known_dead(owner):
            self._connection.delete(LOCK_KEY)  # taken at the next tick, by whoever is first
        if owner != self._name:
            return False
        return bool(self._connection.expire(LOCK_KEY, LOCK_SECONDS))

    def _is_due(self, entry: Scheduled, moment: datetime) -> bool:
        """True once for each turn; the turn is noted first, for one left out is made up sooner than one done twice."""
        current = turn(entry, moment, self._zone)
        if as_text(self._connection.hget(TURNS_KEY, entry.name) or b"") == current:
            return False
        self._connection.hset(TURNS_KEY, entry.name, current)
        following = next_turn(entry, moment, self._zone)
        # For the system page: what is due when is the scheduler's own word, not a second reading of the table.
        plan = {"queue": entry.queue, "last": moment.isoformat(), "next": following.isoformat()}
        self._connection.hset(PLAN_KEY, entry.name, json.dumps(plan))
        return True

    def _forget_others(self) -> None:
        """Entries of an earlier version of the schedule are not planned any more."""
        if self._has_tidied:
            return
        self._has_tidied = True
        names = {entry.name for entry in self._schedule}
        others = [name for name in self._connection.hkeys(PLAN_KEY) if as_text(name) not in names]
        if others:
            self._connection.hdel(PLAN_KEY, *others)

    def _enqueue(self, entry: Scheduled) -> bool:
        job_id = f"schedule-{entry.name}"
        queue = Queue(entry.queue, connection=self._connection)
        try:
            earlier = Job.fetch(job_id, connection=self._connection)
        except NoSuchJobError:
            pass
        else:
            if self._is_pending(earlier, queue):
                return False
            earlier.delete()
        queue.enqueue(
            entry.dotted,
            job_id=job_id,
            job_timeout=JOB_TIMEOUT_SECONDS,
            result_ttl=0,
            failure_ttl=FAILURE_TTL_SECONDS,
            description=entry.name,
        )
        return True

    def _is_pending(self, job: Job, queue: Queue) -> bool:
        if job.get_status(refresh=False) == JobStatus.STARTED:
            return True
        places = (queue.key, queue.intermediate_queue_key)
        return any(self._connection.lpos(place, job.id) is not None for place in places)


def main() -> None:
    """Ticks every second until it is told to end; a Redis that is away for a while is waited for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schedule", default="app.jobs.schedule:SCHEDULE", help="module:name of the table")
    parser.add_argument("--zone", default=os.environ.get("TIME_ZONE", "Asia/Shanghai"))
    options = parser.parse_args()
    module, _, name = options.schedule.partition(":")
    connection = Redis.from_url(os.environ["REDIS_URL"], socket_timeout=10)
    scheduler = Scheduler(
        getattr(importlib.import_module(module), name), connection=connection, zone=ZoneInfo(options.zone)
    )
    is_over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: is_over.set())
    while not is_over.wait(TICK_SECONDS):
        try:
            scheduler.tick(datetime.now(UTC))
        except RedisError:
            logger.warning("Redis does not answer; the schedule waits")
    try:
        scheduler.release()
    except RedisError:
        logger.warning("Redis was gone before the scheduler")


if __name__ == "__main__":
    main()
