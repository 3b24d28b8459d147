"""Who works on a batch. A worker takes the next lease; whoever holds an earlier one writes nothing any more.

So a job may be started twice (its worker was killed, was taken for dead, or the command line works on it as well):
the last one to start does the work, the others find out at their next write.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from flask import current_app
from sqlalchemy import update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.extensions import db
from app.models import BatchState, ImportBatch
from app.services.transaction import transactional

_BATCHES = ImportBatch.__table__


class LeaseLost(Exception):
    """The batch was cancelled, or somebody else works on it now."""


@dataclass(frozen=True)
class Lease:
    """The right to write for a batch while it is in `state`."""

    batch_id: int
    number: int
    state: BatchState

    def hold(self, **values: Any) -> None:
        """Write a sign of life, first thing in a transaction; raises LeaseLost where the lease is not ours any more."""
        if not db.session.execute(_beat(self).values(heartbeat_at=clock.now(), **values)).rowcount:
            raise LeaseLost(f"batch {self.batch_id}")


def _beat(lease: Lease) -> Any:
    found = (_BATCHES.c.id == lease.batch_id, _BATCHES.c.lease == lease.number, _BATCHES.c.state == lease.state.name)
    return update(_BATCHES).where(*found)


@transactional
def take_lease(batch_id: int, state: BatchState) -> Lease:
    """The lease on a batch that is in `state`. Raises LeaseLost where the batch is in another."""
    taking = (
        update(_BATCHES)
        .where(_BATCHES.c.id == batch_id, _BATCHES.c.state == state.name)
        .values(lease=_BATCHES.c.lease + 1, heartbeat_at=clock.now())
        .returning(_BATCHES.c.lease)
    )
    number = db.session.execute(taking).scalar()
    if number is None:
        raise LeaseLost(f"batch {batch_id} is not {state.name}")
    return Lease(batch_id, number, state)


class Heartbeat:
    """Signs of life every few seconds from a thread of its own: some steps are one long statement."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._engine: Engine = db.engine
        self._seconds: float = current_app.config["IMPORT_BEAT_SECONDS"]
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"batch-{lease.batch_id}")

    def _run(self) -> None:
        while not self._end.wait(self._seconds):
            try:
                with self._engine.begin() as connection:
                    connection.execute(_beat(self._lease).values(heartbeat_at=clock.now()))
            except SQLAlchemyError:
                continue  # SQLite's one writer is busy, or the database is away for a moment; the next beat tells

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()
