"""Tickets: what somebody may do next, for some minutes and once, because of what they have just proved (Z-A3, Z-A4)."""

from __future__ import annotations

import hashlib
import secrets
from enum import Enum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.access import everything
from app.extensions import db, redis_connection
from app.models import Account


class Errand(Enum):
    """What a ticket is for, and for how many seconds; one for this does not do for that."""

    SECOND_STEP = "second_step", 300
    NEW_PASSWORD = "new_password", 600

    def __init__(self, key: str, seconds: int) -> None:
        self.key = key
        self.seconds = seconds


def issue(errand: Errand, account: Account) -> str:
    """Return a ticket; it goes into the visitor's session, which binds it to one browser. Redis has its digest only."""
    ticket = secrets.token_urlsafe(32)
    redis_connection().set(_key(errand, ticket), f"{account.id}.{account.session_stamp or 0}", ex=errand.seconds)
    return ticket


def holder(errand: Errand, ticket: str | None) -> Account | None:
    """Return whose ticket it is; None when it has run out, or the account has a new password or none by now."""
    return _account(redis_connection().get(_key(errand, ticket))) if ticket else None


def use(errand: Errand, ticket: str | None) -> Account | None:
    """Like `holder`, and the ticket is gone: of many at once, one finds it."""
    return _account(redis_connection().getdel(_key(errand, ticket))) if ticket else None


def _account(value: Any) -> Account | None:
    if value is None:
        return None
    key, _, stamp = bytes(value).decode().partition(".")
    query = select(Account).where(Account.id == int(key)).options(selectinload(Account.venue_links))
    with everything("whoever holds a ticket is not signed in yet"):
        found = db.session.execute(query).scalar_one_or_none()
    if found is None or not found.is_active or (found.session_stamp or 0) != int(stamp):
        return None
    return found


def _key(errand: Errand, ticket: str) -> str:
    return f"ticket:{errand.key}:{hashlib.sha256(ticket.encode()).hexdigest()}"
