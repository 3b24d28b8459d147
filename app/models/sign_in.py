"""What follows a password: the sessions that are open, and the second factor (Z-A3)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.devices import Browser, System
from app.extensions import db
from app.models.encryption import EncryptedText
from app.models.types import BigId, EnumByName, UtcDateTime


class SignInSession(db.Model):
    """A session of the back office. Its cookie holds a secret of which only the digest is here."""

    __tablename__ = "sign_in_session"
    __table_args__ = (Index(None, "account_id", "last_seen_at"), Index(None, "last_seen_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    # Of the account when the session began: a new stamp (password, phone, suspension) has ended it.
    stamp: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    network: Mapped[str] = mapped_column(String(45))  # without its last part
    browser: Mapped[Browser] = mapped_column(EnumByName(Browser))
    system: Mapped[System] = mapped_column(EnumByName(System))
    has_second_factor: Mapped[bool]


class SecondFactor(db.Model):
    """The secret that an account's authenticator app shares with us, once the owner has shown that the app knows it."""

    __tablename__ = "second_factor"

    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str] = mapped_column(EncryptedText("second_factor.secret"))
    # The half minute of the last code that was taken: none is taken twice.
    last_step: Mapped[int] = mapped_column(BigInteger)
    enrolled_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecoveryCode(db.Model):
    """A code that does once in place of the app, as a keyed digest; used ones are gone."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index(None, "account_id"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("second_factor.account_id", ondelete="CASCADE"))
