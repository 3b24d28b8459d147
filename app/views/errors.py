"""Errors as pages that say what to do and show nothing of the inside."""

from __future__ import annotations

import traceback

from flask import Flask, current_app, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from app.access import ScopeViolation
from app.domain.errors import DomainError
from app.extensions import db
from app.views.forms import error_text
from app.views.sites import HOME, is_phone


def register(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(HTTPException, lambda fault: page(fault.code or 500))
    app.register_error_handler(ScopeViolation, _scope_violation)
    app.register_error_handler(DomainError, lambda fault: page(409, hint=error_text(fault)))
    app.register_error_handler(CSRFError, lambda _fault: page(400, hint=gettext("页面已过期，请返回刷新后重新提交。")))
    app.register_error_handler(OperationalError, _database_fault)
    app.register_error_handler(RedisError, _queue_fault)
    app.register_error_handler(Exception, _unforeseen)


def page(code: int, *, hint: str | None = None) -> tuple[str, int]:
    """Return the error page of `code`; the template knows what to advise, unless `hint` says it better."""
    home_url = url_for(HOME) if is_phone() else None
    return render_template("admin/error.html", code=code, advice=hint, home_url=home_url), code


def _scope_violation(fault: ScopeViolation) -> tuple[str, int]:
    db.session.rollback()
    current_app.logger.warning("scope: %s at %s", fault, request.endpoint)
    return page(403)


def _database_fault(fault: OperationalError) -> tuple[str, int]:
    db.session.rollback()
    current_app.logger.error("database: %s", type(fault.orig).__name__)
    return page(503)


def _queue_fault(fault: RedisError) -> tuple[str, int]:
    db.session.rollback()
    current_app.logger.error("redis: %s", type(fault).__name__)
    return page(503)


def _unforeseen(fault: Exception) -> tuple[str, int]:
    db.session.rollback()
    # The traceback without values: messages of database errors carry parameters, which may be personal data.
    frames = "".join(traceback.format_tb(fault.__traceback__))
    current_app.logger.error("unforeseen %s at %s\n%s", type(fault).__name__, request.endpoint, frames)
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise fault
    return page(500)
