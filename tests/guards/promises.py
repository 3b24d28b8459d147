"""What browsers are promised with every answer: headers, a nonce on every script, no page that is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from werkzeug.datastructures import Headers

PROMISED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# The one page of the back office that may ask for a camera.
CAMERA_PATH = "/check/"
NONCE = re.compile(r"script-src 'self' 'nonce-([\w-]{22})' 'strict-dynamic'")
SCRIPT = re.compile(r"<script\b[^>]*>")


def page_in(headers: Headers, text: str) -> str:
    """The text of an answer that is a page; empty for anything else."""
    return text if headers.get("Content-Type", "").startswith("text/html") else ""


def broken_promises(
    headers: Headers, page: str, *, may_be_kept: bool = False, has_camera: bool = False
) -> Iterator[str]:
    """What an answer breaks; `page` is its text where it is a page, else empty."""
    yield from (name for name, value in PROMISED.items() if headers.getlist(name) != [value])
    yield from _of_policy(headers.getlist("Content-Security-Policy"), page)
    if not may_be_kept and headers.get("Cache-Control") != "no-store":
        yield "kept"
    powers = headers.get("Permissions-Policy", "")
    if ("camera=(self)" in powers) is not has_camera or "geolocation=()" not in powers:
        yield "powers"


def _of_policy(policies: list[str], page: str) -> Iterator[str]:
    nonce = NONCE.search(policies[0]) if len(policies) == 1 else None
    if nonce is None:
        yield "a policy without nonce"
        return
    policy = policies[0]
    if (
        not policy.startswith(("default-src 'self'; ", "default-src 'none'; "))
        or "unsafe-inline" in policy
        or "'unsafe-eval'" in policy
        or "frame-ancestors 'none'" not in policy
    ):
        yield "an open policy"
    for tag in SCRIPT.findall(page):
        if f'nonce="{nonce.group(1)}"' not in tag:
            yield f"{tag} without the nonce"
