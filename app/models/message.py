"""The outbox of text messages (Z-A8): written with the cause, sent by a job, readable by an administrator."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.labels import N_, Labelled
from app.extensions import db
from app.models.encryption import EncryptedText
from app.models.types import AREA_CODE, BigId, EnumByName, UtcDateTime

KEY_MARK = "."


class MessageState(Labelled):
    """The life of a message. Without a provider it ends in the outbox; with one, a receipt may tell its end."""

    QUEUED = N_("待发送")
    STORED = N_("已存入发件箱")
    SENT = N_("已发送")
    DELIVERED = N_("已送达")
    FAILED = N_("发送失败")


class OutgoingMessage(db.Model):
    """One text message; phone and text are sealed, because codes and numbers are in them."""

    __tablename__ = "outgoing_message"
    __table_args__ = (Index(None, "sent_at", "id"), Index(None, "state", "next_attempt_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    area_code: Mapped[str] = mapped_column(AREA_CODE)
    phone: Mapped[str] = mapped_column(EncryptedText("outgoing_message.phone"))
    template: Mapped[str] = mapped_column(String(40))
    params: Mapped[str] = mapped_column(EncryptedText("outgoing_message.params"))
    idempotency_key: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    provider_reference: Mapped[str | None] = mapped_column(String(120))
    attempts: Mapped[int] = mapped_column(default=0)
    # Why it is not on its way: a code of our own; and what the provider said of it, without numbers.
    failure: Mapped[str | None] = mapped_column(String(200))
    failure_note: Mapped[str | None] = mapped_column(String(100))
    state: Mapped[MessageState] = mapped_column(EnumByName(MessageState), server_default=MessageState.QUEUED.name)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Until when it is of use to whoever gets it.
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # How often somebody sent it again by hand.
    resends: Mapped[int] = mapped_column(default=0, server_default="0")

    @property
    def provider_key(self) -> str:
        """The idempotency key that a provider sees: the same at every attempt, another where it is to go out anew."""
        return f"{self.idempotency_key}{KEY_MARK}{self.resends}" if self.resends else self.idempotency_key
