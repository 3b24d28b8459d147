"""The table of entries has a partition for this month and the next ones (PostgreSQL)."""

from __future__ import annotations

from app import clock
from app.access import everything
from app.services import partitions


def ensure() -> None:
    """The partitions around today are there; a second run finds nothing to do."""
    with everything("a scheduled job"):
        partitions.ensure_months(clock.now())
