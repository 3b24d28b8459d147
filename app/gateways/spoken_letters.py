"""Letters read aloud, for whoever cannot read the picture captcha (Z-A3).

The voice is that of the captcha package (one recording a letter, 8 kHz, 8 bits). Its own way of putting letters together
takes a second of pure Python and 100 kB; this one takes a hundredth of both.
"""

from __future__ import annotations

import io
import wave
from functools import cache
from pathlib import Path
from random import Random

from captcha.audio import DATA_DIR

_RATE = 8000
_SILENCE = 128
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.45, 0.8  # seconds, before each letter and at the end
_QUIETEST, _LOUDEST = 0.7, 0.9  # leaves room for the noise on top
_SLOWEST, _FASTEST = 0.88, 1.06
_NOISE = 5  # steps of loudness to each side: heard, and not in the way


def read_aloud(text: str, *, seed: str) -> bytes:
    """A WAV file in which the letters of `text` are said one by one; the same bytes for the same seed.

    Some browsers ask for a sound in pieces, so that two requests have to fit together; and a sound that differed with
    each request would tell a listener who adds them up more.
    """
    chance = Random(seed)  # noqa: S311 - how a letter sounds is no secret; the seed is
    parts = [part for letter in text for part in (_pause(chance), _said(letter, chance))]
    samples = b"".join([*parts, _pause(chance)])
    noise = chance.randbytes(len(samples)).translate(_steps(_NOISE))
    stream = io.BytesIO()
    with wave.open(stream, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(_RATE)
        sound.writeframes(_sum(samples, noise))
    return stream.getvalue()


def _pause(chance: Random) -> bytes:
    return bytes([_SILENCE]) * int(_RATE * chance.uniform(_SHORTEST_PAUSE, _LONGEST_PAUSE))


def _said(letter: str, chance: Random) -> bytes:
    """The recording, a little faster or slower, louder or softer."""
    recorded, speed, loudness = (
        _recording(letter),
        chance.uniform(_SLOWEST, _FASTEST),
        chance.uniform(_QUIETEST, _LOUDEST),
    )
    scale = bytes(round(_SILENCE + (value - _SILENCE) * loudness) for value in range(256))
    return bytes(recorded[int(at * speed)] for at in range(int(len(recorded) / speed))).translate(scale)


@cache
def _recording(letter: str) -> bytes:
    with wave.open(str(Path(DATA_DIR) / letter / "default.wav")) as sound:
        return sound.readframes(-1)


@cache
def _steps(most: int) -> bytes:
    return bytes(value % (2 * most + 1) for value in range(256))


def _sum(samples: bytes, noise: bytes) -> bytes:
    """Sample by sample, as one addition of two long numbers: no sum is more than a byte holds."""
    total = int.from_bytes(samples, "big") + int.from_bytes(noise, "big")
    return total.to_bytes(len(samples), "big")
