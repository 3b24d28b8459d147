"""Venues: everything that has a poster to scan (SPEC section 0), and the batches in which codes are made (Z-S7)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from app.domain.codes import BatchProgress, PrintForm
from app.domain.masking import mask_phone
from app.domain.sectors import CodeState, VenueSubtype
from app.domain.venues import VenueKind
from app.extensions import db
from app.models.base import AreaScoped, Timestamped
from app.models.encryption import EncryptedText
from app.models.types import BigId, EnumByName, UtcDateTime


class CodeBatch(AreaScoped, Timestamped, db.Model):
    """Codes of one kind made together; `made` of `size` are there. A job makes them and may die at any row."""

    __tablename__ = "code_batch"
    __table_args__ = (Index(None, "area_code", "id"), Index(None, "kind", "id"), Index(None, "state", "heartbeat_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[VenueKind] = mapped_column(EnumByName(VenueKind))
    size: Mapped[int]
    made: Mapped[int] = mapped_column(default=0)
    state: Mapped[BatchProgress] = mapped_column(EnumByName(BatchProgress))
    remark: Mapped[str | None] = mapped_column(String(200))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    heartbeat_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)


class CodePrint(AreaScoped, Timestamped, db.Model):
    """A batch's posters on their way into one file; the file stands in `stored_file` when it is finished."""

    __tablename__ = "code_print"
    __table_args__ = (Index(None, "batch_id", "id"), Index(None, "state", "heartbeat_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("code_batch.id"))
    form: Mapped[PrintForm] = mapped_column(EnumByName(PrintForm))
    state: Mapped[BatchProgress] = mapped_column(EnumByName(BatchProgress))
    # Which of the batch's codes: archives of thousands of posters come in parts.
    first_number: Mapped[int]
    size: Mapped[int]
    made: Mapped[int] = mapped_column(default=0)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    heartbeat_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)

    batch: Mapped[CodeBatch] = relationship()


class Venue(AreaScoped, Timestamped, db.Model):
    """One poster's place. `code` is the random public part of its scan address and says nothing by itself.

    A code of the pool stands here from the day it was made: until it is activated it has no particulars, its name is
    its number, and its area is its batch's.
    """

    __tablename__ = "venue"
    __table_args__ = (
        Index(None, "area_code", "id"),
        Index(None, "kind", "area_code"),
        # A sector's list, newest first, and how many were activated on a day (Z-V3).
        Index(None, "kind", "activated_at", "id"),
        Index(None, "batch_id", "batch_number", unique=True),
        Index(None, "contact_phone_index"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    kind: Mapped[VenueKind] = mapped_column(EnumByName(VenueKind))
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str | None] = mapped_column(String(200))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What a sector's kind is activated with and searched by (domain/sectors.py).
    line: Mapped[str | None] = mapped_column(String(60))
    plate: Mapped[str | None] = mapped_column(String(10))
    company: Mapped[str | None] = mapped_column(String(100))
    social_credit_code: Mapped[str | None] = mapped_column(String(18))
    subtype: Mapped[VenueSubtype | None] = mapped_column(EnumByName(VenueSubtype))
    contact_name: Mapped[str | None] = mapped_column(String(64))
    contact_phone: Mapped[str | None] = mapped_column(EncryptedText("venue.contact_phone"))
    contact_phone_index: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    # The life of a code of the pool; venues that were never in it are active from the start, without a moment.
    code_state: Mapped[CodeState] = mapped_column(
        EnumByName(CodeState), default=CodeState.ACTIVE, server_default=CodeState.ACTIVE.name
    )
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("code_batch.id"))
    batch_number: Mapped[int | None]
    handed_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_out_to: Mapped[str | None] = mapped_column(String(120))
    activated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("venue.id"))
    # What stands on the poster and is asked on the form, where the manager wants it (X6).
    poster_pin: Mapped[str | None] = mapped_column(String(6))

    batch: Mapped[CodeBatch | None] = relationship()
    # Filled where a query asks for them (services/sector_statistics.py).
    entries: Mapped[int] = query_expression()
    abnormal: Mapped[int] = query_expression()
    entries_today: Mapped[int] = query_expression()
    abnormal_today: Mapped[int] = query_expression()
    # What was found at the poster today, by the same way (services/poster_checks.py).
    poster_is_right: Mapped[bool | None] = query_expression()

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def masked_contact_phone(self) -> str:
        return mask_phone(self.contact_phone) if self.contact_phone else ""

    def __str__(self) -> str:
        return self.name
