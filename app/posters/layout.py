"""Where everything stands on the A4 sheet, in millimetres; both renderers draw this and decide nothing."""

from dataclasses import dataclass
from enum import Enum

from app.posters.font import drawable, text_width
from app.posters.lines import LINE_HEIGHT, FittedText, fit_text
from app.posters.poster import DAILY_CHECK, PRINTED_ON_LABEL, SHORT_CODE_LABEL, Poster

PAGE_WIDTH = 210.0
PAGE_HEIGHT = 297.0
MARGIN = 13.0  # office printers leave out up to 6 mm
CENTER = PAGE_WIDTH / 2
INNER_WIDTH = PAGE_WIDTH - 2 * MARGIN

BAND_HEIGHT = 27.0
AREA_TOP = 45.0
NAME_LARGEST, NAME_SMALLEST, NAME_HEIGHT = 19.0, 9.0, 43.0
QR_LARGEST = 124.0
QR_GAP = 4.0
CODE_HEIGHT = 17.0
STEP_HEIGHT = 10.5
WARNING_HEIGHT = 12.0
FOOT_BASELINE = 283.0
BLOCK_GAP = 3.5

# A line's baseline below the middle of its em box: Chinese characters sit a little low in it.
BASELINE_DROP = 0.36


class Ink(Enum):
    """The poster's colours; every pair that meets stays legible on a black and white printer."""

    WHITE = (255, 255, 255)
    BLACK = (17, 24, 32)
    BLUE = (22, 72, 128)
    GRAY = (84, 94, 106)
    PALE = (253, 243, 217)
    AMBER = (138, 77, 0)


@dataclass(frozen=True, kw_only=True)
class TextLine:
    """One line of text; x is its left edge, y its baseline, size its em."""

    text: str
    x: float
    y: float
    size: float
    ink: Ink = Ink.BLACK
    is_bold: bool = False


