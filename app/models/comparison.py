"""Comparisons of a list with the people who are known here (Z-T12)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.colors import Color
from app.domain.comparison import ComparisonState, MatchBasis
from app.extensions import db
from app.models.base import AreaScoped, AskedWork, Timestamped
from app.models.encryption import EncryptedText
from app.models.person import Person
from app.models.types import BigId, EnumByName, Json, UtcDateTime


class Comparison(AskedWork, AreaScoped, Timestamped, db.Model):
    """One list that somebody compared, and why; the row stays as the record when file and result are gone."""

    __tablename__ = "comparison"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    state: Mapped[ComparisonState] = mapped_column(EnumByName(ComparisonState))
    reason: Mapped[str] = mapped_column(String(200))
    file_name: Mapped[str] = mapped_column(String(200))
    # Gone as soon as the comparison has ended.
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    # The titles as JSON: of a file without a header they are somebody's data.
    header: Mapped[str | None] = mapped_column(EncryptedText("comparison.header"))
    # Which of the titles each key of the sheet stands under; by hand where the titles tell nothing.
    positions: Mapped[dict[str, int] | None] = mapped_column(Json)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    # How many rows were recognised, by basis; no personal data.
    counts: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ComparisonMatch(db.Model):
    """Somebody known whom a row may be about, with what was known of them when they were compared."""

    __tablename__ = "comparison_match"
    __table_args__ = (Index(None, "comparison_id", "row_number", "person_id", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    comparison_id: Mapped[int] = mapped_column(ForeignKey("comparison.id", ondelete="CASCADE"))
    row_number: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    basis: Mapped[MatchBasis] = mapped_column(EnumByName(MatchBasis))
    is_doubtful: Mapped[bool]
    color: Mapped[Color] = mapped_column(EnumByName(Color))
    compound: Mapped[str | None] = mapped_column(String(120))
    last_entry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_entry_place: Mapped[str | None] = mapped_column(String(120))

    person: Mapped[Person | None] = relationship()
