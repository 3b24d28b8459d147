"""Addresses that an open page asks for by itself: nobody acts, so they keep nobody signed in (Z-A3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request

_MARK = "_is_polled"
V = TypeVar("V", bound=Callable[..., Any])


def polled(view: V) -> V:
    """Return the view, declared as one that a script asks for while its page stays open.

    Declared here and not said by the request: what a browser sends is no reason to take somebody for absent or present.
    """
    setattr(view, _MARK, True)
    return view


def is_polled(view: object) -> bool:
    """Return whether a view was declared so."""
    return getattr(view, _MARK, False) is True


def is_poll() -> bool:
    """Return whether the request in hand is one that its page makes by itself."""
    return is_polled(current_app.view_functions.get(request.endpoint or ""))
