"""Photos that people send: read, checked and drawn anew, so that nothing but the picture is kept (X2, X10)."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Protocol

from PIL import Image, ImageOps, UnidentifiedImageError

from app.domain.errors import DomainError
from app.domain.labels import N_

MEGABYTE = 1024 * 1024
MOST_BYTES = 5 * MEGABYTE
_MOST_PIXELS = 40_000_000
_LONGEST_SIDE = 2000
_QUALITY = 85
_FORMATS = ("JPEG", "PNG")


class Upload(Protocol):
    """A file as the web framework hands it over; without a name where none was chosen."""

    filename: str | None

    def read(self, most: int, /) -> bytes: ...


def cleaned(uploads: Iterable[Upload], *, most: int) -> list[bytes]:
    """Return the photos as plain JPEGs: no place, no camera, no date in them. Errors: photos, photo_type."""
    chosen = [one for one in uploads if one.filename]
    check_count(len(chosen), most=most)  # before any is opened: each may be a huge picture
    return [_drawn_anew(one.read(MOST_BYTES + 1)) for one in chosen]


def check_count(count: int, *, most: int) -> None:
    """Pass for so many photos. Error: photos."""
    if count > most:
        raise DomainError(N_("最多上传 %(most)s 张照片"), code="photos", field="photos", most=most)


def _drawn_anew(content: bytes) -> bytes:
    if len(content) > MOST_BYTES:
        raise _refused()
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            # Asked before the pixels are read: a small file may claim to be a huge picture.
            if image.width * image.height > _MOST_PIXELS:
                raise _refused()
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise _refused() from None
    upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    stream = io.BytesIO()
    # A picture of its own: what stood beside the pixels of the first is not taken along.
    plain = Image.new("RGB", upright.size)
    plain.paste(upright)
    plain.save(stream, format="JPEG", quality=_QUALITY)
    return stream.getvalue()


def _refused() -> DomainError:
    return DomainError(N_("照片须为 JPG 或 PNG 格式，每张不超过 5 MB"), code="photo_type", field="photos")
