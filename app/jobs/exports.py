"""Jobs of the exports queue. Each may be started twice and killed at any moment."""

from __future__ import annotations

from app.services import exports


def make(export_id: int) -> None:
    """The file is there, or has failed with a reason."""
    exports.make(export_id)
