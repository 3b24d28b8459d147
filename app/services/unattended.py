"""Work that an account asked for and a job does: it ends, or its row says why it could not; silent, it begins again."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.access import everything
from app.domain.errors import DomainError
from app.extensions import db
from app.services.outages import AWAY, outlast
from app.services.queueing import QueuedJob, enqueue_later
from app.services.transaction import transaction

logger = logging.getLogger(__name__)
SILENCE = timedelta(minutes=2)
MOST_ATTEMPTS = 5


@dataclass(frozen=True)
class AskedWork:
    """A kind of work: its rows, the state in which a job is at them, that job, and how a row fails.

    `unforeseen` is what it says where the program is at fault, `given_up` after too many turns.
    """

    name: str
    model: Any
    running: Any
    job_of: Callable[[Any], QueuedJob]
    end_failed: Callable[[Any], None]
    unforeseen: str
    given_up: str

    def run(self, key: int, work: Callable[[], None]) -> None:
        """Do `work`; where a rule or a fault of the program ends it, the row has failed.

        A database that is away is neither: `work` is begun again when it answers; after a few turns the sweep does that.
        """
        try:
            with everything("work that somebody asked for is done by a job"):
                outlast(work)
        except DomainError as fault:
            db.session.rollback()
            self.fail(key, fault)
        except AWAY:
            raise
        except Exception as fault:
            # The message stays out of the log: it may hold what a file or its rows hold.
            frames = "".join(traceback.format_tb(fault.__traceback__))
            logger.error("%s %s: %s\n%s", self.name, key, type(fault).__name__, frames)
            db.session.rollback()
            self.fail(key, DomainError(self.unforeseen, code="unforeseen"))

    def fail(self, key: int, fault: DomainError) -> None:
        """The row has failed for that reason, unless it ended otherwise meanwhile."""
        with transaction(), everything("work that somebody asked for is ended by a job"):
            found = db.session.get(self.model, key, with_for_update=True, populate_existing=True)
            if found is None or found.state is not self.running:
                return
            params = {name: str(value) for name, value in fault.params.items()}
            found.failure = {"message": fault.message, "params": params}
            self.end_failed(found)

    def revive(self, moment: datetime) -> int:
        """Return how many silent rows are in the queue again, or have failed after too many attempts."""
        row = self.model
        query = select(row).where(row.state == self.running, row.heartbeat_at < moment - SILENCE)
        silent = db.session.execute(query.with_for_update(skip_locked=True)).scalars().all()
        for each in silent:
            if each.attempts >= MOST_ATTEMPTS:
                self.fail(each.id, DomainError(self.given_up, code="attempts"))
                continue
            each.attempts, each.heartbeat_at = each.attempts + 1, moment
            enqueue_later(self.job_of(each))
        return len(silent)
