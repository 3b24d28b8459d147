"""Who is signed in, and which compound is in that person's hands (「切换小区」)."""

from __future__ import annotations

from typing import cast

from flask import abort, g, session
from flask_login import current_user
from sqlalchemy import select

from app.access import current_scope
from app.extensions import db
from app.models import Account, Venue
from app.services.audit import Actor
from app.services.sessions import SessionInHand


def account() -> Account:
    """Return the signed-in account; only for pages behind a permission."""
    return cast(Account, current_user)


def actor() -> Actor:
    """Return the signed-in account as the audit trail names it."""
    return Actor.of(account())


def session_in_hand() -> SessionInHand:
    """Return the session of the signed-in account; the security manager has found it with the account."""
    found: SessionInHand = g.session_in_hand
    return found


def compounds_in_hand() -> list[tuple[int, str]]:
    """Return (id, name) of the compounds that this account manages; empty for everybody who sees an area."""
    if current_scope().venue_ids is None:
        return []
    if "compounds_in_hand" not in g:
        rows = db.session.execute(select(Venue.id, Venue.name).order_by(Venue.name)).all()
        g.compounds_in_hand = [(row.id, row.name) for row in rows]
    found: list[tuple[int, str]] = g.compounds_in_hand
    return found


def current_venue_id() -> int | None:
    """Return the compound in hand; None for accounts that see an area instead."""
    options = [venue_id for venue_id, _name in compounds_in_hand()]
    if not options:
        return None
    chosen = session.get("venue_id")
    return chosen if chosen in options else options[0]


def choose_venue(venue_id: int) -> bool:
    """Make `venue_id` the compound in hand; return False when it is not this account's."""
    if venue_id not in [option for option, _name in compounds_in_hand()]:
        return False
    session["venue_id"] = venue_id
    return True


def compound_in_hand() -> Venue:
    """Return the compound in hand; answer 404 to an account that has none."""
    venue: Venue | None = db.session.execute(select(Venue).where(Venue.id == current_venue_id())).scalar_one_or_none()
    return venue if venue is not None else abort(404)
