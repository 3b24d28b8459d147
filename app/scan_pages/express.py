"""The express lane: a known identity's tap, answered before the framework makes a request of it (issue 1.5).

It takes only what it can finish with one statement: a sound token, a phone within its limits, an open venue, a scan
that changes nothing but the entry records. Everything else goes the way of pages.py, as if the lane were not there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from flask import Flask

from app import clock
from app.scan_pages import form_token, headers, language, limits, rendering
from app.services import identities, known_scans, scan_venues
from app.services.scan_entries import Scan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PREFIX = "/s/"
# Tells pages.py that the limits have counted this request.
COUNTED = "scan.counted"
_MOST_BYTES = 1024
_DEVICE = re.compile(r"(?:^|; )device=([A-Za-z0-9_-]{22})(?:;|$)")
_LANGUAGE = re.compile(r"(?:^|; )lang=(\w+)(?:;|$)")
_IDENTITY = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class _Tap:
    """「此身份登记」 as it arrives."""

    code: str
    device: str
    identity_id: int
    token: str
    language: str


def answer(app: Flask, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes] | None:
    """Answer a tap with its result page; return None for whatever is not one, with the request left as it came."""
    tap = _tap(environ)
    if tap is None:
        return None
    with app.app_context():
        try:
            page = _register(tap, environ)
        except Exception as fault:
            # pages.py tries again and, if that fails too, says so on a page; the token keeps the entry one.
            app.logger.warning("express lane: %s", type(fault).__name__)
            return None
    if page is None:
        return None
    start_response("200 OK", [*headers.PAGE, ("Content-Length", str(len(page)))])
    return [page]


def _tap(environ: WSGIEnvironment) -> _Tap | None:
    code, cookies = environ["PATH_INFO"][len(PREFIX) :], environ.get("HTTP_COOKIE", "")
    device = _DEVICE.search(cookies)
    length = environ.get("CONTENT_LENGTH", "")
    if device is None or environ.get("QUERY_STRING") or not length.isdecimal() or int(length) > _MOST_BYTES:
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    if b"identity=" not in body:
        return None
    sent = dict(parse_qsl(body.decode("ascii", "replace")))
    identity = sent.get("identity", "")
    if sent.get("action") != "register" or not _IDENTITY.fullmatch(identity):
        return None
    spoken = _LANGUAGE.search(cookies)
    chosen = spoken[1] if spoken and spoken[1] in language.LANGUAGES else language.DEFAULT
    return _Tap(code, device[1], int(identity), sent.get("form_token", ""), chosen)


def _register(tap: _Tap, environ: WSGIEnvironment) -> bytes | None:
    moment = clock.now()
    entry_id = form_token.redeem(tap.token, moment, code=tap.code, device=tap.device, subject=str(tap.identity_id))
    venue = scan_venues.cached(tap.code)
    if entry_id is None or venue is None:
        return None
    index = identities.device_index(tap.device)
    if not limits.admits(index, environ.get("REMOTE_ADDR")):
        return None
    environ[COUNTED] = True
    scan = Scan(entry_id=entry_id, venue=venue, device_index=index, moment=moment)
    result = known_scans.record_plain(tap.identity_id, scan)
    return None if result is None else rendering.result_text(result, venue, tap.language)
