"""Every script tag of a template carries the nonce of the page: browsers run no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = sorted((Path(__file__).parents[2] / "app" / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_script_carries_the_nonce(path: Path) -> None:
    tags = re.findall(r"<script\b.*?>", path.read_text(encoding="utf-8"))
    assert [tag for tag in tags if 'nonce="{{ csp_nonce() }}"' not in tag] == []
