"""The phone's one cookie: a random key and nothing else (Z-S3)."""

from __future__ import annotations

import re
import secrets
from functools import cache

from flask import Request, Response, current_app
from werkzeug.http import dump_cookie

COOKIE = "device"
_YEAR = 365 * 24 * 3600
_KEY = re.compile(r"[A-Za-z0-9_-]{22}")
_BYTES = 16


def of(asked: Request) -> str | None:
    """Return the phone's key; None where it has none, or one that is not of our making."""
    key = asked.cookies.get(COOKIE, "")
    return key if _KEY.fullmatch(key) else None


def new() -> str:
    """Return a fresh key of 128 random bits."""
    return secrets.token_urlsafe(_BYTES)


def keep(response: Response, key: str) -> None:
    """Leave the key on the phone for another year."""
    response.headers.add("Set-Cookie", header(key))


def header(key: str) -> str:
    """Return the header that leaves the key on the phone."""
    return f"{COOKIE}={key}{_promises(current_app.config['SESSION_COOKIE_SECURE'])}"


@cache
def _promises(secure: bool) -> str:
    """What follows the key in the header; put together once, for every result page of a form carries one."""
    empty = dump_cookie(COOKIE, max_age=_YEAR, httponly=True, samesite="Lax", secure=secure, sync_expires=False)
    return empty.removeprefix(f"{COOKIE}=")
