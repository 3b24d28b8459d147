"""What stands around every answer (headers, served names, counts), and the pages of probes and measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.extensions import csrf, limiter
from app.monitoring.answers import Answers

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Add /healthz and /metrics, and put every answer in its frame."""
    from app.monitoring.pages import monitoring

    csrf.exempt(monitoring)
    limiter.exempt(monitoring)
    app.register_blueprint(monitoring)
    # Flask's documented way to wrap its own WSGI callable.
    app.wsgi_app = Answers(app.wsgi_app, app.config)  # type: ignore[method-assign]  # Flask's documented way to wrap itself
