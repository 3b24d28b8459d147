"""「小区居民管理」 (Z-R1 to Z-R9)."""

from __future__ import annotations

from flask_appbuilder import AppBuilder


def register(appbuilder: AppBuilder) -> None:
    """Add the screens of this module."""
