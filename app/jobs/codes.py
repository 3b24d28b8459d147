"""Jobs of the code pool. Each may be started twice and killed at any moment."""

from __future__ import annotations

from app.access import everything
from app.services import code_pool, code_prints, code_recovery


def generate(batch_id: int) -> None:
    """The batch's codes are there."""
    with everything("a batch is made for whoever ordered it"):
        code_pool.make_codes(batch_id)


def print_posters(print_id: int) -> None:
    """The file with the posters is there."""
    with everything("a file is made for whoever ordered it"):
        code_prints.make(print_id)


def sweep_silent() -> None:
    """What nobody works on any more is in the queue again."""
    with everything("work of anybody"):
        code_recovery.revive_silent()
