"""How the running installation is: queues, workers, schedule, counts, outbox, stores. Numbers only, nothing of anybody."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from flask import current_app
from rq import Queue, Worker
from sqlalchemy import func, select, text

from app import clock
from app.access import everything
from app.domain.running import PLAN_KEY, QUEUE_NAMES, SCHEDULER_LOCK_KEY
from app.extensions import db, redis_connection
from app.models import EntryRecord, EntryRollup, OutgoingMessage
from app.services.messages import DECOY

# A message that is older was given up, or is of no use any more.
_GIVEN_UP, _DAY = timedelta(minutes=30), timedelta(days=1)
_REASON = "the state of the installation, in numbers"


@dataclass(frozen=True)
class QueueState:
    """One queue: jobs that wait, run and have failed, and how many workers read it."""

    name: str
    waiting: int
    running: int
    failed: int
    workers: int


@dataclass(frozen=True)
class WorkerState:
    """One worker and when it was last heard of."""

    name: str
    queues: tuple[str, ...]
    state: str
    heard_at: datetime | None


@dataclass(frozen=True)
class Turn:
    """One entry of the schedule: when it ran last, when it is due next."""

    name: str
    queue: str
    last_at: datetime
    next_at: datetime


@dataclass(frozen=True)
class OutboxState:
    """Messages by how far they are (sent: of the last day); `oldest_waiting` is since when the oldest waits."""

    counts: dict[str, int]
    oldest_waiting: datetime | None


@dataclass(frozen=True)
class Stores:
    """The database's version and bytes, Redis's version and bytes (most 0: no bound), and the disk of the data folder."""

    database_version: str
    database_bytes: int
    redis_version: str
    redis_bytes: int
    redis_most: int
    disk_free: int
    disk_total: int


def workers() -> list[WorkerState]:
    """Return the workers that Redis knows, by name."""
    found = Worker.all(connection=redis_connection())
    return sorted(
        (
            WorkerState(
                name=worker.name,
                queues=tuple(worker.queue_names()),
                state=str(worker.get_state()),
                heard_at=_aware(worker.last_heartbeat),
            )
            for worker in found
        ),
        key=lambda each: each.name,
    )


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def queues(readers: list[WorkerState]) -> list[QueueState]:
    """Return every queue with its numbers; `readers` are the workers."""
    found = [Queue(name, connection=redis_connection()) for name in QUEUE_NAMES]
    return [
        QueueState(
            name=queue.name,
            waiting=len(queue),
            running=queue.connection.zcard(queue.started_job_registry.key),
            failed=queue.connection.zcard(queue.failed_job_registry.key),
            workers=sum(queue.name in reader.queues for reader in readers),
        )
        for queue in found
    ]


def has_scheduler() -> bool:
    """Return whether a scheduler holds the lock, which it renews every second."""
    return bool(redis_connection().exists(SCHEDULER_LOCK_KEY))


def turns() -> list[Turn]:
    """Return the schedule as the scheduler itself has written it down."""
    planned = cast(dict[bytes, bytes], redis_connection().hgetall(PLAN_KEY))
    return sorted(
        (_turn(name.decode(), json.loads(told)) for name, told in planned.items()), key=lambda each: each.name
    )


def _turn(name: str, told: dict[str, str]) -> Turn:
    return Turn(name, told["queue"], datetime.fromisoformat(told["last"]), datetime.fromisoformat(told["next"]))


def counted_until() -> datetime | None:
    """Return until when the hours are counted."""
    with everything(_REASON):
        found: datetime | None = db.session.execute(select(EntryRollup.counted_until)).scalar()
    return found


def outbox() -> OutboxState:
    """Return how many messages wait, have failed, and were sent in a day."""
    message, moment = OutgoingMessage, clock.now()
    is_waiting = message.created_at >= moment - _GIVEN_UP
    unsent = select(
        func.count().filter(is_waiting),
        func.count().filter(~is_waiting),
        func.min(message.created_at).filter(is_waiting),
    ).where(message.sent_at.is_(None), message.template != DECOY)
    lately = select(func.count(message.id)).where(message.sent_at >= moment - _DAY)
    with everything(_REASON):
        waiting, failed, oldest = db.session.execute(unsent).one()
        sent = db.session.execute(lately).scalar_one()
    return OutboxState({"waiting": waiting, "failed": failed, "sent": sent}, oldest)


def scans_of_last_minute() -> int:
    """Return how many entries came in the last minute."""
    since = clock.now() - timedelta(minutes=1)
    with everything(_REASON):
        return db.session.execute(
            select(func.count(EntryRecord.id)).where(EntryRecord.recorded_at >= since)
        ).scalar_one()


def stores() -> Stores:
    """Return versions and sizes; of the disk on which this process keeps its data."""
    told: dict[str, Any] = redis_connection().info()
    disk = shutil.disk_usage(current_app.config["DATA_DIR"] if current_app.config["DATA_DIR"].exists() else "/")
    version, size = _database()
    return Stores(
        database_version=version,
        database_bytes=size,
        redis_version=str(told.get("valkey_version") or told.get("redis_version", "")),
        redis_bytes=int(told["used_memory"]),
        redis_most=int(told.get("maxmemory", 0)),
        disk_free=disk.free,
        disk_total=disk.total,
    )


def _database() -> tuple[str, int]:
    if db.engine.dialect.name == "postgresql":
        query = "SELECT current_setting('server_version'), pg_database_size(current_database())"
        name = "PostgreSQL"
    else:
        query = "SELECT sqlite_version(), page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        name = "SQLite"
    with everything(_REASON):
        version, size = db.session.execute(text(query)).one()
    return f"{name} {version}", int(size)
