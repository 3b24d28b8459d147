"""The token of a page that can be submitted: proof that we issued it, its age, and the id of the entry it will be (Z-S10)."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from functools import lru_cache

from flask import current_app

from app.models.entry import entry_moment, new_entry_id

LIFETIME = timedelta(minutes=30)
_PURPOSE = b"scan-form-token"
_BYTES = 16
# An entry's number and its seal, as they were issued; a longer number than any is not worth a look.
_TOKEN = re.compile(r"([0-9a-f]{1,16})\.([0-9a-f]{32})")


@lru_cache(maxsize=8)
def _key(secret: str) -> bytes:
    return hashlib.blake2b(secret.encode(), person=_PURPOSE).digest()


def _seal(entry_id: int, code: str, device: str, subject: str) -> str:
    text = f"{entry_id}|{code}|{device}|{subject}"
    return hashlib.blake2b(text.encode(), key=_key(current_app.config["SECRET_KEY"]), digest_size=_BYTES).hexdigest()


def issue(moment: datetime, *, code: str, device: str, subject: str = "") -> str:
    """Return a fresh token for one venue, one phone and one subject (an identity's number, or nothing for the form).

    Each identity has a token of its own: two people registered from one page are two entries.
    """
    entry_id = new_entry_id(moment)
    return f"{entry_id:x}.{_seal(entry_id, code, device, subject)}"


def redeem(token: str, moment: datetime, *, code: str, device: str, subject: str = "") -> int | None:
    """Return the entry id of a token of ours that is not too old; None for any other text."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    entry_id = int(found[1], 16)
    if not hmac.compare_digest(found[2], _seal(entry_id, code, device, subject)):
        return None
    return entry_id if moment - entry_moment(entry_id) <= LIFETIME else None
