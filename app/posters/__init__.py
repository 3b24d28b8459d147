"""A venue's poster and QR codes (Z-R9): no database, no web framework.

What draws is loaded with the first poster: it takes 19 MB, and most processes never draw one.
"""

from app.domain.labels import N_
from app.posters.poster import COMPOUND_TITLE, INSTRUCTIONS, Poster

__all__ = [
    "COMPOUND_TITLE",
    "INSTRUCTIONS",
    "Poster",
    "render_pdf",
    "render_png",
    "render_qr_png",
    "render_qr_svg",
    "render_token_svg",
]


def render_pdf(poster: Poster) -> bytes:
    """The poster as a print-ready PDF of one A4 page (Z-R9)."""
    from app.posters import pdf

    return pdf.render_pdf(poster)


def render_png(poster: Poster) -> bytes:
    """The poster as a PNG of one A4 page (Z-R9)."""
    from app.posters import png

    return png.render_png(poster)


def render_qr_png(url: str, scale: int = 10) -> bytes:
    """The code alone as a PNG, scale pixels to a module."""
    from app.posters import qr

    return qr.render_qr_png(url, scale)


def render_qr_svg(url: str, *, label: str = N_("二维码")) -> str:
    """The code as an inline SVG element that fills the width it is given; safe under a strict content policy."""
    from app.posters import qr

    return qr.render_qr_svg(url, label=label)


def render_token_svg(text: str, *, label: str) -> str:
    """A code that stands on a screen for a minute, as an inline SVG element; see `qr.render_token_svg`."""
    from app.posters import qr

    return qr.render_token_svg(text, label=label)
