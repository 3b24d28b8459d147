"""The live token of a health code (X6): which code, which colour, since when, signed; read without network or database.

76 bytes in base32 behind the address of this installation, upper-case throughout, so that the QR stays small. One token
has one spelling: whatever else would decode to the same bytes is refused, and so is the other of the two signatures
that ECDSA allows for one text. Otherwise a changed token could pass for an unchanged one.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from app.domain.colors import Color
from app.domain.errors import DomainError
from app.domain.labels import N_

RENEWAL_SECONDS = 60
LIFETIME_SECONDS = 90
# Clocks of servers differ a little; a token from farther ahead was not issued by one of them.
EARLY_SECONDS = 30
PATH = "/C/"
NUMBER_DIGITS = 12

_VERSION = 1
_BODY = struct.Struct(">BB5sBI")  # version, key, number, colour, issued at
_HALF = 32
_CHARACTERS = -(-(_BODY.size + 2 * _HALF) * 8 // 5)
_TOKEN = re.compile(rf"(?:[A-Z0-9:/.\[\]-]*{PATH})?([A-Z2-7]{{{_CHARACTERS}}})")
_COLOR_BYTES = {Color.GREEN: 1, Color.YELLOW: 2, Color.RED: 3, Color.ORANGE: 4}
_COLORS = {number: color for color, number in _COLOR_BYTES.items()}
# The order of the curve P-256: of a signature's two forms, the one with the smaller half is ours.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

PublicKeys = Mapping[int, ec.EllipticCurvePublicKey]


@dataclass(frozen=True)
class CodeToken:
    """What a token says: the code's public number, the colour when it was issued, the moment, and who signed."""

    number: str
    color: Color
    issued_at: datetime
    key_number: int

    def age(self, moment: datetime) -> int:
        """Whole seconds since it was issued; negative where `moment` lies before. Rounded down, as the browser does."""
        return (moment - self.issued_at) // timedelta(seconds=1)


def write(token: CodeToken, key: ec.EllipticCurvePrivateKey) -> str:
    """Return the token's base32, signed by `key`."""
    number = int(token.number).to_bytes(5, "big")
    issued_at = int(token.issued_at.timestamp())
    body = _BODY.pack(_VERSION, token.key_number, number, _COLOR_BYTES[token.color], issued_at)
    r, s = decode_dss_signature(key.sign(body, ec.ECDSA(SHA256())))
    signature = r.to_bytes(_HALF, "big") + min(s, _ORDER - s).to_bytes(_HALF, "big")
    return _spelled(body + signature)


def verify(text: str, keys: PublicKeys, moment: datetime) -> CodeToken:
    """Return what a live token of ours says; `text` is the token or the address that a camera reads.

    Errors: token_unreadable, token_old, token_early, token_key, token_forged.
    """
    content = _content(text)
    token = _token(content[: _BODY.size])
    check_age(token, moment)
    key = keys.get(token.key_number)
    if key is None:
        raise DomainError(N_("无法核验此码，请联网后重试"), code="token_key")
    r, s = (int.from_bytes(content[at : at + _HALF], "big") for at in (_BODY.size, _BODY.size + _HALF))
    if not 0 < s <= _ORDER // 2:
        raise _forged()
    try:
        key.verify(encode_dss_signature(r, s), content[: _BODY.size], ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise _forged() from None
    return token


def check_age(token: CodeToken, moment: datetime) -> None:
    """Pass for a token that is live at `moment`. Errors: token_old, token_early."""
    age = token.age(moment)
    if age > LIFETIME_SECONDS:
        raise DomainError(N_("此码已过期，可能是截图；请对方打开健康码页面出示实时的码"), code="token_old", seconds=age)
    if age < -EARLY_SECONDS:
        raise DomainError(N_("此码的时间晚于现在，请核对本机时间"), code="token_early")


def public_keys(points: Mapping[int, bytes]) -> PublicKeys:
    """Return the keys behind uncompressed points, as they are published, by number."""
    return {
        number: ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point) for number, point in points.items()
    }


def _forged() -> DomainError:
    return DomainError(N_("此码不是本系统签发的，请勿放行，并核对本人证件"), code="token_forged")


def _unreadable() -> DomainError:
    return DomainError(N_("这不是健康码，请扫描对方健康码页面上的二维码"), code="token_unreadable")


def _spelled(content: bytes) -> str:
    return base64.b32encode(content).decode().rstrip("=")


def _content(text: str) -> bytes:
    found = _TOKEN.fullmatch(text)
    if found is None:
        raise _unreadable()
    spelled = found[1]
    try:
        content = base64.b32decode(spelled + "=" * (-len(spelled) % 8))
    except binascii.Error:
        raise _unreadable() from None
    if _spelled(content) != spelled:
        raise _unreadable()
    return content


def _token(body: bytes) -> CodeToken:
    version, key_number, number, color, issued_at = _BODY.unpack(body)
    digits = str(int.from_bytes(number, "big")).zfill(NUMBER_DIGITS)
    if version != _VERSION or color not in _COLORS or len(digits) > NUMBER_DIGITS:
        raise _unreadable()
    return CodeToken(digits, _COLORS[color], datetime.fromtimestamp(issued_at, UTC), key_number)
