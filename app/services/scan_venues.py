"""Venues as the public pages see them (Z-S1).

Pages that ask read the venue anew. What a process remembers serves scans that are one statement, and that statement
takes effect only where the venue is still as remembered: an edit shows at once, whichever process answers.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import bindparam, select

from app.domain.sectors import CodeState
from app.domain.venues import VenueFamily, VenueKind
from app.extensions import db
from app.models import Venue

_SECONDS = 30.0
_MOST = 20_000
_VENUES = Venue.__table__.c
# What can be answered without a form that differs from phone to phone.
_IN_ONE_STATEMENT = (VenueFamily.COMPOUND, VenueFamily.SECTOR, VenueFamily.CHECKPOINT)


@dataclass(frozen=True)
class ScanVenue:
    """A venue behind a poster; `changed_at` tells one edition of it from the next."""

    id: int
    code: str
    name: str
    kind: VenueKind
    area_code: str
    changed_at: datetime
    state: CodeState = CodeState.ACTIVE
    poster_pin: str | None = None
    closed_at: datetime | None = None

    @property
    def is_plain(self) -> bool:
        """Whether scans here may be one statement: nothing is asked that another process could have changed."""
        is_usable = self.state is CodeState.ACTIVE and self.closed_at is None
        return self.kind.family in _IN_ONE_STATEMENT and is_usable and not self.poster_pin


def of(venue: Venue) -> ScanVenue:
    """Return `venue` as scans see it."""
    return ScanVenue(
        venue.id,
        venue.code,
        venue.name,
        venue.kind,
        venue.area_code,
        venue.updated_at,
        venue.code_state,
        venue.poster_pin,
    )


def cached(code: str) -> ScanVenue | None:
    """Return the venue of `code` if this process has read it within the half minute and scans there are plain."""
    found = current_app.extensions.get("scan_venues", {}).get(code)
    return found[1] if found and found[0] > time.monotonic() else None


def find(code: str) -> ScanVenue | None:
    """Return the venue of `code` as it is now, closed ones too; None for an unknown one."""
    known: dict[str, tuple[float, ScanVenue]] = current_app.extensions.setdefault("scan_venues", {})
    venue = _read(code)
    if venue is None or not venue.is_plain:
        known.pop(code, None)  # codes that do not exist are not kept: whoever tries many would fill the memory
        return venue
    if len(known) >= _MOST:
        known.clear()
    known[code] = (time.monotonic() + _SECONDS, venue)
    return venue


# Put together once: every page of a poster asks.
_FOUND = select(
    _VENUES.id,
    _VENUES.code,
    _VENUES.name,
    _VENUES.kind,
    _VENUES.area_code,
    _VENUES.updated_at,
    _VENUES.code_state,
    _VENUES.poster_pin,
    _VENUES.closed_at,
).where(_VENUES.code == bindparam("code"))


def _read(code: str) -> ScanVenue | None:
    row = db.session.execute(_FOUND, {"code": code}).one_or_none()
    return None if row is None else ScanVenue(*row)
