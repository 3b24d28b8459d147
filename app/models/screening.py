"""Screening lists: one table for all kinds; what differs is declared (SPEC section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.documents import DocumentType
from app.domain.masking import mask_document, mask_phone
from app.domain.screening import EntryOrigin, ScreeningKind
from app.extensions import db
from app.models.base import AreaScoped, Timestamped
from app.models.encryption import EncryptedText
from app.models.imports import ImportBatch
from app.models.types import AREA_CODE, BigId, EnumByName, Json, UtcDateTime
from app.models.venue import Venue


def _where_filled(*columns: str, filled: str, beside: Sequence[str] = ()) -> Index:
    """An index of the rows that have `filled`: lists without it, the largest, pay nothing for it."""
    is_filled = text(f"{filled} IS NOT NULL")
    return Index(None, *columns, sqlite_where=is_filled, postgresql_where=is_filled, postgresql_include=list(beside))


def _of_returnees(*columns: str, beside: Sequence[str] = ()) -> Index:
    """An index of the returnees alone."""
    is_returnee = text("kind = 'OVERSEAS_RETURNEE'")
    return Index(
        None, *columns, sqlite_where=is_returnee, postgresql_where=is_returnee, postgresql_include=list(beside)
    )


class ScreeningEntry(AreaScoped, Timestamped, db.Model):
    """One person on one list. `area_code` is the district it was dispatched to, the city's while undispatched."""

    __tablename__ = "screening_entry"
    __table_args__ = (
        Index(None, "kind", "identity_index", unique=True),
        # What the row policies and the figures ask of a row stands beside its key, so that they are counted in here alone.
        Index(None, "kind", "area_code", "id", postgresql_include=["category", "venue_id"]),
        Index(
            None,
            "kind",
            "status",
            "area_code",
            postgresql_include=["dispatched_at", "category", "venue_id", "id"],
        ),
        Index(None, "kind", "name"),
        Index(None, "batch_id"),
        # A compound manager's rows, and a hub team's.
        _where_filled(
            "kind", "venue_id", "id", filled="venue_id", beside=["area_code", "category", "status", "dispatched_at"]
        ),
        _where_filled(
            "kind", "category", "id", filled="category", beside=["area_code", "venue_id", "status", "dispatched_at"]
        ),
        Index(None, "document_index"),
        Index(None, "phone_index"),
        _where_filled("name_birth_index", filled="name_birth_index"),
        # The clocks that mark them (services/attention.py), and the figures of a hub team.
        _of_returnees("status", "worked_at", "created_at"),
        _of_returnees("status", "arrived_at"),
        _of_returnees("category", "status", "area_code", beside=["kind", "venue_id", "id"]),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[ScreeningKind] = mapped_column(EnumByName(ScreeningKind))
    # Where the row came from; batch and row number only with an import.
    source: Mapped[EntryOrigin] = mapped_column(EnumByName(EntryOrigin), server_default=EntryOrigin.IMPORT.name)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    row_number: Mapped[int | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    # The compound whose manager has the row too, where that is known.
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venue.id"))
    # What the list is divided by: the command centre's category, a returnee's way of return.
    category: Mapped[str | None] = mapped_column(String(40))
    # Which row this is, for the whole list: the same row imported twice is one row (Z-T13).
    identity_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    listed_on: Mapped[date | None]
    name: Mapped[str | None] = mapped_column(String(64))
    document_type: Mapped[DocumentType | None] = mapped_column(EnumByName(DocumentType))
    document_number: Mapped[str | None] = mapped_column(EncryptedText("screening_entry.document_number"))
    document_index: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    phone: Mapped[str | None] = mapped_column(EncryptedText("screening_entry.phone"))
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    # Of name and birthday, where an identity card tells the day: by it a doubtful second row is found.
    name_birth_index: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    # The list's other columns, as JSON in one ciphertext: several rarely searched fields in one (half the cost).
    particulars: Mapped[str | None] = mapped_column(EncryptedText("screening_entry.particulars"))
    # When the person did come, as against when that was expected (Z-T9).
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undispatched_reason: Mapped[str | None] = mapped_column(String(120))
    dispatched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(String(40))
    remark: Mapped[str | None] = mapped_column(String(500))
    worked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worked_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    batch: Mapped[ImportBatch | None] = relationship()
    venue: Mapped[Venue | None] = relationship()

    @property
    def is_dispatched(self) -> bool:
        return self.dispatched_at is not None

    @property
    def masked_document(self) -> str:
        return mask_document(self.document_number) if self.document_number else ""

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone) if self.phone else ""


class ImportRow(db.Model):
    """A checked row waiting for its batch's confirmation; gone when the batch has ended.

    Everything personal in it is already sealed in the form in which the list will hold it, so that the import itself
    is one INSERT … SELECT: it happens as a whole or not at all, and a second run adds nothing.
    """

    __tablename__ = "import_row"

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"), primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    identity_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    area_code: Mapped[str] = mapped_column(AREA_CODE)
    undispatched_reason: Mapped[str | None] = mapped_column(String(120))
    listed_on: Mapped[date | None]
    name: Mapped[str | None] = mapped_column(String(64))
    document_type: Mapped[str | None] = mapped_column(String(40))
    document_number: Mapped[bytes | None] = mapped_column(LargeBinary)
    document_index: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    name_birth_index: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    particulars: Mapped[bytes | None] = mapped_column(LargeBinary)
    remark: Mapped[str | None] = mapped_column(String(500))
    venue_id: Mapped[int | None] = mapped_column(BigId)
    category: Mapped[str | None] = mapped_column(String(40))
    status: Mapped[str | None] = mapped_column(String(40))
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ScreeningOutcome(AreaScoped, db.Model):
    """One setting of a status with its remark: the last contact is the newest row (X9)."""

    __tablename__ = "screening_outcome"
    __table_args__ = (Index(None, "entry_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("screening_entry.id"))
    status: Mapped[str] = mapped_column(String(40))
    remark: Mapped[str | None] = mapped_column(String(500))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    details: Mapped[dict[str, str] | None] = mapped_column(Json)
