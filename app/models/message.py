"""The outbox of text messages (Z-A8): written with the cause, sent by a job, readable by an administrator."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.encryption import EncryptedText
from app.models.types import AREA_CODE, BigId, UtcDateTime


class OutgoingMessage(db.Model):
    """One text message; phone and text are sealed, because codes and numbers are in them."""

    __tablename__ = "outgoing_message"
    __table_args__ = (Index(None, "sent_at", "id"),)

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
    failure: Mapped[str | None] = mapped_column(String(200))
