"""Jobs of imports of accounts. Each may be started twice and killed at any moment."""

from __future__ import annotations

from app.services import account_import_run


def run(import_id: int) -> None:
    """The accounts of the file are open."""
    account_import_run.run(import_id)
