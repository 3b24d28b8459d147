"""A venue's poster and QR codes (Z-R9): no database, no web framework."""

from app.posters.pdf import render_pdf
from app.posters.png import render_png
from app.posters.poster import COMPOUND_TITLE, INSTRUCTIONS, Poster
from app.posters.qr import render_qr_png, render_qr_svg

__all__ = ["COMPOUND_TITLE", "INSTRUCTIONS", "Poster", "render_pdf", "render_png", "render_qr_png", "render_qr_svg"]
