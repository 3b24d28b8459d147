"""One code at two places at once (X6): a live code travels with its owner, a copied one does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Sighting:
    """A code was shown: where, and when."""

    place: str
    seen_at: datetime


def elsewhere(before: Iterable[Sighting], now: Sighting, *, window: timedelta) -> Sighting | None:
    """Return the latest sighting at another place less than `window` away; None where the owner could be at both."""
    near = [one for one in before if one.place != now.place and abs(one.seen_at - now.seen_at) < window]
    return max(near, key=lambda one: one.seen_at, default=None)
