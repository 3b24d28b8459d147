"""What accounts asked for, by the clock."""

from __future__ import annotations

from app.access import everything
from app.services import asked_work


def sweep_silent() -> None:
    """What nobody works on any more is in the queue again."""
    with everything("work of anybody"):
        asked_work.revive_silent()
