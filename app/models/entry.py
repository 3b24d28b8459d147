"""Entry records: the large table. Every scan and every paper form is one row (Z-R10)."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from enum import Enum

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.labels import N_, Labelled
from app.domain.quarantine import Color
from app.extensions import db
from app.models.base import AreaScoped
from app.models.person import Person, Registration
from app.models.types import BigId, EnumByName, UtcDateTime
from app.models.venue import Venue

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_EPOCH_SECONDS = _EPOCH.timestamp()
_RANDOM_BITS = 22


def entry_id_floor(moment: datetime) -> int:
    """Return the smallest entry id of `moment`: ids carry their time, so a range of time is a range of ids."""
    return int((moment - _EPOCH).total_seconds() * 1000) << _RANDOM_BITS


def new_entry_id(moment: datetime) -> int:
    """Return a fresh 63-bit id of `moment`: milliseconds since 2020, then 22 random bits."""
    return entry_id_floor(moment) | secrets.randbits(_RANDOM_BITS)


def entry_moment(entry_id: int) -> datetime:
    """Return the moment that `entry_id` carries, to the millisecond."""
    return datetime.fromtimestamp(_EPOCH_SECONDS + (entry_id >> _RANDOM_BITS) / 1000, UTC)


class EntrySource(Labelled):
    """登记来源 (Z-R10): by scan, or from a paper form by hand."""

    SCAN = N_("扫码登记")
    MANUAL = N_("人工录入")


_ON_PAPER = text("source = 'MANUAL'")


class EntryOutcome(Enum):
    """Whether the person was let in; a refused one stays on record (Z-S4)."""

    ADMITTED = "admitted"
    REFUSED = "refused"


class EntryRecord(AreaScoped, db.Model):
    """One scan.

    The id is issued with the page that is submitted and carries that page's time: the same page sent twice is the
    same row (Z-S10), and on PostgreSQL the table is partitioned by month on the id alone.
    """

    __tablename__ = "entry_record"
    __table_args__ = (
        Index(None, "venue_id", "recorded_at"),
        Index(None, "person_id", "recorded_at"),
        # A community's rows in their order, and a wider area's without looking at the rows of the others.
        Index(None, "area_code", "recorded_at"),
        Index(None, "recorded_at", "area_code"),
        # Paper forms are one row in dozens: without it, to search for them is to read everybody's scans.
        Index(None, "recorded_at", "area_code", "venue_id", sqlite_where=_ON_PAPER, postgresql_where=_ON_PAPER),
        {"postgresql_partition_by": "RANGE (id)"},
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    source: Mapped[EntrySource] = mapped_column(EnumByName(EntrySource))
    outcome: Mapped[EntryOutcome] = mapped_column(EnumByName(EntryOutcome))
    color: Mapped[Color] = mapped_column(EnumByName(Color))
    is_key_area: Mapped[bool] = mapped_column(default=False)
    # An outing by somebody whose isolation was confirmed (Z-R7, 异常信息).
    is_breach: Mapped[bool] = mapped_column(default=False)
    # Sent from elsewhere, as far as can be told: an old page, or without what stands on the poster (X6).
    is_remote: Mapped[bool] = mapped_column(default=False, server_default=false())
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))

    person: Mapped[Person] = relationship()
    venue: Mapped[Venue] = relationship()
    registration: Mapped[Registration] = relationship()


class RememberedIdentity(db.Model):
    """An identity that a phone has registered before (Z-S3). The phone holds a random key, we hold its blind index."""

    __tablename__ = "remembered_identity"
    __table_args__ = (Index(None, "device_index", "person_id", unique=True), Index(None, "person_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    device_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship()
