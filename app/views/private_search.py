"""What was typed into a search travels sealed: names and numbers stay out of addresses, histories and logs."""

from __future__ import annotations

import base64
import binascii
import json

from app.models.encryption import UnreadableField, key_ring

_SHORTEST = 2


def seal(typed: dict[str, str], *, account_id: int) -> str:
    """Return an opaque word for an address that holds `typed`, readable for this account only."""
    sealed = key_ring().encrypt(json.dumps(typed, ensure_ascii=False), f"search.{account_id}")
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unseal(word: str, *, account_id: int) -> dict[str, str]:
    """Return what `seal` was given; nothing for a word of another account or that nobody here made."""
    try:
        blob = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        if len(blob) < _SHORTEST:
            return {}
        typed: dict[str, str] = json.loads(key_ring().decrypt(blob, f"search.{account_id}"))
    except (UnreadableField, ValueError, binascii.Error):
        return {}
    return typed
