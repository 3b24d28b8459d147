"""How many messages go out in a while: to one phone, and to all together (Z-A8). Codes have limits of their own besides."""

from __future__ import annotations

from flask import current_app

from app.gateways.sms import SmsMessage
from app.services.limits import Counter, Limit, count, take

PER_PHONE = Limit("sms:notices", 10, 86_400)
_HOUR = 3600


def system_counter() -> Counter:
    """What counts every message of an hour, against the limit in the settings."""
    return _for_all("sms:system")


def code_counter() -> Counter:
    """What counts every code that is asked for in an hour, sent or not, against the same limit."""
    return _for_all("sms:codes")


def _for_all(name: str) -> Counter:
    return Counter(Limit(name, current_app.config["SMS_PER_HOUR"], _HOUR), "all")


def seconds_to_wait(message: SmsMessage) -> int:
    """Count the message and return 0; or how long one that can wait has to, uncounted."""
    if not message.template.can_wait:
        count(system_counter())
        return 0
    return take(system_counter(), Counter(PER_PHONE, message.phone))
