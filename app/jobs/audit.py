"""Looks at the audit trail. Each may be started twice and killed at any moment."""

from __future__ import annotations

from app.services import audit_checks


def verify(check_id: int) -> None:
    """The look has ended with what it found."""
    audit_checks.make(check_id)


def verify_nightly() -> None:
    """The nightly look is in the queue."""
    audit_checks.begin_nightly()
