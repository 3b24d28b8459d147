"""The poster for the printer: text is text, the code is a vector shape, the font is embedded as a subset."""

from datetime import UTC, datetime, time
from functools import singledispatch

from fpdf import FPDF
from fpdf.drawing import DeviceRGB
from fpdf.enums import TextMode

from app.posters.font import FONT_PATH
from app.posters.layout import Box, Disc, Mark, QrSquare, TextLine, lay_out
from app.posters.png import BOLD_OUTLINE, MM_PER_INCH
from app.posters.poster import Poster
from app.posters.qr import dark_runs, qr_matrix

POINTS_PER_MM = 72 / MM_PER_INCH
FAMILY = "poster"


def render_pdf(poster: Poster) -> bytes:
    """The poster as a print-ready PDF of one A4 page (Z-R9); the same poster always gives the same bytes."""
    marks = lay_out(poster)
    # Points, because fpdf2 2.8.9 writes the outline of text in the document's unit without converting it.
    pdf = FPDF(format="A4", unit="pt")
    pdf.set_auto_page_break(False)
    pdf.set_title(f"{poster.venue_name} {poster.short_code}")
    pdf.set_author(poster.issuer)
    pdf.set_lang("zh-CN")
    pdf.set_creation_date(datetime.combine(poster.printed_on, time(), tzinfo=UTC))
    # Naming the characters keeps fpdf2 from building tables for all 21,000 of the font.
    pdf.add_font(FAMILY, fname=FONT_PATH, unicode_range=_characters(marks))
    pdf.add_page()
    for mark in marks:
        if isinstance(mark, QrSquare):
            _draw_qr(pdf, mark, poster.url)
        else:
            _draw(mark, pdf)
    return bytes(pdf.output())


def _pt(millimetres: float) -> float:
    return millimetres * POINTS_PER_MM


def _characters(marks: list[Mark]) -> list[int]:
    return sorted({ord(char) for mark in marks if isinstance(mark, TextLine) for char in mark.text})


def _draw_qr(pdf: FPDF, square: QrSquare, url: str) -> None:
    """One path for all modules: as separate shapes they show hairlines between them on many screens."""
    matrix = qr_matrix(url)
    left, top, side = _pt(square.x), _pt(square.y), _pt(square.side)
    module = side / len(matrix)
    with pdf.new_path() as path:
        path.style.fill_color = DeviceRGB(0, 0, 0)
        path.style.stroke_color = None
        for x, y, length in dark_runs(matrix):
            path.rectangle(left + x * module, top + y * module, length * module, module)


@singledispatch
def _draw(mark: object, _: FPDF) -> None:
    raise TypeError(type(mark).__name__)


@_draw.register
def _(mark: TextLine, pdf: FPDF) -> None:
    pdf.set_font(FAMILY, size=_pt(mark.size))
    pdf.set_text_color(*mark.ink.value)
    with pdf.local_context():
        if mark.is_bold:
            pdf.set_draw_color(*mark.ink.value)
            pdf.set_line_width(_pt(mark.size) * BOLD_OUTLINE * 2)
            pdf.text_mode = TextMode.FILL_STROKE
        pdf.text(_pt(mark.x), _pt(mark.y), mark.text)


@_draw.register
def _(mark: Box, pdf: FPDF) -> None:
    pdf.set_fill_color(*mark.ink.value)
    pdf.rect(_pt(mark.x), _pt(mark.y), _pt(mark.width), _pt(mark.height), style="F")


@_draw.register
def _(mark: Disc, pdf: FPDF) -> None:
    pdf.set_fill_color(*mark.ink.value)
    pdf.circle(_pt(mark.x), _pt(mark.y), _pt(mark.radius), style="F")
