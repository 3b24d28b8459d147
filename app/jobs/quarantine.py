"""Quarantines that have run their days end by themselves (Z-R11)."""

from __future__ import annotations

from app.access import everything
from app.services import quarantine


def release_finished() -> None:
    """No confirmed quarantine is older than the policy's days; a second run finds nothing to do."""
    with everything("a scheduled job"):
        quarantine.release_finished(quarantine.today())
