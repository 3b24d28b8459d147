"""A person's tie to a compound, with its quarantine status (SPEC section 4)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.quarantine import Color, QuarantineStatus
from app.domain.returns import QuarantinePolicy
from app.extensions import db
from app.models.base import AreaScoped, Timestamped
from app.models.person import Person, Registration
from app.models.types import BigId, EnumByName, UtcDateTime
from app.models.venue import Venue


class Residency(AreaScoped, Timestamped, db.Model):
    """Active while `ended_at` is empty; a person has one active tie to a compound at most (D4, D6)."""

    __tablename__ = "residency"
    __table_args__ = (
        # With what tells an active tie from an ended one: a list counts ties from the index alone.
        Index(None, "venue_id", "id", postgresql_include=["ended_at", "area_code"]),
        Index(None, "area_code", "id", postgresql_include=["ended_at", "venue_id"]),
        Index(None, "status", "area_code", "id", postgresql_include=["ended_at", "venue_id"]),
        Index(None, "person_id"),
        # Whose quarantine ends on a day: of the few who ever had to isolate.
        Index(
            None,
            "quarantine_since",
            "area_code",
            sqlite_where=text("quarantine_since IS NOT NULL"),
            postgresql_where=text("quarantine_since IS NOT NULL"),
        ),
        Index(
            "uq_residency_active_tie",
            "person_id",
            "venue_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    status: Mapped[QuarantineStatus] = mapped_column(EnumByName(QuarantineStatus))
    quarantine_since: Mapped[date | None]
    is_key_area: Mapped[bool] = mapped_column(default=False)
    status_reason: Mapped[str | None] = mapped_column(String(200))
    has_health_certificate: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_remark: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    person: Mapped[Person] = relationship()
    venue: Mapped[Venue] = relationship()
    registration: Mapped[Registration] = relationship()

    @property
    def is_active(self) -> bool:
        return self.ended_at is None

    def color_on(self, day: date, policy: QuarantinePolicy) -> Color:
        """Return the row's colour on `day` by the region's policy (Z-R1, D1)."""
        return policy.color_of(self.status, self.quarantine_since, day)
