"""Chinese line breaking: between any two characters, but not before a closing mark nor inside a number or a word."""

import re
from dataclasses import dataclass

from app.posters.font import drawable, text_width

LINE_HEIGHT = 1.25  # of the em

# A Latin word or number stays whole (up to the length of a long one), and so does a house number with its 号 or 栋.
_UNITS = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-./:%]{0,23}[号栋幢楼期区座院]{0,2}|\s|.")
_NOT_AT_START = frozenset("，。、；：！？）」』》〉】〕…·—)],.;:!?%℃”’")
_NOT_AT_END = frozenset("（「『《〈【〔([“‘")
_SIZE_STEP = 0.5


@dataclass(frozen=True)
class FittedText:
    """Lines of text and the size (em) at which they fill their place."""

    size: float
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        return len(self.lines) * self.size * LINE_HEIGHT


def fit_text(text: str, *, width: float, height: float, largest: float, smallest: float) -> FittedText:
    """The text at the largest size at which its lines fit into the place; cut with an ellipsis when none does."""
    content = drawable(text)
    size = largest
    while size > smallest:
        fitted = FittedText(size, _balanced(content, width=width, size=size))
        if fitted.height <= height:
            return fitted
        size = max(smallest, size - _SIZE_STEP)
    return FittedText(smallest, _cut(content, width=width, height=height, size=smallest))


def break_lines(text: str, *, width: float, size: float) -> tuple[str, ...]:
    """The text in lines no wider than width, each as full as it can be."""
    lines: list[str] = []
    line = ""
    for unit in _unbreakable_units(text):
        if line and text_width((line + unit).rstrip(), size) > width:
            lines.append(line.strip())
            line = ""
        line += unit
    return (*lines, line.strip()) if line.strip() else tuple(lines)


def _balanced(text: str, *, width: float, size: float) -> tuple[str, ...]:
    """The fewest lines that hold the text, of about equal length: one character left over looks like a mistake."""
    lines = break_lines(text, width=width, size=size)
    narrower = text_width(text, size) / max(1, len(lines))
    while narrower < width:
        attempt = break_lines(text, width=narrower, size=size)
        if len(attempt) <= len(lines):
            return attempt
        narrower += size / 2
    return lines


def _cut(text: str, *, width: float, height: float, size: float) -> tuple[str, ...]:
    lines = _balanced(text, width=width, size=size)
    room = max(1, int(height / (size * LINE_HEIGHT)))
    if len(lines) <= room:
        return lines
    full = break_lines(text, width=width, size=size)[:room]
    last = full[-1]
    while last and text_width(last + "…", size) > width:
        last = last[:-1]
    return (*full[:-1], last + "…")


def _unbreakable_units(text: str) -> list[str]:
    units: list[str] = []
    for unit in _UNITS.findall(text):
        if units and (unit in _NOT_AT_START or units[-1][-1] in _NOT_AT_END):
            units[-1] += unit
        else:
            units.append(unit)
    return units
