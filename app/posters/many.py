"""Thousands of posters at a time: what they share is drawn once, and small codes stand many to a sheet (Z-S7)."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from typing import BinaryIO
from zipfile import ZIP_STORED, ZipFile

from fpdf import FPDF

from app.posters.font import FONT_PATH
from app.posters.layout import PAGE_HEIGHT, PAGE_WIDTH, Mark, QrSquare, lay_out
from app.posters.pdf import FAMILY
from app.posters.png import PngPage
from app.posters.poster import Poster
from app.posters.qr import qr_image

# Half of what a single poster has: 124 mm of code stay far above what a phone needs, at a quarter of the work.
DPI = 150
_COLUMNS, _ROWS = 3, 4
_MARGIN, _LABEL = 10.0, 5.0
_CELL_WIDTH = (PAGE_WIDTH - 2 * _MARGIN) / _COLUMNS
_CELL_HEIGHT = (PAGE_HEIGHT - 2 * _MARGIN) / _ROWS
_SIDE = min(_CELL_WIDTH, _CELL_HEIGHT - 3 * _LABEL) - 4
_POINTS = 10
_LONGEST = 18

Told = Callable[[int], None]


class PosterPress:
    """Draws posters that differ little from the first: only what differs is drawn again."""

    def __init__(self) -> None:
        self._base: PngPage | None = None
        self._shared: frozenset[Mark] = frozenset()
        self._before: Poster | None = None

    def png(self, poster: Poster) -> bytes:
        """The poster as a PNG of one A4 page."""
        marks = lay_out(poster)
        if self._base is None or not self._shared <= set(marks):
            page = self._start(poster, marks)
        else:
            page = self._base.copy()
            page.draw([mark for mark in marks if mark not in self._shared], poster.url)
        self._before = poster
        return page.content(compress_level=1)

    def _start(self, poster: Poster, marks: list[Mark]) -> PngPage:
        """Draw all of it; from the second poster on it is known what two have in common."""
        if self._before is not None:
            common = set(marks) & set(lay_out(self._before))
            # A code's square is the same for both and its content is not.
            shared = [mark for mark in marks if mark in common and not _holds_code(mark)]
            self._base, self._shared = PngPage(DPI), frozenset(shared)
            self._base.draw(shared, "")
        page = PngPage(DPI)
        page.draw(marks, poster.url)
        return page


def _holds_code(mark: Mark) -> bool:
    return isinstance(mark, QrSquare)


def write_archive(target: BinaryIO, posters: Iterable[tuple[str, Poster]], *, tell: Told) -> None:
    """`target` is a ZIP with a PNG for each (file name, poster); `tell` hears how many are in it."""
    press = PosterPress()
    with ZipFile(target, "w", ZIP_STORED) as archive:
        for count, (name, poster) in enumerate(posters, start=1):
            archive.writestr(name, press.png(poster))
            tell(count)


def write_sheet(target: BinaryIO, posters: Iterable[Poster], *, printed_on: date, tell: Told) -> None:
    """`target` is a PDF with twelve codes to an A4 page, each with its kind, name and number below it, for cutting."""
    pdf = FPDF(format="A4", unit="mm")
    pdf.set_auto_page_break(False)
    pdf.set_creation_date(datetime.combine(printed_on, time(), tzinfo=UTC))
    pdf.add_font(FAMILY, fname=FONT_PATH)
    for count, poster in enumerate(posters):
        place = count % (_COLUMNS * _ROWS)
        if place == 0:
            pdf.add_page()
            pdf.set_font(FAMILY, size=_POINTS)
        _draw_cell(
            pdf, poster, left=_MARGIN + place % _COLUMNS * _CELL_WIDTH, top=_MARGIN + place // _COLUMNS * _CELL_HEIGHT
        )
        tell(count + 1)
    if not pdf.pages:
        pdf.add_page()
    target.write(pdf.output())


def _draw_cell(pdf: FPDF, poster: Poster, *, left: float, top: float) -> None:
    pdf.set_draw_color(190)
    pdf.rect(left, top, _CELL_WIDTH, _CELL_HEIGHT)
    pdf.image(qr_image(poster.url, 4), x=left + (_CELL_WIDTH - _SIDE) / 2, y=top + 1, w=_SIDE, h=_SIDE)
    for line, text in enumerate((poster.kind_label, poster.venue_name, poster.short_code)):
        pdf.set_xy(left, top + _SIDE + 1 + line * _LABEL)
        pdf.cell(w=_CELL_WIDTH, h=_LABEL, text=text[:_LONGEST], align="C")
