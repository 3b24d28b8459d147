"""Days that are over are counted, once an hour."""

from __future__ import annotations

from app.access import everything
from app.services import statistics


def roll_up_days() -> None:
    """Every day that is over has its totals; a second run finds nothing to do."""
    with everything("a scheduled job"):
        statistics.catch_up()
