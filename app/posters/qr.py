"""QR codes: dark on white, a quiet zone of four modules, error level Q (a quarter may be dirty or torn)."""

import io
from functools import lru_cache
from html import escape

from PIL import Image
from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.main import QRCode

from app.domain.labels import N_

QUIET_ZONE = 4
# Any mask can be read; comparing all eight costs most of the time, and a token is drawn for every minute of every page.
_TOKEN_MASK = 2

Matrix = tuple[tuple[bool, ...], ...]


@lru_cache(maxsize=256)
def qr_matrix(url: str) -> Matrix:
    """Rows of modules, quiet zone included; True is dark."""
    code = QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET_ZONE)
    code.add_data(url)
    code.make(fit=True)
    return _matrix(code)


def _matrix(code: QRCode) -> Matrix:
    return tuple(tuple(bool(module) for module in row) for row in code.get_matrix())


def dark_runs(matrix: Matrix) -> list[tuple[int, int, int]]:
    """The dark modules as (column, row, length) of horizontal runs: a third of the shapes that single modules take."""
    runs: list[tuple[int, int, int]] = []
    for y, row in enumerate(matrix):
        start: int | None = None
        for x, is_dark in enumerate((*row, False)):
            if is_dark and start is None:
                start = x
            elif not is_dark and start is not None:
                runs.append((start, y, x - start))
                start = None
    return runs


def qr_image(url: str, scale: int) -> Image.Image:
    """The code as a black and white image, scale pixels to a module."""
    matrix = qr_matrix(url)
    image = Image.new("1", (len(matrix), len(matrix)), 1)
    image.putdata([0 if is_dark else 255 for row in matrix for is_dark in row])
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)


def render_qr_png(url: str, scale: int = 10) -> bytes:
    """The code alone as a PNG, scale pixels to a module."""
    stream = io.BytesIO()
    qr_image(url, scale).save(stream, format="PNG", optimize=True)
    return stream.getvalue()


def render_qr_svg(url: str, *, label: str = N_("二维码")) -> str:
    """The code as an inline SVG element that fills the width it is given; safe under a strict content policy."""
    return _svg(qr_matrix(url), label)


def render_token_svg(address: str, *, label: str) -> str:
    """The code of a live token (X6) as a picture; dark modules, whatever colour the token tells."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE, mask_pattern=_TOKEN_MASK)
    code.add_data(address)
    code.make(fit=True)
    return _svg(_matrix(code), label)


def _svg(matrix: Matrix, label: str) -> str:
    side = len(matrix)
    path = "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in dark_runs(matrix))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr-code" viewBox="0 0 {side} {side}" role="img" '
        f'aria-label="{escape(label)}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path fill="#000" d="{path}"/></svg>'
    )
