"""Jobs through an absence of the database: what was in hand begins again as soon as that answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import psycopg
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError

from app.extensions import db

# The database is away or busy. COPY raises the driver's own exceptions.
AWAY = (OperationalError, InterfaceError, psycopg.OperationalError)
# What ends so again and again is no absence: the sweep counts its attempts and says so in the end.
MOST_TURNS = 3
PATIENCE_SECONDS = 300.0
_LOOK_SECONDS = 0.25
logger = logging.getLogger(__name__)


def outlast(work: Callable[[], None]) -> None:
    """`work` is done; when the database went away in the middle, it was begun again once that answered.

    Without it a batch would wait until its silence is noticed. `work` must bear to be begun again after any statement.
    """
    for left in reversed(range(MOST_TURNS)):
        try:
            work()
        except AWAY as fault:
            if not left:
                raise
            # The message stays out of the log: it may hold the statement's values.
            logger.warning("the database was away (%s); waiting for it", type(fault).__name__)
            db.session.rollback()
            _wait()
        else:
            return


def _wait() -> None:
    """The database answers, or was waited for long enough."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _answers() and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)


def _answers() -> bool:
    try:
        with db.engine.connect() as connection:
            connection.execute(select(1))
    except AWAY:
        return False
    return True
