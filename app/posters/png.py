"""The poster as a picture: for the screen, for a chat group, for a print shop."""

import io
from functools import lru_cache, singledispatch

from PIL import Image, ImageDraw

from app.posters.font import font_at
from app.posters.layout import PAGE_HEIGHT, PAGE_WIDTH, Box, Disc, Ink, QrSquare, TextLine, lay_out
from app.posters.poster import Poster
from app.posters.qr import qr_image, qr_matrix

DPI = 300
MM_PER_INCH = 25.4
# The font has one weight; a heading is drawn with an outline of this share of the em.
BOLD_OUTLINE = 0.018

Color = tuple[int, int, int]
_NEIGHBORS = ((Ink.WHITE, Ink.BLACK), (Ink.WHITE, Ink.GRAY), (Ink.WHITE, Ink.BLUE), (Ink.PALE, Ink.AMBER))
_STEPS = 16


def render_png(poster: Poster) -> bytes:
    """The poster as a PNG of one A4 page at 300 dpi (Z-R9)."""
    page = Image.new("RGB", (_px(PAGE_WIDTH), _px(PAGE_HEIGHT)), Ink.WHITE.value)
    draw = ImageDraw.Draw(page)
    for mark in lay_out(poster):
        if isinstance(mark, QrSquare):
            _paste_qr(page, mark, poster.url)
        else:
            _draw(mark, draw)
    stream = io.BytesIO()
    few_colors = page.quantize(palette=_palette(), dither=Image.Dither.NONE)
    few_colors.save(stream, format="PNG", dpi=(DPI, DPI), compress_level=6)
    return stream.getvalue()


@lru_cache(maxsize=1)
def _palette() -> Image.Image:
    """The inks and the steps between those that meet at a letter's edge: half the bytes and time of full colour."""
    colors = [_blend(first, second, step) for first, second in _NEIGHBORS for step in range(_STEPS)]
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for color in [(0, 0, 0), *colors] for channel in color])
    return palette


def _blend(first: Ink, second: Ink, step: int) -> Color:
    share = step / (_STEPS - 1)
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first.value, second.value, strict=True))
    return red, green, blue


def _px(millimetres: float) -> int:
    return round(millimetres / MM_PER_INCH * DPI)


def _paste_qr(page: Image.Image, square: QrSquare, url: str) -> None:
    """Modules are whole pixels, so their edges stay sharp; the rest of the square stays white around them."""
    scale = _px(square.side) // len(qr_matrix(url))
    code = qr_image(url, scale)
    margin = (_px(square.side) - code.width) // 2
    page.paste(code, (_px(square.x) + margin, _px(square.y) + margin))


@singledispatch
def _draw(mark: object, _: ImageDraw.ImageDraw) -> None:
    raise TypeError(type(mark).__name__)


@_draw.register
def _(mark: TextLine, draw: ImageDraw.ImageDraw) -> None:
    size = _px(mark.size)
    draw.text(
        (_px(mark.x), _px(mark.y)),
        mark.text,
        fill=mark.ink.value,
        font=font_at(size),
        anchor="ls",
        stroke_width=round(size * BOLD_OUTLINE) if mark.is_bold else 0,
    )


@_draw.register
def _(mark: Box, draw: ImageDraw.ImageDraw) -> None:
    corner = (_px(mark.x + mark.width) - 1, _px(mark.y + mark.height) - 1)
    draw.rectangle([(_px(mark.x), _px(mark.y)), corner], fill=mark.ink.value)


@_draw.register
def _(mark: Disc, draw: ImageDraw.ImageDraw) -> None:
    draw.circle((_px(mark.x), _px(mark.y)), _px(mark.radius), fill=mark.ink.value)
