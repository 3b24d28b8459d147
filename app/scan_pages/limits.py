"""How many pages a phone and an address may ask for in a minute: generous, and without a question to the database.

The count of a minute is kept in Redis for all processes. A process asks Redis only for those who have been busy with
it, so that an ordinary scan costs a look into a dictionary: measured, a question to Redis is a quarter of a scan.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from threading import Lock

import redis
from flask import current_app

from app.extensions import redis_connection

PER_DEVICE = 60
PER_ADDRESS = 600
# Below this share of a limit a process keeps the count to itself; there are eight processes at most.
_OWN_SHARE = 8
_WINDOW_SECONDS = 60
_MOST_KEYS = 100_000


@dataclass
class _Window:
    """The counts of this process in one minute."""

    minute: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    # The minute in which Redis did not answer; it is asked again in the next.
    alone_in: int = 0

    def add(self, minute: int, key: str) -> int:
        with self.lock:
            if minute != self.minute or len(self.counts) > _MOST_KEYS:
                self.minute, self.counts = minute, {}
            count = self.counts.get(key, 0) + 1
            self.counts[key] = count
            return count


def admits(device: bytes | None, address: str | None) -> bool:
    """Count one page for this phone (by its blind index) and this address; return whether both are within their limits."""
    if not current_app.config["RATELIMIT_ENABLED"]:
        return True
    window: _Window = current_app.extensions.setdefault("scan_window", _Window())
    minute = int(time.time()) // _WINDOW_SECONDS
    within = _within(window, minute, f"a:{address}", PER_ADDRESS)
    return (device is None or _within(window, minute, f"d:{device.hex()}", PER_DEVICE)) and within


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
