"""Captchas of upper-case letters, drawn and spoken (Z-A3)."""

import secrets
from dataclasses import dataclass

from captcha.image import ImageCaptcha

# Upper-case letters (checklist Z49) without those taken for another or for a digit: I, O, S, Z.
ALPHABET = "ABCDEFGHJKLMNPQRTUVWXY"
LENGTH = 4

# Dark inks only: the package's own random colour is at times too pale to read.
_INKS = ((22, 72, 128), (120, 40, 20), (30, 96, 60), (88, 44, 120), (60, 60, 70))
_BACKGROUND = (245, 248, 251)

# Kept, because it holds the opened fonts.
_painter = ImageCaptcha(width=160, height=60)


@dataclass(frozen=True)
class Captcha:
    """A picture and what must be typed; a nuisance for scripts, not a lock: counting failures is the lock."""

    text: str
    png: bytes


def new_captcha() -> Captcha:
    """A fresh captcha of four letters; the caller keeps the text at the server and takes it for one check only."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    stream = _painter.generate(text, fg_color=secrets.choice(_INKS), bg_color=_BACKGROUND)
    return Captcha(text, stream.getvalue())
