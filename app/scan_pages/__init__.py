"""The public pages behind the posters: a plain blueprint, no sign-in, no framework template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.extensions import csrf, limiter

if TYPE_CHECKING:
    from app.application import Application


def register(app: Application) -> None:
    """Attach the public blueprint, which has a token and limits of its own (form_token.py, limits.py)."""
    from app.scan_pages import express
    from app.scan_pages.pages import scan

    csrf.exempt(scan)
    limiter.exempt(scan)
    app.register_blueprint(scan)
    app.express_lane = express.answer
