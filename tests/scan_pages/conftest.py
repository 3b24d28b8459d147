"""Phones for the public pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.scan_pages.phone import Phone


@pytest.fixture
def new_phone(app: Flask) -> Callable[[], Phone]:
    """Another phone with every call."""
    return lambda: Phone(app)


@pytest.fixture
def phone(new_phone: Callable[[], Phone]) -> Phone:
    """One phone."""
    return new_phone()
