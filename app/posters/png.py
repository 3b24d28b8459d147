"""The poster as a picture: for the screen, for a chat group, for a print shop."""

import io
from collections.abc import Iterable
from functools import lru_cache, singledispatch

from PIL import Image, ImageDraw

from app.posters.font import font_at
from app.posters.layout import PAGE_HEIGHT, PAGE_WIDTH, Box, Disc, Ink, Mark, QrSquare, TextLine, lay_out
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
    page = PngPage(DPI)
    page.draw(lay_out(poster), poster.url)
    return page.content()


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


class PngPage:
    """A white A4 page of so many dots to the inch, on which marks are drawn."""

    def __init__(self, dpi: int, image: Image.Image | None = None) -> None:
        self.dpi = dpi
        size = (self.px(PAGE_WIDTH), self.px(PAGE_HEIGHT))
        self._image = image or Image.new("RGB", size, Ink.WHITE.value)

    def px(self, millimetres: float) -> int:
        return round(millimetres / MM_PER_INCH * self.dpi)

    def copy(self) -> "PngPage":
        """Another page on which the same is drawn."""
        return PngPage(self.dpi, self._image.copy())

    def draw(self, marks: Iterable[Mark], url: str) -> None:
        """The marks are on the page; a square for the code holds `url`."""
        draw = ImageDraw.Draw(self._image)
        for mark in marks:
            if isinstance(mark, QrSquare):
                self._paste_qr(mark, url)
            else:
                _draw(mark, draw, self)

    def _paste_qr(self, square: QrSquare, url: str) -> None:
        """Modules are whole pixels, so their edges stay sharp; the rest of the square stays white around them."""
        scale = self.px(square.side) // len(qr_matrix(url))
        code = qr_image(url, scale)
        margin = (self.px(square.side) - code.width) // 2
        self._image.paste(code, (self.px(square.x) + margin, self.px(square.y) + margin))

    def content(self, *, compress_level: int = 6) -> bytes:
        """The page as a PNG of few colours."""
        stream = io.BytesIO()
        few_colors = self._image.quantize(palette=_palette(), dither=Image.Dither.NONE)
        few_colors.save(stream, format="PNG", dpi=(self.dpi, self.dpi), compress_level=compress_level)
        return stream.getvalue()


@singledispatch
def _draw(mark: object, _: ImageDraw.ImageDraw, __: PngPage) -> None:
    raise TypeError(type(mark).__name__)


@_draw.register
def _(mark: TextLine, draw: ImageDraw.ImageDraw, page: PngPage) -> None:
    size = page.px(mark.size)
    draw.text(
        (page.px(mark.x), page.px(mark.y)),
        mark.text,
        fill=mark.ink.value,
        font=font_at(size),
        anchor="ls",
        stroke_width=round(size * BOLD_OUTLINE) if mark.is_bold else 0,
    )


@_draw.register
def _(mark: Box, draw: ImageDraw.ImageDraw, page: PngPage) -> None:
    corner = (page.px(mark.x + mark.width) - 1, page.px(mark.y + mark.height) - 1)
    draw.rectangle([(page.px(mark.x), page.px(mark.y)), corner], fill=mark.ink.value)


@_draw.register
def _(mark: Disc, draw: ImageDraw.ImageDraw, page: PngPage) -> None:
    draw.circle((page.px(mark.x), page.px(mark.y)), page.px(mark.radius), fill=mark.ink.value)
