"""The public pages behind the posters: a plain blueprint, no sign-in, no framework template."""

from __future__ import annotations

from flask import Flask

from app.extensions import csrf, limiter


def register(app: Flask) -> None:
    """Attach the public blueprint, which has a token and limits of its own (form_token.py, limits.py)."""
    from app.scan_pages.pages import scan

    csrf.exempt(scan)
    limiter.exempt(scan)
    app.register_blueprint(scan)
