"""The public pages behind the posters: a plain blueprint, no sign-in, no framework template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.extensions import csrf, limiter

if TYPE_CHECKING:
    from app.application import Application


def register(app: Application) -> None:
    """Attach the public blueprints, which have a token and limits of their own (form_token.py, limits.py)."""
    from app.scan_pages import (  # noqa: F401 - they hold routes
        code_appeals,
        code_application,
        code_page,
        code_phone,
        code_relatives,
        express,
    )
    from app.scan_pages.code_visits import code
    from app.scan_pages.pages import scan

    for public in (scan, code):
        csrf.exempt(public)
        limiter.exempt(public)
        app.register_blueprint(public)
    app.express_lane = express.answer
