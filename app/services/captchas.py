"""Picture captchas, remembered at the server for one check (Z-A3)."""

from __future__ import annotations

import secrets
from typing import Any

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import redis_connection
from app.gateways.captcha import new_captcha
from app.services.limits import Counter, Limit, network_of, take

LIFETIME_SECONDS = 120
PICTURES_FROM_ADDRESS = Limit("captcha:address", 120, 60)


def draw(*, replacing: str | None, address: str | None) -> tuple[str, bytes]:
    """Return the name and the PNG of a new captcha; the one it replaces is void.

    The name goes into the visitor's session, which binds the captcha to it; the text never leaves the server.
    """
    if take(Counter(PICTURES_FROM_ADDRESS, network_of(address))):
        raise DomainError(N_("操作太频繁，请稍后再试"), code="too_often")
    captcha, name = new_captcha(), secrets.token_urlsafe(16)
    with redis_connection().pipeline() as pipeline:
        if replacing:
            pipeline.delete(_key(replacing))
        pipeline.set(_key(name), captcha.text, ex=LIFETIME_SECONDS)
        pipeline.execute()
    return name, captcha.png


def check(name: str | None, typed: str) -> None:
    """Return if `typed` is what the picture shows; right or wrong, it counts once. Raises DomainError (captcha)."""
    expected: Any = redis_connection().getdel(_key(name)) if name else None
    if expected is None or not secrets.compare_digest(bytes(expected), typed.strip().upper().encode()):
        raise DomainError(N_("验证码不正确或已过期，请重新输入"), code="captcha", field="captcha")


def _key(name: str) -> str:
    return f"captcha:{name}"
