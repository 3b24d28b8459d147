"""What axe-core, the checker of Deque, finds on a page: faults that keep somebody from using it."""

from __future__ import annotations

import re

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# What repeats itself beyond the first few is alike: of a long table or choice axe would measure each cell's contrast.
_ALIKE_ON_A_PAGE = (
    "tbody tr:nth-child(n+5), select option:nth-child(n+9), select optgroup:nth-child(n+5), .rows > li:nth-child(n+5)"
)
# A third of a look went into parsing the same dozen of colours again for each element: what a text says is kept.
_AXE = (
    AXE_SCRIPT
    + """
(() => {
  const color = axe.commons.color.Color.prototype, parse = color.parseString, known = new Map();
  color.parseString = function (text) {
    if (!known.has(text)) {
      const { r, g, b, alpha } = parse.call(this, text);
      known.set(text, { r, g, b, alpha });
    }
    return Object.assign(this, known.get(text));
  };
})();"""
)
# What axe itself calls moderate or minor, whatever it finds: nobody asks for it here, so it is not looked for either.
_NOT_GRAVE = ["moderate", "minor"]
# The faults, each with where it is. Style sheets are not fetched once more for it.
_RUN = """([width, notGrave]) => axe.run({resultTypes: ["violations"], preload: false, rules: Object.fromEntries(
    axe._audit.rules.filter(rule => notGrave.includes(rule.impact)).map(rule => [rule.id, {enabled: false}]))})
  .then(found => found.violations.filter(fault => !notGrave.includes(fault.impact))
    .flatMap(fault => fault.nodes.map(node => `${location.href} at ${width}: ${fault.id}: ${node.target}`)))"""
_ALIKE = re.compile(r"(imports|(?:screening|sectors)(?=/.*/(?:0|new|export)))/[\w-]+/")
_ALIKE_NARROWED = re.compile(r"(screening)/(?!statistics)[\w-]+/")
# Kinds of pages that were looked at, by width: the same screen of another account is no other page.
_seen: set[tuple[str, int]] = set()


def grave_faults(page: Page) -> list[str]:
    """The serious and critical faults of the page as it is, each with where it is; long lists are cut short for it."""
    if not page.evaluate("'axe' in window"):
        # Later pages bring it along, which costs a tenth of sending it to each.
        page.context.add_init_script(_AXE)
        page.evaluate(_AXE)
    page.evaluate("alike => document.querySelectorAll(alike).forEach(one => one.remove())", _ALIKE_ON_A_PAGE)
    width = page.viewport_size["width"] if page.viewport_size else 0
    return list(page.evaluate(_RUN, [width, _NOT_GRAVE]))


def grave_faults_once(page: Page, widths: tuple[int, ...]) -> list[str]:
    """The same at each of the widths, once for each kind of page: rows differ, their page does not."""
    kind, faults = kind_of(page.url.split("/", 3)[3]), []
    for width in widths:
        if (kind, width) not in _seen:
            _seen.add((kind, width))
            page.set_viewport_size({"width": width, "height": 800})
            faults += grave_faults(page)
    return faults


def kind_of(url: str) -> str:
    """What the page of an address is a page of, whichever its rows and whatever was searched for.

    Records and forms of the screening lists are of one kind, and of the sectors, and uploads: each is declared, and one
    template draws it. A screening list is of a kind of its own with its columns and its search; narrowed, it has what
    every list has that is narrowed so. Of a download there is one question, whatever of the list it takes.
    """
    path, _, query = url.partition("?")
    query = "" if "/export/" in path else query
    path = _ALIKE.sub(r"\1/any/", re.sub(r"\d+", "0", path))
    path = _ALIKE_NARROWED.sub(r"\1/any/", path) if query else path
    words = [word if word.startswith("tab=") else word.partition("=")[0] for word in query.split("&")]
    return "?".join([path, *sorted(words)])
