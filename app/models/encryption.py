"""Personal data at rest: AES-GCM under a key ring, found again through keyed blind indexes (issue 1.2, X10)."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from sqlalchemy import LargeBinary, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from app.domain.text import without_blanks

_VERSION = 1
_NONCE_BYTES = 12
_HEADER_BYTES = 2
_BODY = _HEADER_BYTES + _NONCE_BYTES
BLIND_INDEX_BYTES = 16


class UnreadableField(RuntimeError):
    """A stored ciphertext cannot be opened: unknown key, or it was moved or altered."""


@dataclass(frozen=True)
class KeyRing:
    """Field keys by number; the highest number encrypts, all of them decrypt."""

    ciphers: Mapping[int, AESGCM]
    index_key: bytes

    @classmethod
    def from_text(cls, field_keys: str, index_key: str) -> KeyRing:
        """Return the ring for `field_keys` like "1:base64,2:base64" (32 bytes each) and a base64 index key."""
        ciphers = {}
        for part in field_keys.split(","):
            number, _, key = part.partition(":")
            ciphers[int(number)] = AESGCM(base64.b64decode(key))
        return cls(ciphers, base64.b64decode(index_key))

    @property
    def current(self) -> int:
        return max(self.ciphers)

    def encrypt(self, value: str, context: str) -> bytes:
        """Return the sealed text; `context` (table.column) is bound to it."""
        return self.seal(value.encode(), context)

    def decrypt(self, blob: bytes, context: str) -> str:
        """Return the text behind `blob`; raise UnreadableField when it is not ours or not of this column."""
        return self.unseal(blob, context).decode()

    def seal(self, content: bytes, context: str) -> bytes:
        """Return version, key number, nonce and ciphertext; `context` is bound to it."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self.ciphers[self.current].encrypt(nonce, content, context.encode())
        return bytes((_VERSION, self.current)) + nonce + sealed

    def unseal(self, blob: bytes, context: str) -> bytes:
        """Return the content behind `blob`; raise UnreadableField when it is not ours or not of this context."""
        return self.opener(context)(blob)

    def opener(self, context: str) -> Callable[[bytes], bytes]:
        """Return what unseals blobs of one context, for those who open many."""
        ciphers, bound = self.ciphers, context.encode()

        def unseal(blob: bytes) -> bytes:
            cipher = ciphers.get(blob[1])
            if blob[0] != _VERSION or cipher is None:
                raise UnreadableField(f"{context}: no key {blob[1]}")
            try:
                return cipher.decrypt(blob[_HEADER_BYTES:_BODY], blob[_BODY:], bound)
            except Exception as fault:  # the library raises InvalidTag without a message
                raise _altered(context) from fault

        return unseal

    @cached_property
    def _alike(self) -> AESSIV:
        """Seals equal values alike; like blind indexes it goes by the index key, which does not turn with the ring."""
        return AESSIV(hashlib.blake2b(self.index_key, person=b"sealed alike", digest_size=64).digest())

    def seal_alike(self, value: str, context: str) -> str:
        """Return the sealed value as text, the same each time, so that it is found by equality and read again."""
        return base64.urlsafe_b64encode(self._alike.encrypt(value.encode(), [context.encode()])).decode().rstrip("=")

    def unseal_alike(self, sealed: str, context: str) -> str:
        """Return the value behind `sealed`; raise UnreadableField when it is not ours or not of this context."""
        try:
            blob = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
            return self._alike.decrypt(blob, [context.encode()]).decode()
        except Exception as fault:  # no base64, or altered, of which the library says nothing
            raise _altered(context) from fault

    def blind_index(self, context: str, value: str) -> bytes:
        """Return 16 bytes by which equal values of one context are found, useless without the key."""
        digest = hashlib.blake2b(
            value.encode(), key=self.index_key, person=context.encode()[:16], digest_size=BLIND_INDEX_BYTES
        )
        return digest.digest()


def _altered(context: str) -> UnreadableField:
    return UnreadableField(f"{context}: altered or moved")


_ring: KeyRing | None = None


def configure(ring: KeyRing) -> None:
    """Make `ring` the one that columns of this process use; called once by create_app()."""
    global _ring
    _ring = ring


def key_ring() -> KeyRing:
    if _ring is None:
        raise RuntimeError("no key ring: create_app() has not run")
    return _ring


class EncryptedText(TypeDecorator[str]):
    """Text that the database only ever sees as ciphertext; `context` ties it to its column."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else key_ring().encrypt(value, self.context)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None]:
        """Open what the driver gives, without the steps that a type may have of its own: lists open many fields."""
        context, ring = self.context, key_ring()
        bound, current = context.encode(), bytes((_VERSION, ring.current))
        decrypt = ring.ciphers[ring.current].decrypt

        def opened(value: Any) -> str | None:
            if value is None:
                return None
            # Nearly every value is sealed by the ring in hand with its current key, and a call less is a tenth of
            # opening it. Processors are kept with the compiled statement, which may outlive a ring.
            if _ring is not ring or value[:_HEADER_BYTES] != current:
                return key_ring().decrypt(value, context)
            try:
                return decrypt(value[_HEADER_BYTES:_BODY], value[_BODY:], bound).decode()
            except Exception as fault:  # the library raises InvalidTag without a message
                raise _altered(context) from fault

        return opened


class LookedUpText(TypeDecorator[str]):
    """Short text that the database sees sealed, alike for equal values: for a unique column that one looks up by.

    It is compared by equality only; a search for a part finds nothing.
    """

    impl = String(128)
    cache_ok = True
    # Of the text itself, which fills the column when it is sealed; a longer one is found nowhere and not written.
    length = 80

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else key_ring().seal_alike(value, self.context)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else key_ring().unseal_alike(value, self.context)


def document_index(document_type: str, number: str) -> bytes:
    """Return the blind index of a document: type and normalised number together name a person."""
    return key_ring().blind_index("document", f"{document_type}:{number}")


def name_birth_index(name: str, birth_date: date) -> bytes:
    """Return the blind index of a name, without its blanks, and a birthday."""
    return key_ring().blind_index("name and birth", f"{without_blanks(name).upper()}:{birth_date.isoformat()}")


def phone_index(phone: str) -> bytes:
    """Return the blind index of a normalised phone number."""
    return key_ring().blind_index("phone", phone)
