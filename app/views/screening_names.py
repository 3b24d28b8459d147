"""The names of the views that are made from the lists' declarations."""

from __future__ import annotations

from app.services.screening_list import ScreeningList


def view_name(declared: ScreeningList) -> str:
    """The first part of the names of a list's views: Telecom, Rail, OverseasReport."""
    return "".join(part.capitalize() for part in declared.key.split("_"))


def list_endpoint(declared: ScreeningList) -> str:
    """The endpoint of a list's screen."""
    return f"{view_name(declared)}ScreeningView.list"
