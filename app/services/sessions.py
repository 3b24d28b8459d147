"""Sessions of the back office: each is a row, and a cookie whose row has gone opens nothing (Z-A3)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import selectinload

from app import clock
from app.access import everything
from app.domain.devices import Browser, System
from app.domain.masking import mask_network
from app.extensions import db
from app.models import Account, SignInSession
from app.services import account_events
from app.services.transaction import transactional

# How exactly it is known when somebody was here last; finer would write with every page.
_SEEN_EVERY = timedelta(minutes=1)
_MOST_SHOWN = 50
_REASON = "who is signed in decides the scope"


@dataclass(frozen=True)
class Origin:
    """Where a session comes from, as the browser says."""

    address: str | None
    user_agent: str


@dataclass(frozen=True)
class SessionInHand:
    """The session of the request in hand."""

    id: int
    has_second_factor: bool


@transactional
def begin(account: Account, origin: Origin, *, has_second_factor: bool = False) -> str:
    """Return the secret of a new session of the account; only its cookie has it."""
    secret, moment = secrets.token_urlsafe(32), clock.now()
    db.session.add(
        SignInSession(
            account_id=account.id,
            digest=_digest(secret),
            stamp=account.session_stamp or 0,
            started_at=moment,
            last_seen_at=moment,
            network=mask_network(origin.address or ""),
            browser=Browser.of(origin.user_agent),
            system=System.of(origin.user_agent),
            has_second_factor=has_second_factor,
        )
    )
    return secret


def resume(secret: str, *, is_used: bool = True) -> tuple[Account, SessionInHand] | None:
    """Return whose session this is; None when it has ended: by its owner, a new password, suspension or its time.

    What a page asks for by itself is no use of it: a page that stays open would never let its session end.
    """
    with everything(_REASON):
        found = _find(secret)
        if is_used and found is not None and clock.now() - found[1].last_seen_at >= _SEEN_EVERY:
            _note_seen(found[1].id)
            found = _find(secret)  # the commit has emptied both
        if found is None:
            return None
        account, session = found
        return account, SessionInHand(session.id, session.has_second_factor)


def _find(secret: str) -> tuple[Account, SignInSession] | None:
    query = (
        select(Account, SignInSession)
        .join(SignInSession, SignInSession.account_id == Account.id)
        .where(SignInSession.digest == _digest(secret), Account.active.is_(True), *_is_open(clock.now()))
        .options(selectinload(Account.venue_links))
    )
    row = db.session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


@transactional
def _note_seen(key: int) -> None:
    db.session.execute(update(SignInSession).where(SignInSession.id == key).values(last_seen_at=clock.now()))


def _is_open(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    """What holds for a session that is neither idle for too long, nor too old, nor of another password."""
    return (
        SignInSession.last_seen_at > moment - _idle_time(),
        SignInSession.started_at > moment - _life_time(),
        SignInSession.stamp == func.coalesce(Account.session_stamp, 0),
    )


def _idle_time() -> timedelta:
    return timedelta(minutes=current_app.config["SESSION_IDLE_MINUTES"])


def _life_time() -> timedelta:
    return timedelta(hours=current_app.config["SESSION_HOURS"])


def open_sessions(account: Account) -> Sequence[SignInSession]:
    """Return the account's open sessions, the one that was seen last first."""
    query = (
        select(SignInSession)
        .join(Account, SignInSession.account_id == Account.id)
        .where(SignInSession.account_id == account.id, *_is_open(clock.now()))
        .order_by(SignInSession.last_seen_at.desc(), SignInSession.id.desc())
        .limit(_MOST_SHOWN)
    )
    return db.session.execute(query).scalars().all()


@transactional
def end(account: Account, session: SessionInHand) -> None:
    """The account has signed out here."""
    _remove(account, SignInSession.id == session.id)
    account_events.note(account, "sign_out")


@transactional
def end_one(account: Account, key: int) -> bool:
    """The owner has ended one of the account's sessions; return whether there was such a one."""
    return _end_elsewhere(account, SignInSession.id == key) > 0


@transactional
def end_others(account: Account, session: SessionInHand) -> int:
    """The owner has ended every session but this one; return how many."""
    return _end_elsewhere(account, SignInSession.id != session.id)


def _end_elsewhere(account: Account, which: ColumnElement[bool]) -> int:
    ended = _remove(account, which)
    if ended:
        account_events.note(account, "end_sessions", changes={"rows": ended})
    return ended


def _remove(account: Account, which: ColumnElement[bool]) -> int:
    removed: int = db.session.execute(
        delete(SignInSession).where(SignInSession.account_id == account.id, which)
    ).rowcount
    return removed


@transactional
def mark_second_factor(session: SessionInHand, *, is_used: bool) -> None:
    """From now on this session counts as begun with a second factor, or as begun without."""
    db.session.execute(update(SignInSession).where(SignInSession.id == session.id).values(has_second_factor=is_used))


@transactional
def purge(moment: datetime) -> int:
    """Remove every session that its time has ended at `moment`; return how many."""
    due = delete(SignInSession.__table__).where(
        or_(
            SignInSession.__table__.c.last_seen_at <= moment - _idle_time(),
            SignInSession.__table__.c.started_at <= moment - _life_time(),
        )
    )
    removed: int = db.session.execute(due).rowcount
    return removed


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
