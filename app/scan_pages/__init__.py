"""The public pages behind the posters: a plain blueprint, no sign-in, no framework template."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Attach the public blueprint."""
