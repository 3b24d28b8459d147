"""No page loads anything from outside."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
FILES = sorted(
    path
    for folder in ("templates", "static")
    for path in (APP / folder).rglob("*")
    if path.suffix in (".html", ".css", ".js", ".svg")
)
_LOADS = re.compile(
    r"""(?:\b(?:src|href|action|formaction|poster|srcset)\s*=\s*["']?|url\(\s*["']?|@import\s+["']|fetch\(\s*["'`]|import\s*\(?["'])"""
    r"""(?:https?:)?//""",
    re.IGNORECASE,
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_is_loaded_from_outside(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line.strip() for line in lines if _LOADS.search(line)] == []


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".html"], ids=lambda path: path.name)
def test_no_script_stands_in_a_page(path: Path) -> None:
    """The policy would not run it."""
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>|\son\w+=[\"']|javascript:", text) == []
