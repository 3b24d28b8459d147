"""How many pages a phone and an address may ask for in a minute: generous, and without a question to the database.

The count of a minute is kept in Redis for all processes. A process asks Redis only for those who have been busy with
it, so that an ordinary scan costs a look into a dictionary: measured, a question to Redis is a quarter of a scan.
Whoever is refused is refused by that look alone until the minute is over, and uses up nobody else's share.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock

import redis
from flask import current_app

from app.extensions import redis_connection
from app.services.limits import network_of

PER_DEVICE = 60
# Thousands of phones may go out to the net by one address: at one place it has a share, in all places a larger one.
PER_ADDRESS_AND_PLACE = 600
PER_ADDRESS = 6_000
# Below this share of a limit a process keeps the count to itself; there are eight processes at most.
_OWN_SHARE = 8
_WINDOW_SECONDS = 60
_MOST_KEYS = 100_000


@dataclass
class _Window:
    """The counts of this process in one minute, and whom it refuses until that is over."""

    minute: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)
    # The minute in which Redis did not answer; it is asked again in the next.
    alone_in: int = 0

    def add(self, minute: int, key: str) -> int:
        with self.lock:
            if minute != self.minute or len(self.counts) > _MOST_KEYS:
                self.minute, self.counts, self.refused = minute, {}, set()
            count = self.counts.get(key, 0) + 1
            self.counts[key] = count
            return count


def seconds_to_wait(device: bytes | None, address: str | None, *, place: str = "") -> int:
    """Count one page for this phone (by its blind index) and this address, at the venue of that code.

    Return 0 where all are within their limits, else the seconds until the next minute; what is refused by one limit
    is not counted by those after it.
    """
    if not current_app.config["RATELIMIT_ENABLED"]:
        return 0
    window: _Window = current_app.extensions.setdefault("scan_window", _Window())
    now = int(time.time())
    minute = now // _WINDOW_SECONDS
    for key, limit in _limits_of(device, address, place):
        if (key in window.refused and window.minute == minute) or not _within(window, minute, key, limit):
            window.refused.add(key)
            return _WINDOW_SECONDS - now % _WINDOW_SECONDS
    return 0


def _limits_of(device: bytes | None, address: str | None, place: str) -> Iterator[tuple[str, int]]:
    if device is not None:
        yield f"d:{device.hex()}", PER_DEVICE
    # Whoever has a line of IPv6 has more addresses than anybody could count.
    sender = network_of(address) if address and ":" in address else address
    yield f"p:{place}:{sender}", PER_ADDRESS_AND_PLACE
    yield f"a:{sender}", PER_ADDRESS


def _within(window: _Window, minute: int, key: str, limit: int) -> bool:
    own, share = window.add(minute, key), limit // _OWN_SHARE
    if own < share:
        return True
    if window.alone_in == minute:
        return own <= limit
    try:
        return _count_in_redis(f"scan:{minute}:{key}", share if own == share else 1) <= limit
    except redis.RedisError:
        # A scan matters more than its limit; this process still counts its own.
        window.alone_in = minute
        logging.getLogger(__name__).warning("Redis does not answer: this process counts the limits alone for a minute")
        return own <= limit


def _count_in_redis(key: str, amount: int) -> int:
    with redis_connection().pipeline(transaction=False) as pipe:
        pipe.incrby(key, amount)
        pipe.expire(key, 2 * _WINDOW_SECONDS)
        count: int = pipe.execute()[0]
    return count
