"""All that accounts ask jobs for: found by its silence when its worker is gone, removed after its time."""

from __future__ import annotations

from datetime import datetime

from app import clock
from app.services import account_import_run, account_imports, comparison_run, comparisons, exports
from app.services.transaction import transactional
from app.services.unattended import MOST_ATTEMPTS, SILENCE

__all__ = ["MOST_ATTEMPTS", "SILENCE", "purge", "revive_silent"]
_KINDS = (comparison_run.WORK, exports.WORK, account_import_run.WORK)


@transactional
def revive_silent() -> int:
    """Return how many are in the queue again; after too many attempts one has failed instead."""
    return sum(kind.revive(clock.now()) for kind in _KINDS)


def purge(moment: datetime) -> int:
    """Return how many results were removed whose time is over at `moment`."""
    return comparisons.purge(moment) + exports.purge(moment) + account_imports.purge(moment)
