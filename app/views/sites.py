"""The two sites over the same screens: for a desk, and under /m/ for a phone (Z-R12)."""

from __future__ import annotations

from flask import current_app, request

HOME = "MobileHomeView.index"
_BASE = "/m/"
_PREFIX = "Mobile"


def is_phone() -> bool:
    """Return whether the page in hand belongs to the phone's site."""
    return is_of_phone(request.path)


def is_of_phone(path: str) -> bool:
    return path.startswith(_BASE)


def page_of_phone() -> str | None:
    """Return the page in hand where it is the phone's, for pages of the desk that lead back to it."""
    return request.path if is_phone() else None


def here(endpoint: str) -> str:
    """Return the endpoint by which the site in hand shows what the desk's `endpoint` does; that one where it has none."""
    own = f"{_PREFIX}{endpoint}"
    return own if is_phone() and own in current_app.view_functions else endpoint


def template(name: str) -> str:
    """Return the template of this name for the site in hand."""
    return f"{'mobile' if is_phone() else 'admin'}/{name}.html"
