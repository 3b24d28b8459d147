"""The views' own rules, taken away: what is left is the scope of the session and, on PostgreSQL, the row policies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask_login import current_user
from sqlalchemy import select

from app.domain.roles import Role
from app.views import reveal
from app.views.screen_source import ScreenSource
from app.views.security import DeclaredSecurityManager
from tests.guards.cells import entity, screens
from tests.guards.sight import Viewer

EVERY = frozenset(Role)


def open_all_views(app: Flask, who: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every screen, action, column and filter is every role's, and a screen's rows are all rows of its table."""
    monkeypatch.setattr(DeclaredSecurityManager, "has_access", lambda *_: current_user.is_authenticated)
    for name, (model, reader, _roles) in reveal._SUBJECTS.items():
        monkeypatch.setitem(reveal._SUBJECTS, name, (model, reader, EVERY))
    for view in screens().values():
        model = entity(app, view, who)
        monkeypatch.setattr(type(view), "screen", _opened(view.screen, model))
        monkeypatch.setattr(type(view), "base_query", lambda self: self.screen.query())
        monkeypatch.setattr(type(view), "fetch", ScreenSource.fetch)


def _opened(screen: Any, model: Any) -> Any:
    return replace(
        screen,
        roles=EVERY,
        query=lambda: select(model),
        columns=[replace(column, roles=None) for column in screen.columns],
        filters=[replace(declared, roles=None) for declared in screen.filters],
        actions=[replace(action, roles=EVERY, visible=lambda _row: True) for action in screen.actions],
        creation=replace(screen.creation, roles=EVERY) if screen.creation else None,
        export_roles=EVERY,
        full_export_roles=EVERY,
        by_compound=False,
    )
