"""The keys that sign health codes' tokens: made, published ahead of their turn, retired (X6)."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from flask import current_app
from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.domain.code_tokens import LIFETIME_SECONDS
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import CodeSigningKey
from app.profiles import load_profile
from app.services import audit
from app.services.audit import SYSTEM
from app.services.transaction import transactional

# The number of a key is one byte of the token; 0 stays free.
_MOST_NUMBER = 255
_CACHE_SECONDS = 60
_CACHE = "code_signing_keys"


@dataclass(frozen=True)
class SigningKey:
    """A key as this process uses it."""

    number: int
    private: ec.EllipticCurvePrivateKey
    public: bytes
    signs_from: datetime
    retired_at: datetime | None

    def signs_at(self, moment: datetime) -> bool:
        return self.signs_from <= moment and (self.retired_at is None or moment < self.retired_at)


def signing_key(moment: datetime) -> SigningKey:
    """Return the key that signs at `moment`; the first ever is made here."""
    found = _newest_that_signs(_known(), moment)
    if found is None:
        # Another process may have made one since this one looked.
        found = _newest_that_signs(_known(is_fresh=True), moment)
    if found is None:
        _make_first(moment)
        found = _newest_that_signs(_known(is_fresh=True), moment)
    if found is None:
        raise RuntimeError("no key signs now: every one is retired or has its turn to come")
    return found


def public_keys() -> Mapping[int, bytes]:
    """Return the published keys by number, as uncompressed points: those that sign, will sign, or have just stopped."""
    return {key.number: key.public for key in _known()}


@transactional
def rotate(moment: datetime, *, is_at_once: bool = False) -> CodeSigningKey:
    """Return a new key, published now; it takes over after the region's lead, or at once where a key was lost.

    A key that was lost stops counting at once. Otherwise its last tokens live out their time.
    """
    lead = (
        timedelta(0) if is_at_once else timedelta(hours=load_profile(current_app.config["REGION"]).codes.key_lead_hours)
    )
    signs_from = moment + lead
    keys = list(db.session.execute(select(CodeSigningKey).order_by(CodeSigningKey.created_at)).scalars())
    if not is_at_once and any(key.signs_from > moment for key in keys):
        raise DomainError(N_("已有一把新密钥等待启用，不能重复更换"), code="key_waiting")
    for key in keys:
        if key.retired_at is None or key.retired_at > signs_from:
            key.retired_at = signs_from - timedelta(seconds=LIFETIME_SECONDS) if is_at_once else signs_from
    made = _made(_next_number(keys), moment, signs_from)
    audit.record(
        SYSTEM,
        N_("更换健康码签名密钥"),
        subject=made.number,
        subject_type=CodeSigningKey.__tablename__,
        area_code=load_profile(current_app.config["REGION"]).area_code,
        changes={"signs_from": signs_from, "at_once": is_at_once},
    )
    forget_cached()
    return made


def forget_cached() -> None:
    """This process asks the database for the keys again."""
    current_app.extensions.pop(_CACHE, None)


def _next_number(keys: list[CodeSigningKey]) -> int:
    """The number after the newest; who had it once, 255 keys ago, goes."""
    number = keys[-1].number % _MOST_NUMBER + 1 if keys else 1
    db.session.execute(delete(CodeSigningKey.__table__).where(CodeSigningKey.__table__.c.number == number))
    return number


def _made(number: int, moment: datetime, signs_from: datetime) -> CodeSigningKey:
    private = ec.generate_private_key(ec.SECP256R1())
    key = CodeSigningKey(
        number=number,
        private=base64.b64encode(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode(),
        public=private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        created_at=moment,
        signs_from=signs_from,
        retired_at=None,
    )
    db.session.add(key)
    db.session.flush()
    return key


def _make_first(moment: datetime) -> None:
    """The first key is there, whichever process made it."""
    try:
        rotate(moment, is_at_once=True)
    except IntegrityError:
        forget_cached()


def _newest_that_signs(keys: list[SigningKey], moment: datetime) -> SigningKey | None:
    return max((key for key in keys if key.signs_at(moment)), key=lambda key: key.signs_from, default=None)


def _known(*, is_fresh: bool = False) -> list[SigningKey]:
    """The keys that still count, asked for once a minute: a token needs no statement for them."""
    cached = current_app.extensions.get(_CACHE)
    if cached is not None and not is_fresh and time.monotonic() - cached[0] < _CACHE_SECONDS:
        known: list[SigningKey] = cached[1]
        return known
    keys = CodeSigningKey.__table__.c
    counts_from = clock.now() - timedelta(seconds=LIFETIME_SECONDS)
    query = select(CodeSigningKey.__table__).where(or_(keys.retired_at.is_(None), keys.retired_at > counts_from))
    found = [
        SigningKey(row.number, _loaded(row.private), bytes(row.public), row.signs_from, row.retired_at)
        for row in db.session.execute(query)
    ]
    current_app.extensions[_CACHE] = (time.monotonic(), found)
    return found


def _loaded(text: str) -> ec.EllipticCurvePrivateKey:
    key = load_der_private_key(base64.b64decode(text), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("a signing key of another kind")
    return key
