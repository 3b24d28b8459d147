"""People, and the forms that they filled in."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.documents import DocumentType
from app.domain.masking import mask_address, mask_document, mask_name, mask_phone
from app.domain.returns import QuarantineMethod, ReturnDeclaration, Transport
from app.extensions import db
from app.models.base import AreaScoped, Timestamped
from app.models.encryption import EncryptedText
from app.models.types import AREA_CODE, BigId, EnumByName, UtcDateTime
from app.models.venue import Venue


class Person(Timestamped, db.Model):
    """A person, once in the whole region whatever they scan; found by blind indexes, shown masked."""

    __tablename__ = "person"
    __table_args__ = (Index(None, "name"), Index(None, "phone_index"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    document_type: Mapped[DocumentType] = mapped_column(EnumByName(DocumentType))
    document_number: Mapped[str] = mapped_column(EncryptedText("person.document_number"))
    document_index: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    phone: Mapped[str] = mapped_column(EncryptedText("person.phone"))
    phone_index: Mapped[bytes] = mapped_column(LargeBinary(16))

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)

    @property
    def masked_document(self) -> str:
        return mask_document(self.document_number)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)


class Registration(AreaScoped, db.Model):
    """One filled-in form (Z-S2), kept as it was signed; later forms are later rows."""

    __tablename__ = "registration"
    __table_args__ = (Index(None, "person_id", "created_at"), Index(None, "venue_id", "created_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    name: Mapped[str] = mapped_column(String(64))
    address: Mapped[str | None] = mapped_column(EncryptedText("registration.address"))
    plate: Mapped[str | None] = mapped_column(String(10))
    is_returnee: Mapped[bool] = mapped_column(default=False)
    arrival_date: Mapped[date | None]
    transport: Mapped[Transport | None] = mapped_column(EnumByName(Transport))
    is_from_abroad: Mapped[bool] = mapped_column(default=False)
    origin_area_code: Mapped[str | None] = mapped_column(AREA_CODE)
    origin_country: Mapped[str | None] = mapped_column(String(2))
    quarantine_method: Mapped[QuarantineMethod | None] = mapped_column(EnumByName(QuarantineMethod))

    person: Mapped[Person] = relationship()
    venue: Mapped[Venue] = relationship()

    @property
    def masked_address(self) -> str:
        return mask_address(self.address or "")

    @property
    def declaration(self) -> ReturnDeclaration:
        """What this form says about a return, as the policy reads it."""
        return ReturnDeclaration(
            is_returnee=self.is_returnee,
            arrival_date=self.arrival_date,
            transport=self.transport,
            is_from_abroad=self.is_from_abroad,
            origin_area_code=self.origin_area_code,
            origin_country=self.origin_country,
            quarantine_method=self.quarantine_method,
        )
