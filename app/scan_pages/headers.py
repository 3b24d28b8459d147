"""The headers of a public page, put on in one go; what every answer promises is added to them (response_headers.py)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Response

from app.response_headers import POLICY, nonce_of, public_policy

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PAGE = (
    ("Content-Type", "text/html; charset=utf-8"),
    # A result is of now; a page that a phone kept would show another time's.
    ("Cache-Control", "no-store"),
)


def page_headers(body: bytes, environ: WSGIEnvironment) -> list[tuple[str, str]]:
    """Return the headers of a public page with this text."""
    return [*PAGE, (POLICY, public_policy(nonce_of(environ))), ("Content-Length", str(len(body)))]


class PageResponse(Response):
    """A public page. Its headers are fixed and checked once, here: checking them anew was a seventh of a scan."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = self.get_data()
        cookies = [("Set-Cookie", value) for value in self.headers.getlist("Set-Cookie")]
        retry = [("Retry-After", value) for value in self.headers.getlist("Retry-After")]
        start_response(self.status, [*page_headers(body, environ), *cookies, *retry])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
