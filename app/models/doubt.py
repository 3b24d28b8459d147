"""Pairs of rows that may be about one person, and what somebody answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.doubts import DoubtBasis, DoubtState
from app.domain.screening import ScreeningKind
from app.extensions import db
from app.models.base import AreaScoped, Timestamped
from app.models.screening import ScreeningEntry
from app.models.types import AREA_CODE, BigId, EnumByName, Json, UtcDateTime


def _where_state(name: str, *columns: str, state: DoubtState) -> Index:
    holds = text(f"state = '{state.name}'")
    return Index(name, *columns, sqlite_where=holds, postgresql_where=holds)


class EntryDoubt(AreaScoped, Timestamped, db.Model):
    """A row that came with a batch and waits, because `other`, which was there before, may be about the same person.

    Answered, it stays: LINKED and SKIPPED while its batch does, DISTINCT as the memory that these two are not the same.
    """

    __tablename__ = "entry_doubt"
    __table_args__ = (
        Index(None, "area_code", "state", "id"),
        Index(None, "batch_id", "state"),
        Index(None, "entry_id"),
        Index(None, "other_id"),
        _where_state("ix_entry_doubt_linked", "kind", "identity_index", state=DoubtState.LINKED),
        _where_state("ix_entry_doubt_distinct", "pair_index", state=DoubtState.DISTINCT),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[ScreeningKind] = mapped_column(EnumByName(ScreeningKind))
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("screening_entry.id", ondelete="SET NULL"))
    other_id: Mapped[int | None] = mapped_column(ForeignKey("screening_entry.id", ondelete="SET NULL"))
    basis: Mapped[DoubtBasis] = mapped_column(EnumByName(DoubtBasis))
    state: Mapped[DoubtState] = mapped_column(EnumByName(DoubtState))
    # The row's, so that a linked one that comes again is there already; and the two people's, in either order.
    identity_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    pair_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    # Where the row goes once it is known to be somebody else, as its list's rule of dispatch said.
    target_area_code: Mapped[str] = mapped_column(AREA_CODE)
    target_venue_id: Mapped[int | None] = mapped_column(BigId)
    target_reason: Mapped[str | None] = mapped_column(String(120))
    # What a link filled in of the other row's blanks, so that taking the batch back empties them again.
    filled: Mapped[list[Any] | None] = mapped_column(Json)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    entry: Mapped[ScreeningEntry | None] = relationship(foreign_keys=[entry_id])
    other: Mapped[ScreeningEntry | None] = relationship(foreign_keys=[other_id])
