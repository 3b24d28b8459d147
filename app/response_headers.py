"""What every answer of the web server promises the browser: one place for the back office, public pages, files and errors."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    Headers = list[tuple[str, str]]

POLICY, KEPT, POWERS = "Content-Security-Policy", "Cache-Control", "Permissions-Policy"
_NONCE = "response.nonce"
_NONCE_BYTES = 16
_POWERS = {
    power: "()" for power in ("camera", "microphone", "geolocation", "payment", "usb", "serial", "display-capture")
}
_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
_ENCRYPTED_ALWAYS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
# Whatever asks a server of another name than its own: a poisoned link in a message, a page rebound to our address.
MISDIRECTED = b"400 Bad Request: this server does not answer under that name.\n"


def new_nonce() -> str:
    """Return a word that only the page in hand and its policy know."""
    return secrets.token_urlsafe(_NONCE_BYTES)


def nonce_of(environ: WSGIEnvironment) -> str:
    """Return the nonce of a request's answer, made when first asked for."""
    nonce: str = environ.setdefault(_NONCE, "") or new_nonce()
    environ[_NONCE] = nonce
    return nonce


def page_nonce() -> str:
    """Return the nonce of the page in hand, for its script tags; empty for a page that is laid out for no request."""
    return nonce_of(request.environ) if request else ""


def content_policy(nonce: str, *, extra_script: str = "", media: str = "'self'") -> str:
    """Return what pages of the back office may load: nothing from outside, no script but those that they name.

    `extra_script` adds what one page's scripts need, `media` where it takes sound and video. A browser that knows
    'strict-dynamic' goes by the nonce alone; 'self' is for those that do not.
    """
    return (
        f"default-src 'self'; script-src {_scripts(nonce)}{extra_script and ' ' + extra_script}; worker-src 'self'; "
        f"style-src 'self'; img-src 'self' data: blob:; media-src {media}; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )


def public_policy(nonce: str) -> str:
    """Return what public pages may load; shorter, for every scan carries it."""
    return (
        f"default-src 'none'; script-src {_scripts(nonce)}; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )


def _scripts(nonce: str) -> str:
    return f"'self' 'nonce-{nonce}' 'strict-dynamic'"


def powers(**granted: str) -> str:
    """Return which of a phone's powers a page may ask for; none but those `granted`."""
    return ", ".join(f"{name}={value}" for name, value in {**_POWERS, **granted}.items())


class Promises:
    """The headers of one installation, prepared once; an answer keeps those that it has set itself."""

    def __init__(self, *, is_encrypted: bool) -> None:
        encrypted = (_ENCRYPTED_ALWAYS,) if is_encrypted else ()
        self._fixed = (*_ALWAYS, *encrypted, (POWERS, powers()), (KEPT, "no-store"))

    def complete(self, headers: Headers, environ: WSGIEnvironment) -> None:
        """Add to the headers of an answer what is missing."""
        present = {name for name, _ in headers}
        headers.extend([each for each in self._fixed if each[0] not in present])
        if POLICY not in present:
            headers.append((POLICY, content_policy(nonce_of(environ))))
