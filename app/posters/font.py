"""The one Chinese font of everything that is drawn on the server."""

from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import ImageFont

FONT_PATH = Path(__file__).parent / "fonts" / "wqy-microhei-subset.ttf"

# The sign that Chinese printers set for a character they have no type for.
MISSING_SIGN = "〓"

# Widths are taken at a size where rounding to pixels does not show.
_MEASURE_PX = 1000


@lru_cache(maxsize=32)
def font_at(size_px: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels; opened once for each size, because a poster asks for the same few again."""
    return ImageFont.truetype(FONT_PATH, size_px, layout_engine=ImageFont.Layout.BASIC)


def text_width(text: str, size: float) -> float:
    """The width of one line of text, in the unit of size (the em)."""
    return sum(map(_advance, text)) * size


@lru_cache(maxsize=8192)
def _advance(char: str) -> float:
    """The width of one character at size 1; the shipped font has no kerning, so a line is the sum of its characters."""
    return font_at(_MEASURE_PX).getlength(char) / _MEASURE_PX


@lru_cache(maxsize=1)
def known_characters() -> frozenset[int]:
    """The code points that the font can draw."""
    with TTFont(FONT_PATH, lazy=True) as font:
        return frozenset(font.getBestCmap())


def drawable(text: str) -> str:
    """The text with every character that the font lacks replaced by 〓, so that a gap is seen and not overlooked."""
    known = known_characters()
    return "".join(char if ord(char) in known else MISSING_SIGN for char in " ".join(text.split()))
