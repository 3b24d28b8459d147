"""Health codes: one a person, what its owner declared, for whom somebody else applied, the phones that show it, the keys
that sign it, where it was seen."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.declared_health import HealthCondition, ResidenceType
from app.domain.relatives import Relation
from app.domain.returns import Transport
from app.extensions import db
from app.models.base import AreaScoped, Timestamped
from app.models.encryption import EncryptedText
from app.models.person import Person
from app.models.types import AREA_CODE, BigId, EnumByName, Json, UtcDateTime


class HealthCode(AreaScoped, Timestamped, db.Model):
    """One person's code (Z-H2). `number` is random and says nothing; `phone_index` is of the phone that was proved."""

    __tablename__ = "health_code"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)
    phone_index: Mapped[bytes] = mapped_column(LargeBinary(16))

    person: Mapped[Person] = relationship()


class HealthDeclaration(AreaScoped, db.Model):
    """One filled-in form of 「郑好码」 (Z-H1), kept as it was signed; later forms are later rows."""

    __tablename__ = "health_declaration"
    __table_args__ = (Index(None, "person_id", "created_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    # The number of the page that was submitted: sent twice, it is one form.
    form_number: Mapped[int] = mapped_column(BigInteger, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    pledge_version: Mapped[str] = mapped_column(String(20))
    residence_type: Mapped[ResidenceType] = mapped_column(EnumByName(ResidenceType))
    address: Mapped[str] = mapped_column(EncryptedText("health_declaration.address"))
    registered_area_code: Mapped[str] = mapped_column(AREA_CODE)
    condition: Mapped[HealthCondition] = mapped_column(EnumByName(HealthCondition))
    has_contact: Mapped[bool]
    is_returnee: Mapped[bool]
    arrival_date: Mapped[date | None]
    transport: Mapped[Transport | None] = mapped_column(EnumByName(Transport))
    connection_number: Mapped[str | None] = mapped_column(String(20))
    is_from_abroad: Mapped[bool]
    origin_area_code: Mapped[str | None] = mapped_column(AREA_CODE)
    origin_country: Mapped[str | None] = mapped_column(String(2))

    person: Mapped[Person] = relationship()


class Relative(AreaScoped, db.Model):
    """Somebody for whom another applied (F-P4): one applicant a person, and so one a document. It is never removed.

    `phone_index` is of the relative's phone that answered. While the code goes by that phone, the applicant's phones show it.
    """

    __tablename__ = "relative"
    __table_args__ = (Index(None, "applicant_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    form_number: Mapped[int] = mapped_column(BigInteger, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    applicant_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    relation: Mapped[Relation] = mapped_column(EnumByName(Relation))
    phone_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    pledge_version: Mapped[str] = mapped_column(String(20))
    # By the key of the region's question.
    answers: Mapped[dict[str, bool]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    applicant: Mapped[Person] = relationship(foreign_keys=[applicant_id])


class HeldCode(db.Model):
    """A phone that shows a code. The phone holds a random key, we hold its blind index.

    `relative_id` says that it shows the code of its holder's relative; without it the owner's own phone has answered.
    """

    __tablename__ = "held_code"
    __table_args__ = (Index(None, "device_index", "code_id", unique=True), Index(None, "code_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    device_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    code_id: Mapped[int] = mapped_column(ForeignKey("health_code.id"))
    relative_id: Mapped[int | None] = mapped_column(ForeignKey("relative.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    code: Mapped[HealthCode] = relationship()


class CodeSigningKey(db.Model):
    """A key pair for tokens. It is published when made, signs from `signs_from`, and counts until `retired_at`."""

    __tablename__ = "code_signing_key"

    # Stands in every token as one byte.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    private: Mapped[str] = mapped_column(EncryptedText("code_signing_key.private"))
    public: Mapped[bytes] = mapped_column(LargeBinary(65))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signs_from: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TokenSighting(db.Model):
    """A code was shown to somebody who checks; kept for hours, to notice one code at two places at once (X6)."""

    __tablename__ = "token_sighting"
    __table_args__ = (Index(None, "code_id", "seen_at"), Index(None, "seen_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code_id: Mapped[int] = mapped_column(ForeignKey("health_code.id"))
    # None where the twelve digits were typed.
    issued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    place: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    is_elsewhere: Mapped[bool] = mapped_column(default=False)


class DoubleSighting(AreaScoped, db.Model):
    """A code was shown at two places at once: where and when both times, for the district that answers for it (X6)."""

    __tablename__ = "double_sighting"
    __table_args__ = (
        Index(None, "area_code", "id"),
        Index(None, "first_account_id", "second_seen_at"),
        Index(None, "document_index"),
        Index(None, "second_seen_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    document_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    masked_name: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(12))
    first_place: Mapped[str] = mapped_column(String(160))
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    second_place: Mapped[str] = mapped_column(String(160))
    second_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    second_account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
