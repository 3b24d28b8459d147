"""Entries counted by the hour: what pages read instead of the large table (Z-V1, X13)."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.venues import VenueKind
from app.extensions import db
from app.models.base import AreaScoped
from app.models.types import BigId, EnumByName, UtcDateTime


class Span(Enum):
    """How much time a total is of; it starts at the row's `start`."""

    HOUR = "hour"
    DAY = "day"
    EVER = "ever"


class Totalled(AreaScoped):
    """What every total says. The area is that of the entries, which is not the venue's any more after a move."""

    kind: Mapped[VenueKind] = mapped_column(EnumByName(VenueKind))
    entries: Mapped[int] = mapped_column(BigInteger)
    abnormal: Mapped[int] = mapped_column(BigInteger)


class EntryHourTotal(Totalled, db.Model):
    """One venue's entries in one hour, as counted; `added_…` is how many of them the sums below hold by now."""

    __tablename__ = "entry_hour_total"
    __table_args__ = (Index(None, "hour", "venue_id", "area_code", unique=True), Index(None, "venue_id", "hour"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    hour: Mapped[datetime] = mapped_column(UtcDateTime)
    added_entries: Mapped[int] = mapped_column(BigInteger, default=0)
    added_abnormal: Mapped[int] = mapped_column(BigInteger, default=0)


class VenueEntryTotal(Totalled, db.Model):
    """One venue's entries of a day of the region, or of all time."""

    __tablename__ = "venue_entry_total"
    __table_args__ = (
        Index(None, "venue_id", "span", "start", "area_code", unique=True),
        Index(None, "kind", "span", "start"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    span: Mapped[Span] = mapped_column(EnumByName(Span))
    start: Mapped[datetime] = mapped_column(UtcDateTime)


class AreaEntryTotal(Totalled, db.Model):
    """The entries at all venues of one kind in one area, of any level: a city's sum is a row, not a sum of venues."""

    __tablename__ = "area_entry_total"
    __table_args__ = (Index(None, "area_code", "span", "start", "kind", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    span: Mapped[Span] = mapped_column(EnumByName(Span))
    start: Mapped[datetime] = mapped_column(UtcDateTime)


class EntryRollup(db.Model):
    """The one row that says how far the hours are counted; whoever counts holds it, so that two never do at once."""

    __tablename__ = "entry_rollup"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    counted_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
