"""Moves in the area tree. Each may be started twice and killed at any moment."""

from __future__ import annotations

from app.access import everything
from app.services import area_move_run


def move(move_id: int) -> None:
    """The area lies under its new parent, with everything that hangs on it."""
    area_move_run.run(move_id)


def sweep() -> None:
    """Lost moves are in the queue again, and what was written late has followed."""
    with everything("moves of anybody"):
        area_move_run.revive_silent()
        area_move_run.settle_late_writes()
