"""Venues: everything that has a poster to scan (SPEC section 0)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.venues import VenueKind
from app.extensions import db
from app.models.base import AreaScoped, Timestamped
from app.models.types import BigId, EnumByName, UtcDateTime


class Venue(AreaScoped, Timestamped, db.Model):
    """One poster's place. `code` is the random public part of its scan address and says nothing by itself."""

    __tablename__ = "venue"
    __table_args__ = (Index(None, "area_code", "id"), Index(None, "kind", "area_code"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    kind: Mapped[VenueKind] = mapped_column(EnumByName(VenueKind))
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str | None] = mapped_column(String(200))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def __str__(self) -> str:
        return self.name
