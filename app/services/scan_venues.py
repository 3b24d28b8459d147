"""Venues as the public pages see them, read once in half a minute by each process (Z-S1)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from app.domain.venues import VenueKind
from app.extensions import db
from app.models import Venue

_SECONDS = 30.0
_MOST = 20_000
_VENUES = Venue.__table__.c


@dataclass(frozen=True)
class ScanVenue:
    """An open venue behind a poster."""

    id: int
    code: str
    name: str
    kind: VenueKind
    area_code: str


def cached(code: str) -> ScanVenue | None:
    """Return the venue of `code` if this process has read it within the half minute."""
    found = current_app.extensions.get("scan_venues", {}).get(code)
    return found[1] if found and found[0] > time.monotonic() else None


def find(code: str) -> ScanVenue | None:
    """Return the open venue of `code`, at most half a minute old; None for an unknown or closed one."""
    known: dict[str, tuple[float, ScanVenue]] = current_app.extensions.setdefault("scan_venues", {})
    found = known.get(code)
    moment = time.monotonic()
    if found and found[0] > moment:
        return found[1]
    venue = _read(code)
    if venue is None:
        known.pop(code, None)  # codes that do not exist are not kept: whoever tries many would fill the memory
        return None
    if len(known) >= _MOST:
        known.clear()
    known[code] = (moment + _SECONDS, venue)
    return venue


def _read(code: str) -> ScanVenue | None:
    query = select(_VENUES.id, _VENUES.code, _VENUES.name, _VENUES.kind, _VENUES.area_code)
    row = db.session.execute(query.where(_VENUES.code == code, _VENUES.closed_at.is_(None))).one_or_none()
    return None if row is None else ScanVenue(*row)
