"""Appeals against evidence, and who looked at a person's reasons (X2, issue 2.3)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.labels import N_, Labelled
from app.domain.roles import Role
from app.extensions import db
from app.models.base import AreaScoped
from app.models.encryption import EncryptedText
from app.models.health import Evidence
from app.models.types import BigId, EnumByName, UtcDateTime


class AppealState(Labelled):
    """Open until whoever owns the evidence has answered."""

    OPEN = N_("待处理")
    GRANTED = N_("申诉成立")
    DENIED = N_("申诉不成立")


class Appeal(AreaScoped, db.Model):
    """A person's word against one piece of evidence; what the person writes is sealed. One is open at a time."""

    __tablename__ = "appeal"
    __table_args__ = (
        Index(None, "document_index", "id"),
        Index(None, "state", "area_code", "due_at"),
        Index(
            "uq_appeal_open",
            "evidence_id",
            unique=True,
            sqlite_where=text("state = 'OPEN'"),
            postgresql_where=text("state = 'OPEN'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    document_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"))
    reason: Mapped[str] = mapped_column(EncryptedText("appeal.reason"))
    state: Mapped[AppealState] = mapped_column(EnumByName(AppealState))
    answer: Mapped[str | None] = mapped_column(EncryptedText("appeal.answer"))
    owner_role: Mapped[Role] = mapped_column(EnumByName(Role))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    evidence: Mapped[Evidence] = relationship()
    photos: Mapped[list[AppealPhoto]] = relationship(order_by=lambda: AppealPhoto.position)

    def is_overdue(self, moment: datetime) -> bool:
        """Whether it is still open past its deadline."""
        return self.state is AppealState.OPEN and self.due_at <= moment


class AppealPhoto(db.Model):
    """A photo of an appeal, a sealed stored file."""

    __tablename__ = "appeal_photo"
    __table_args__ = (Index(None, "file_id"),)

    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"))


class LookUp(db.Model):
    """Somebody of an office looked at a person's reasons or history; the person sees which office and when."""

    __tablename__ = "look_up"
    __table_args__ = (Index(None, "document_index", "id"), Index(None, "account_id", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    document_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    office: Mapped[str] = mapped_column(String(120))
    looked_at: Mapped[datetime] = mapped_column(UtcDateTime)
