"""Tokens of health codes as tests make them: live ones, and forgeries of every sort by a seeded chance."""

from __future__ import annotations

import base64
import random
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.domain.code_tokens import EARLY_SECONDS, LIFETIME_SECONDS, CodeToken, write
from app.domain.colors import Color

NOW = datetime(2020, 3, 18, 8, 30, tzinfo=UTC)
KEY, OTHER_KEY = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
KEYS = {7: KEY.public_key(), 8: OTHER_KEY.public_key()}
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
ADDRESS = "HTTPS://CODE.EXAMPLE.CN:8443/C/"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def points() -> dict[str, str]:
    """The public keys as they are published."""
    return {
        str(number): key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex()
        for number, key in KEYS.items()
    }


def token(number: str = "350100123456", *, age: int = 0, color: Color = Color.GREEN) -> CodeToken:
    return CodeToken(number, color, NOW - timedelta(seconds=age), 7)


def written(number: str = "350100123456", *, age: int = 0, color: Color = Color.GREEN) -> str:
    return write(token(number, age=age, color=color), KEY)


def content(text: str) -> bytes:
    return base64.b32decode(text + "=" * (-len(text) % 8))


def spelled(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=")


def live(chance: random.Random) -> list[str]:
    """Sound tokens of a hundred people; forgers work on these, so that signing does not take the time."""
    numbers = [str(chance.randrange(10**11, 10**12)) for _ in range(100)]
    return [written(number, color=chance.choice(list(Color))) for number in numbers]


def changed(text: str, chance: random.Random) -> str:
    """One to three characters are others."""
    signs = list(text)
    for at in chance.sample(range(len(signs)), chance.randint(1, 3)):
        signs[at] = chance.choice(ALPHABET.replace(signs[at], ""))
    return "".join(signs)


def cut_or_stretched(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    return text[:at] + chance.choice(("", chance.choice(ALPHABET) + text[at])) + text[at + 1 :]


def spliced(text: str, *, under: str) -> str:
    """What one token says, over the signature of another."""
    return spelled(content(text)[:12] + content(under)[12:])


def recolored(text: str, chance: random.Random) -> str:
    data = bytearray(content(text))
    data[7] = chance.choice([number for number in range(256) if number != data[7]])
    return spelled(bytes(data))


def turned(text: str) -> str:
    """The other of the two signatures that the curve allows for one text."""
    data = content(text)
    other = ORDER - int.from_bytes(data[44:], "big")
    return spelled(data[:44] + other.to_bytes(32, "big"))


def respelled(text: str) -> str:
    """Other characters for the same bytes."""
    return text[:-1] + ALPHABET[ALPHABET.index(text[-1]) ^ 1]


def aged(number: str, chance: random.Random) -> str:
    """Signed by us, and kept too long or made ahead."""
    late, early = chance.randint(LIFETIME_SECONDS + 1, 10**8), -chance.randint(EARLY_SECONDS + 1, 10**6)
    return written(number, age=chance.choice((late, early)))


def forgeries(chance: random.Random, count: int) -> list[str]:
    """So many tokens, none of which may be accepted at NOW; all sorts in turn. What has to be signed is taken again."""
    sound, stranger = live(chance), ec.generate_private_key(ec.SECP256R1())
    numbers = [f"{chance.randrange(10**12):012d}" for _ in range(100)]
    kept = [aged(number, chance) for number in numbers]
    strange = [write(token(number), stranger) for number in numbers]
    unknown = [write(CodeToken(number, Color.GREEN, NOW, chance.randint(9, 255)), KEY) for number in numbers]
    sorts = (
        lambda: changed(chance.choice(sound), chance),
        lambda: cut_or_stretched(chance.choice(sound), chance),
        lambda: recolored(chance.choice(sound), chance),
        lambda: spliced(sound[0], under=chance.choice(sound[1:])),
        lambda: turned(chance.choice(sound)),
        lambda: respelled(chance.choice(sound)),
        lambda: chance.choice(kept),
        lambda: chance.choice(strange),
        lambda: chance.choice(unknown),
        lambda: ADDRESS.lower() + chance.choice(sound),
    )
    return [sorts[number % len(sorts)]() for number in range(count)]
