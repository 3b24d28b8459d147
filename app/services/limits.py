"""Counters that forget by themselves: how often something happens in a while, over all web processes (Z-A5, Z-A8)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import redis_connection
from app.models.encryption import key_ring

_IPV6_NETWORK_BITS = 64
_MINUTE = 60

# Looks at every counter before it counts in any, in one step: many requests at once cannot slip through together.
_TAKE = """
for index, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[3 * index - 2]) then
    return math.max(redis.call('TTL', key), 1)
  end
end
for index, key in ipairs(KEYS) do
  local count = redis.call('INCR', key)
  if count == 1 or ARGV[3 * index] == '1' then redis.call('EXPIRE', key, ARGV[3 * index - 1]) end
end
return 0
"""
_COUNT = "if redis.call('INCR', KEYS[1]) == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end return 0"
_GIVE_BACK = "if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then return redis.call('DECR', KEYS[1]) end return 0"


@dataclass(frozen=True)
class Limit:
    """At most `most` within `seconds` of the first (of the last, when it slides)."""

    name: str
    most: int
    seconds: int
    is_sliding: bool = False


@dataclass(frozen=True)
class Counter:
    """A limit for one subject: a phone, an address, an account. Redis sees neither in clear."""

    limit: Limit
    subject: str

    @property
    def key(self) -> str:
        return f"limit:{self.limit.name}:{sealed(self.subject)}"

    @property
    def is_full(self) -> bool:
        return int(redis_connection().get(self.key) or 0) >= self.limit.most

    def clear(self) -> None:
        redis_connection().delete(self.key)

    def give_back(self) -> None:
        """One less: what was counted turned out not to be what is limited."""
        redis_connection().eval(_GIVE_BACK, 1, self.key)


def take(*counters: Counter) -> int:
    """Count one more in every counter and return 0; if one is full, count in none and return the seconds to wait."""
    arguments = [
        value for each in counters for value in (each.limit.most, each.limit.seconds, int(each.limit.is_sliding))
    ]
    waiting = redis_connection().eval(_TAKE, len(counters), *(each.key for each in counters), *arguments)
    return int(waiting)


def check(*counters: Counter) -> None:
    """Count one more in every counter. Error: too_often, which says how long to wait, where one is full."""
    if waiting := take(*counters):
        minutes = -(-waiting // _MINUTE)
        raise DomainError(N_("操作太频繁，请%(minutes)s分钟后再试"), code="too_often", minutes=minutes)


def count(counter: Counter) -> None:
    """Count one more, full or not: what is never refused belongs to the sum all the same."""
    redis_connection().eval(_COUNT, 1, counter.key, counter.limit.seconds)


def sealed(subject: str) -> str:
    """A name for `subject` that tells nothing to whoever reads Redis."""
    return key_ring().blind_index("limit", subject).hex()


def network_of(address: str | None) -> str:
    """What counts as one sender: an IPv4 address, or the network that a provider gives to one IPv6 line."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if found.version == 4:  # noqa: PLR2004 - the protocol's own number
        return str(found)
    return str(ipaddress.ip_network((found, _IPV6_NETWORK_BITS), strict=False))
