"""The audit trail's tables: append-only, hash-chained (X5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import AREA_CODE, BigId, Json, UtcDateTime


class AuditEvent(db.Model):
    """One event: who, when, from where, what, on which record, from what to what. Never updated, never deleted."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index(None, "subject_type", "subject_id", "id"),
        Index(None, "actor_id", "id"),
        Index(None, "area_code", "id"),
        # The trail as it is searched: by what was done, and when.
        Index(None, "action", "id"),
        Index(None, "recorded_at"),
    )

    # Numbered by the chain itself without gaps, so that a missing row shows.
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None]
    actor_label: Mapped[str] = mapped_column(String(120))
    remote_address: Mapped[str | None] = mapped_column(String(45))
    action: Mapped[str] = mapped_column(String(60))
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(40))
    area_code: Mapped[str] = mapped_column(AREA_CODE)
    changes: Mapped[dict[str, Any]] = mapped_column(Json)
    chain_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditCheck(db.Model):
    """One look at the whole chain: how many events held, and the first that does not."""

    __tablename__ = "audit_check"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    # None: the system's own, by the clock.
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    checked: Mapped[int] = mapped_column(BigInteger, default=0)
    fault_event_id: Mapped[int | None] = mapped_column(BigInteger)
    problem: Mapped[str | None] = mapped_column(String(40))


class AuditHead(db.Model):
    """The end of the chain, one row: how many events there are and the hash of the last, sealed with the audit key."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_id: Mapped[int] = mapped_column(BigInteger)
    chain_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
