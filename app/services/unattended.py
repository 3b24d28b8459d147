"""Work that a job does for somebody who does not wait: it ends, or its row says why it could not."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

from app.domain.errors import DomainError
from app.extensions import db
from app.services.outages import AWAY, outlast

logger = logging.getLogger(__name__)


def finish_or_fail(
    work: Callable[[], None], *, name: str, fail: Callable[[DomainError], None], unforeseen: str
) -> None:
    """Do `work`; where a rule or a fault of the program ends it, `fail` gets the reason, `unforeseen` for the latter.

    A database that is away is neither: `work` is begun again when it answers; after a few turns the sweep does that.
    """
    try:
        outlast(work)
    except DomainError as fault:
        db.session.rollback()
        fail(fault)
    except AWAY:
        raise
    except Exception as fault:
        # The message stays out of the log: it may hold what a file or its rows hold.
        frames = "".join(traceback.format_tb(fault.__traceback__))
        logger.error("%s: %s\n%s", name, type(fault).__name__, frames)
        db.session.rollback()
        fail(DomainError(unforeseen, code="unforeseen"))
