"""Captchas, drawn and read aloud, remembered at the server for one check (Z-A3)."""

from __future__ import annotations

import secrets
from typing import Any

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import redis_connection
from app.gateways.captcha import new_captcha
from app.gateways.spoken_letters import read_aloud
from app.services import limits
from app.services.limits import Counter, Limit, network_of

LIFETIME_SECONDS = 120
PICTURES_FROM_ADDRESS = Limit("captcha:address", 120, 60)
SOUNDS_FROM_ADDRESS = Limit("captcha:sound", 60, 60)


def draw(*, replacing: str | None, address: str | None) -> tuple[str, bytes]:
    """Return the name and the PNG of a new captcha; the one it replaces is void.

    The name goes into the visitor's session, which binds the captcha to it; the text never leaves the server.
    """
    limits.check(Counter(PICTURES_FROM_ADDRESS, network_of(address)))
    captcha, name = new_captcha(), secrets.token_urlsafe(16)
    with redis_connection().pipeline() as pipeline:
        if replacing:
            pipeline.delete(_key(replacing))
        pipeline.set(_key(name), captcha.text, ex=LIFETIME_SECONDS)
        pipeline.execute()
    return name, captcha.png


def speak(name: str | None, *, address: str | None) -> tuple[str, bytes]:
    """Return the name and a WAV file of the captcha that the picture shows; of a new one where there is none any more.

    Its time begins anew, for listening takes some; it still counts for one check.
    """
    limits.check(Counter(SOUNDS_FROM_ADDRESS, network_of(address)))
    shown: Any = redis_connection().getex(_key(name), ex=LIFETIME_SECONDS) if name else None
    if name is None or shown is None:
        name, _png = draw(replacing=None, address=address)
        shown = redis_connection().get(_key(name))
    return name, read_aloud(bytes(shown).decode(), seed=name)


def check(name: str | None, typed: str) -> None:
    """Return if `typed` is what the picture shows; right or wrong, it counts once. Raises DomainError (captcha)."""
    expected: Any = redis_connection().getdel(_key(name)) if name else None
    if expected is None or not secrets.compare_digest(bytes(expected), typed.strip().upper().encode()):
        raise DomainError(N_("验证码不正确或已过期，请重新输入"), code="captcha", field="captcha")


def _key(name: str) -> str:
    return f"captcha:{name}"
