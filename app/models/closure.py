"""Closed compounds: whose residents have evidence as long as the compound is closed (issue 2.1)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.labels import N_, Labelled
from app.extensions import db
from app.models.base import AreaScoped
from app.models.types import BigId, EnumByName, UtcDateTime
from app.models.venue import Venue


class ClosureState(Labelled):
    """A closing is proposed by one and agreed to by another; a rejected or rolled-back one never counted."""

    WAITING = N_("待批准")
    CLOSED = N_("封控中")
    REOPENED = N_("已解封")
    REJECTED = N_("已驳回")
    WITHDRAWN = N_("已撤回")

    @property
    def is_open(self) -> bool:
        """Whether the compound is closed, or about to be."""
        return self in (ClosureState.WAITING, ClosureState.CLOSED)


class CompoundClosure(AreaScoped, db.Model):
    """A compound closed from one moment to another, on a legal ground. Its evidence hangs on its change sets."""

    __tablename__ = "compound_closure"
    __table_args__ = (
        Index(None, "area_code", "id"),
        Index(None, "venue_id"),
        Index(
            "uq_compound_closure_open",
            "venue_id",
            unique=True,
            sqlite_where=text("state IN ('WAITING', 'CLOSED')"),
            postgresql_where=text("state IN ('WAITING', 'CLOSED')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    state: Mapped[ClosureState] = mapped_column(EnumByName(ClosureState))
    ground: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(String(1000))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    venue: Mapped[Venue] = relationship()
