"""Hours that are over are counted, once an hour."""

from __future__ import annotations

from app.access import everything
from app.services import statistics


def count_hours() -> None:
    """Every hour that is over is in the totals (Z-V1); a second run finds nothing to do."""
    with everything("a scheduled job"):
        statistics.catch_up()
