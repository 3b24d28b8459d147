"""Another phone for somebody's health code, where the office has seen the person and the document (Z-H2, X3)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.labels import N_, Labelled
from app.domain.masking import mask_phone
from app.extensions import db
from app.models.base import AreaScoped
from app.models.encryption import EncryptedText
from app.models.types import BigId, EnumByName, UtcDateTime


class PhoneChangeState(Labelled):
    """Proposed by one, in force by another's word; without it the proposal lapses."""

    PROPOSED = N_("待审批")
    APPROVED = N_("已批准")
    REJECTED = N_("已驳回")


class PhoneChange(AreaScoped, db.Model):
    """`area_code` is of the office that proposed it; `seen` says which document it looked at."""

    __tablename__ = "phone_change"
    __table_args__ = (Index(None, "area_code", "id"), Index(None, "document_index"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    document_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    masked_name: Mapped[str] = mapped_column(String(64))
    masked_document: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(EncryptedText("phone_change.phone"))
    seen: Mapped[str] = mapped_column(String(200))
    state: Mapped[PhoneChangeState] = mapped_column(EnumByName(PhoneChangeState))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approve_by: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str | None] = mapped_column(String(500))

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)
