"""What axe-core, the checker of Deque, finds on a page: faults that keep somebody from using it."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")
_axe = Axe()
# Kinds of pages that were looked at, by width: the same screen of another account is no other page.
_seen: set[tuple[str, int]] = set()


def grave_faults(page: Page) -> list[str]:
    """The serious and critical faults of the page as it is, each with where it is."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    found = _axe.run(page).response["violations"]
    return [
        f"{page.url} at {width}: {fault['id']}: {node['target']}"
        for fault in found
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
    ]


def grave_faults_once(page: Page, widths: tuple[int, ...]) -> list[str]:
    """The same at each of the widths, once for each kind of page: rows differ, their page does not."""
    kind, faults = re.sub(r"\d+", "0", page.url.split("/", 3)[3]), []
    for width in widths:
        if (kind, width) not in _seen:
            _seen.add((kind, width))
            page.set_viewport_size({"width": width, "height": 800})
            faults += grave_faults(page)
    return faults