@dataclass(frozen=True, kw_only=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    ink: Ink


@dataclass(frozen=True, kw_only=True)
class Disc:
    x: float
    y: float
    radius: float
    ink: Ink


@dataclass(frozen=True, kw_only=True)
class QrSquare:
    """The square that the code with its quiet zone fills."""

    x: float
    y: float
    side: float


Mark = TextLine | Box | Disc | QrSquare


def lay_out(poster: Poster) -> list[Mark]:
    """All marks of the poster, in drawing order; the code takes the height that name and instructions leave."""
    heading, top = _heading(poster)
    foot_top, foot = _foot(poster)
    room = foot_top - CODE_HEIGHT - top - 2 * QR_GAP
    side = min(QR_LARGEST, room)
    qr_top = top + QR_GAP + (room - side) / 2
    return [*heading, *_code(poster, top=qr_top, side=side), *foot]


def _heading(poster: Poster) -> tuple[list[Mark], float]:
    title = fit_text(poster.title, width=INNER_WIDTH - 12, height=BAND_HEIGHT - 6, largest=12, smallest=6)
    area = fit_text(f"{poster.area_name} · {poster.kind_label}", width=INNER_WIDTH, height=16, largest=7, smallest=5)
    name = fit_text(
        poster.venue_name, width=INNER_WIDTH, height=NAME_HEIGHT, largest=NAME_LARGEST, smallest=NAME_SMALLEST
    )
    name_top = AREA_TOP + area.height + 1.5
    marks: list[Mark] = [
        Box(x=MARGIN, y=MARGIN, width=INNER_WIDTH, height=BAND_HEIGHT, ink=Ink.BLUE),
        *_centered(title, top=MARGIN + (BAND_HEIGHT - title.height) / 2, ink=Ink.WHITE, is_bold=True),
        *_centered(area, top=AREA_TOP, ink=Ink.GRAY),
        *_centered(name, top=name_top, ink=Ink.BLACK, is_bold=True),
    ]
    return marks, name_top + name.height


def _code(poster: Poster, *, top: float, side: float) -> list[Mark]:
    left = CENTER - side / 2
    frame = 0.7
    code = fit_text(f"{SHORT_CODE_LABEL} {poster.short_code}", width=INNER_WIDTH, height=12, largest=8.5, smallest=5)
    url = fit_text(poster.url, width=INNER_WIDTH, height=6, largest=4, smallest=2.5)
    code_top = top + side + 2
    return [
        Box(x=left - frame, y=top - frame, width=side + 2 * frame, height=side + 2 * frame, ink=Ink.BLUE),
        Box(x=left, y=top, width=side, height=side, ink=Ink.WHITE),
        QrSquare(x=left, y=top, side=side),
        *_centered(code, top=code_top, ink=Ink.BLACK, is_bold=True),
        *_centered(url, top=code_top + code.height, ink=Ink.GRAY),
    ]


def _foot(poster: Poster) -> tuple[float, list[Mark]]:
    warning_top = FOOT_BASELINE - 6.5 - BLOCK_GAP - WARNING_HEIGHT
    steps_top = warning_top - BLOCK_GAP - len(poster.instructions) * STEP_HEIGHT
    warning = fit_text(DAILY_CHECK, width=INNER_WIDTH - 10, height=WARNING_HEIGHT, largest=7, smallest=5)
    marks: list[Mark] = [
        *_steps(poster, top=steps_top),
        Box(x=MARGIN, y=warning_top, width=INNER_WIDTH, height=WARNING_HEIGHT, ink=Ink.PALE),
        Box(x=MARGIN, y=warning_top, width=1.6, height=WARNING_HEIGHT, ink=Ink.AMBER),
        *_centered(warning, top=warning_top + (WARNING_HEIGHT - warning.height) / 2, ink=Ink.AMBER, is_bold=True),
        *_imprint(poster),
    ]
    return steps_top, marks


def _steps(poster: Poster, *, top: float) -> list[Mark]:
    """The numbered instructions, flush left as one block in the middle of the sheet."""
    disc, gap = 4.0, 4.0
    width = INNER_WIDTH - 2 * disc - gap
    fitted = [fit_text(text, width=width, height=STEP_HEIGHT, largest=7.5, smallest=4) for text in poster.instructions]
    widest = max((text_width(line, step.size) for step in fitted for line in step.lines), default=0.0)
    left = CENTER - (2 * disc + gap + widest) / 2
    marks: list[Mark] = []
    for number, step in enumerate(fitted, start=1):
        middle = top + (number - 0.5) * STEP_HEIGHT
        digit = FittedText(5.6, (str(number),))
        marks.append(Disc(x=left + disc, y=middle, radius=disc, ink=Ink.BLUE))
        marks += _centered(digit, top=middle - digit.height / 2, ink=Ink.WHITE, is_bold=True, center=left + disc)
        marks += _lines(step, left=left + 2 * disc + gap, top=middle - step.height / 2, ink=Ink.BLACK)
    return marks


def _imprint(poster: Poster) -> list[Mark]:
    size = 4.8
    printed = drawable(f"{PRINTED_ON_LABEL}：{poster.date_text}")
    width = text_width(printed, size)
    issuer = fit_text(poster.issuer, width=INNER_WIDTH - width - 8, height=size * LINE_HEIGHT, largest=size, smallest=3)
    return [
        TextLine(
            text=issuer.lines[0] if issuer.lines else "", x=MARGIN, y=FOOT_BASELINE, size=issuer.size, ink=Ink.GRAY
        ),
        TextLine(text=printed, x=PAGE_WIDTH - MARGIN - width, y=FOOT_BASELINE, size=size, ink=Ink.GRAY),
    ]


def _centered(
    fitted: FittedText, *, top: float, ink: Ink, is_bold: bool = False, center: float = CENTER
) -> list[TextLine]:
    return [
        TextLine(
            text=line,
            x=center - text_width(line, fitted.size) / 2,
            y=_baseline(fitted, index, top),
            size=fitted.size,
            ink=ink,
            is_bold=is_bold,
        )
        for index, line in enumerate(fitted.lines)
    ]


def _lines(fitted: FittedText, *, left: float, top: float, ink: Ink) -> list[TextLine]:
    return [
        TextLine(text=line, x=left, y=_baseline(fitted, index, top), size=fitted.size, ink=ink)
        for index, line in enumerate(fitted.lines)
    ]


def _baseline(fitted: FittedText, index: int, top: float) -> float:
    return top + fitted.size * (LINE_HEIGHT * (index + 0.5) + BASELINE_DROP)
