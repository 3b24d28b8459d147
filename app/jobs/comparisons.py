"""Jobs of 「数据对比」. Each may be started twice and killed at any moment."""

from __future__ import annotations

from app.services import comparison_run


def compare(comparison_id: int) -> None:
    """The comparison has ended, or waits for its columns."""
    comparison_run.run(comparison_id)
