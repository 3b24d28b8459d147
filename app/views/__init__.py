"""The back office, declared."""

from __future__ import annotations

from importlib import import_module

from flask import Flask, Response, current_app, g, request, session
from flask_login import current_user

from app.access import enter_scope, scope_of
from app.extensions import db
from app.response_headers import KEPT, page_nonce

# The modules with screens, in the order of the menu.
SCREENS = (
    "dashboard",
    "residents",
    "entries",
    "venues",
    "sectors",
    "poster_checks",
    "checkpoints",
    "code_batches",
    "codes",
    "screening",
    "completion",
    "imports",
    "comparisons",
    "doubts",
    "column_mappings",
    "exports",
    "risk_areas",
    "risk_area_lists",
    "evidence",
    "change_sets",
    "compound_closures",
    "appeals",
    "health_rules",
    "rule_editor",
    "health_simulator",
    "risk_area_simulator",
    "double_sightings",
    "phone_changes",
    "person_color",
    "accounts",
    "account_imports",
    "areas",
    "area_moves",
    "outbox",
    "audit_trail",
    "system",
    "code_check",
    "posters",
    "reveal",
    "password",
    "sessions",
    "second_factor",
    "mobile",
)
_FILES = ("static", "appbuilder.static")
_PUBLIC_PREFIXES = ("scan.", "code.", *_FILES)


def register(app: Flask) -> None:
    """Bind the framework and add every screen in the order of the menu."""
    from app.views import errors, signed_out, wording
    from app.views.framework import DeclaredAppBuilder
    from app.views.home import HomeView
    from app.views.security import DeclaredSecurityManager

    appbuilder = DeclaredAppBuilder(app, db.session, indexview=HomeView, security_manager_class=DeclaredSecurityManager)
    app.extensions["babel"].locale_selector = _locale
    wording.install(app)
    app.before_request(_enter_own_scope)
    signed_out.register(app)
    app.after_request(_keep_nowhere)
    app.context_processor(lambda: {"shell": _lazy_shell()})
    app.jinja_env.globals["csp_nonce"] = page_nonce
    errors.register(app)
    for name in SCREENS:
        import_module(f"app.views.{name}").register(appbuilder)


def _locale() -> str:
    chosen = str(session.get("locale", "")) if request else ""
    default: str = current_app.config["BABEL_DEFAULT_LOCALE"]
    return chosen if chosen in current_app.config["LANGUAGES"] else default


def _enter_own_scope() -> None:
    """Put every back-office request into the scope of its account before any view runs; without one it stays closed."""
    if (request.endpoint or "").startswith(_PUBLIC_PREFIXES):
        return
    if current_user.is_authenticated:
        enter_scope(scope_of(current_user))


def _lazy_shell() -> object:
    from app.views.navigation import shell

    if "shell" not in g:
        g.shell = shell() if not (request.endpoint or "").startswith(_PUBLIC_PREFIXES) else None
    return g.shell


def _keep_nowhere(response: Response) -> Response:
    if request.endpoint not in _FILES:
        # Files to download come with a milder word, which keeps exports on disks.
        response.headers[KEPT] = "no-store"
    return response
