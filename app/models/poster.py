"""Posters looked at day by day, so that none is covered or altered unseen (checklist Z45)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.models.base import AreaScoped
from app.models.types import BigId, UtcDateTime
from app.models.venue import Venue


class PosterCheck(AreaScoped, db.Model):
    """One look at a venue's poster, once for each day of the region; a second look replaces the first."""

    __tablename__ = "poster_check"
    __table_args__ = (Index(None, "venue_id", "day", unique=True), Index(None, "area_code", "day"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    day: Mapped[date]
    is_right: Mapped[bool]
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))

    venue: Mapped[Venue] = relationship()
