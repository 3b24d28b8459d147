"""The express lane: taps and sound forms, answered before the framework makes a request of them (issue 1.5).

It takes only what it can finish by adding rows: a sound token, an open venue, and a scan that changes nothing; and it
turns away whoever is beyond the limits. Everything else goes the way of pages.py, as if the lane were not there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from flask import Flask

from app import clock
from app.domain.venues import VenueFamily
from app.forms.sound import sound_form
from app.models.entry import entry_moment
from app.response_headers import nonce_of
from app.scan_pages import device, form_token, headers, language, limits, rendering, too_many
from app.services import first_forms, identities, known_scans, scan_venues
from app.services.scan_entries import Scan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PREFIX = "/s/"
# Tells pages.py that the limits have counted this request.
COUNTED = "scan.counted"
_MOST_BYTES = 4096
_DEVICE = re.compile(r"(?:^|; )device=([A-Za-z0-9_-]{22})(?:;|$)")
_LANGUAGE = re.compile(r"(?:^|; )lang=(\w+)(?:;|$)")
_IDENTITY = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class _Submission:
    """A submitted page as it arrives; `identity` is empty for the form, `index` the blind index of the phone's key."""

    code: str
    device: str
    index: bytes
    identity: str
    sent: dict[str, str]
    language: str
    text: str


@dataclass(frozen=True)
class _Answer:
    page: bytes
    headers: tuple[tuple[str, str], ...] = ()
    status: str = "200 OK"


def answer(app: Flask, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes] | None:
    """Answer with a result page; return None for what the lane does not take, with the request left as it came."""
    submission = _submission(environ)
    if submission is None:
        return None
    with app.app_context():
        try:
            result = _turn_away(submission, environ) or _register(submission, nonce_of(environ))
        except Exception as fault:
            # pages.py tries again and, if that fails too, says so on a page; the token keeps the entry one.
            app.logger.warning("express lane: %s", type(fault).__name__)
            return None
    if result is None:
        return None
    start_response(result.status, [*headers.page_headers(result.page, environ), *result.headers])
    return [result.page]


def _submission(environ: WSGIEnvironment) -> _Submission | None:
    code, cookies = environ["PATH_INFO"][len(PREFIX) :], environ.get("HTTP_COOKIE", "")
    key = _DEVICE.search(cookies)
    length = environ.get("CONTENT_LENGTH", "")
    if key is None or environ.get("QUERY_STRING") or not length.isdecimal() or int(length) > _MOST_BYTES:
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    text = body.decode("utf-8", "replace")
    pairs = parse_qsl(text)
    sent = dict(pairs)
    if len(sent) < len(pairs):
        return None
    identity = sent.get("identity", "")
    if identity and (sent.get("action") != "register" or not _IDENTITY.fullmatch(identity)):
        return None
    spoken = _LANGUAGE.search(cookies)
    chosen = spoken[1] if spoken and spoken[1] in language.LANGUAGES else language.DEFAULT
    return _Submission(code, key[1], identities.device_index(key[1]), identity, sent, chosen, text)


def _is_late(entry_id: int, moment: datetime) -> bool:
    """Whether the page is so old that the scan is marked as remote (Z46)."""
    return moment - entry_moment(entry_id) > timedelta(minutes=rendering.profile().remote_after_minutes)


def _turn_away(submission: _Submission, environ: WSGIEnvironment) -> _Answer | None:
    """Count the submission; return the page for whoever is beyond a limit."""
    seconds = limits.seconds_to_wait(submission.index, environ.get("REMOTE_ADDR"), place=submission.code)
    environ[COUNTED] = True
    if not seconds:
        return None
    typed = parse_qsl(submission.text, keep_blank_values=True)
    page = too_many.text(submission.language, seconds=seconds, nonce=nonce_of(environ), sent=typed)
    return _Answer(page, (("Retry-After", str(seconds)),), too_many.STATUS)


def _register(submission: _Submission, nonce: str) -> _Answer | None:
    moment = clock.now()
    entry_id = form_token.redeem(
        submission.sent.get("form_token", ""),
        moment,
        code=submission.code,
        device=submission.device,
        subject=submission.identity,
    )
    venue = scan_venues.cached(submission.code)
    if entry_id is None or venue is None or _is_late(entry_id, moment):
        return None
    if submission.identity and venue.kind.family is VenueFamily.CHECKPOINT:
        return None  # filled in anew each time (Z-S6)
    scan = Scan(entry_id=entry_id, venue=venue, device_index=submission.index, moment=moment)
    cookies: tuple[tuple[str, str], ...] = ()
    if submission.identity:
        result = known_scans.record_plain(int(submission.identity), scan)
    else:
        today = clock.local_date(moment, rendering.profile().zone)
        form = sound_form(submission.sent, family=venue.kind.family, today=today)
        result = None if form is None else first_forms.record_plain(form, scan)
        cookies = (("Set-Cookie", device.header(submission.device)),)
    if result is None:
        return None
    return _Answer(rendering.result_text(result, venue, submission.language, nonce), cookies)
