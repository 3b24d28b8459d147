"""Passwords of accounts: checked in the same time for everybody, set with what must follow (Z-A3, Z-A4)."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from werkzeug.security import check_password_hash, generate_password_hash

from app import clock
from app.domain.passwords import temporary_password
from app.models import Account

INVITATION_DAYS = 7


def is_right(account: Account | None, password: str) -> bool:
    """Whether `password` opens `account`; nobody's takes as long as somebody's, so that the time tells nothing."""
    stored = account.password if account is not None and account.password else None
    # The framework's hash of nothing, made with the same method and cost as real ones.
    matches = check_password_hash(stored or current_app.config["AUTH_DB_FAKE_PASSWORD_HASH_CHECK"], password)
    return matches and stored is not None


def put_own(account: Account, password: str) -> None:
    """`password` is the owner's own; every session of the account has ended."""
    _put(account, password)
    account.must_change_password = False
    account.password_expires_at = None


def put_temporary(account: Account, *, lifetime: timedelta) -> str:
    """Return a new password that must be changed at the next sign-in; the old one and every session have ended."""
    password = temporary_password()
    _put(account, password)
    account.must_change_password = True
    account.password_expires_at = clock.now() + lifetime
    return password


def has_expired(account: Account) -> bool:
    return account.password_expires_at is not None and account.password_expires_at < clock.now()


def _put(account: Account, password: str) -> None:
    account.password = generate_password_hash(password, method=current_app.config["HASHING_METHOD"])
    account.password_changed_at = clock.now()
    account.session_stamp = (account.session_stamp or 0) + 1
