"""One-time codes of an authenticator app (RFC 6238, SHA-1, six digits, thirty seconds) and the codes for who lost it.

Ours and no library: the algorithm is a dozen lines with published test values, and what a library leaves to its caller
(which step a code was of, so that it is not taken twice) is the greater part.
"""

import base64
import hashlib
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

from app.domain.roles import Role
from app.domain.text import digits

STEP_SECONDS = 30
DIGITS = 6
RECOVERY_CODES = 10
# Whose accounts open everybody's data: they have to use one (where the installation demands it).
COMPULSORY_ROLES = frozenset({Role.CITY_ADMIN, Role.SYSTEM_ADMIN})

_SECRET_BYTES = 20
_TOLERATED_STEPS = 1  # clocks of phones are off, and typing takes time
_GROUP = 4
# No letters and digits that are taken for one another on paper.
_RECOVERY_SIGNS = "ABCDEFGHJKLMNPQRTUVWXY346789"
_RECOVERY_LENGTH = 12


def new_secret() -> bytes:
    """What the app and this system share: 160 random bits, as the algorithm recommends."""
    return secrets.token_bytes(_SECRET_BYTES)


def step_at(moment: datetime) -> int:
    """The number of the half minute in which `moment` lies."""
    return int(moment.timestamp()) // STEP_SECONDS


def code_at(secret: bytes, step: int, *, length: int = DIGITS) -> str:
    """The code of one step (RFC 4226, 5.3)."""
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack_from(">I", digest, offset)[0] & 0x7FFFFFFF
    return f"{number % 10**length:0{length}d}"


def accepted_step(secret: bytes, typed: str, *, moment: datetime, after: int = -1) -> int | None:
    """The step of which `typed` is the code, if it is of about `moment` and later than the last one taken; else None."""
    code = digits(typed)
    now = step_at(moment)
    found = None
    for step in range(now - _TOLERATED_STEPS, now + _TOLERATED_STEPS + 1):
        # Every step is compared, whichever fits.
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()) and step > after:
            found = step
    return found


def secret_text(secret: bytes) -> str:
    """The secret as it is typed into an app by hand: base 32 in groups of four."""
    return _grouped(base64.b32encode(secret).decode())


def enrolment_address(secret: bytes, *, account: str, issuer: str) -> str:
    """The address that an app reads from the QR code."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='*')}"
    words = urlencode({"secret": base64.b32encode(secret).decode(), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{label}?{words}"


def new_recovery_codes() -> list[str]:
    """Ten codes of 57 random bits each, for a drawer: one of them does once in place of the app."""
    return [
        _grouped("".join(secrets.choice(_RECOVERY_SIGNS) for _ in range(_RECOVERY_LENGTH)))
        for _ in range(RECOVERY_CODES)
    ]


def plain_recovery_code(typed: str) -> str | None:
    """`typed` without case, spaces and strokes if it has the form of a recovery code; None for anything else."""
    plain = "".join(sign for sign in typed.upper() if sign.isalnum())
    return plain if len(plain) == _RECOVERY_LENGTH else None


def _grouped(text: str) -> str:
    return " ".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))
