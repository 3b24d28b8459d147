"""The headers of a public page; the same promises as the back office's, put on in one go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
PROMISES = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
)
PAGE = (
    ("Content-Type", "text/html; charset=utf-8"),
    *PROMISES,
    # A result is of now; a page that a phone kept would show another time's.
    ("Cache-Control", "no-store"),
)


class PageResponse(Response):
    """A public page. Its headers are fixed and checked once, here: checking them anew was a seventh of a scan."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = self.get_data()
        cookies = [("Set-Cookie", value) for value in self.headers.getlist("Set-Cookie")]
        retry = [("Retry-After", value) for value in self.headers.getlist("Retry-After")]
        start_response(self.status, [*PAGE, ("Content-Length", str(len(body))), *cookies, *retry])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
