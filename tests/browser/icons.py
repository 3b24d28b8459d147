"""Writes app/static/icons/*.png: the picture of favicon.svg as phones want it beside their other programs.

`python -m tests.browser.icons` draws them anew after the drawing has changed.
"""

from __future__ import annotations

import io
import sys

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.site import ROOT
from tests.chromium import ARGUMENTS, HOW_TO_GET_IT, chromium_path

STATIC = ROOT / "app" / "static"
BLUE = "#1b4f9c"
COLORS = 64
# How much of its square the drawing takes: phones cut a maskable icon to their own shape, and iOS rounds the corners.
ICONS = {
    "icon-192": (192, 1.0),
    "icon-512": (512, 1.0),
    "icon-maskable-512": (512, 0.8),
    "apple-touch-icon": (180, 1.0),
}
FILLED = ("icon-maskable-512", "apple-touch-icon")


def drawn(page: Page, name: str) -> Image.Image:
    """The drawing at the size of the icon; on its own blue where the corners must not be empty."""
    size, share = ICONS[name]
    ground = BLUE if name in FILLED else "transparent"
    page.set_viewport_size({"width": size, "height": size})
    drawing = (STATIC / "favicon.svg").read_text(encoding="utf-8").replace("<svg ", f'<svg width="{size * share}" ')
    page.set_content(
        f'<body style="margin:0;height:100vh;display:grid;place-items:center;background:{ground}">{drawing}</body>'
    )
    return Image.open(io.BytesIO(page.screenshot(omit_background=True)))


def main() -> int:
    """The icons are written."""
    path = chromium_path()
    if path is None:
        print(f"There is no Chromium: {HOW_TO_GET_IT}", file=sys.stderr)
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        page = browser.new_page()
        for name in ICONS:
            small = drawn(page, name).quantize(COLORS, method=Image.Quantize.FASTOCTREE)
            small.save(STATIC / "icons" / f"{name}.png", optimize=True)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
