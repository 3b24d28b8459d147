"""The area tree (Z-A1): province, city, district, street, community with their official codes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, cast
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.domain.labels import N_, Labelled
from app.extensions import db
from app.models.base import AreaScoped, Timestamped
from app.models.types import AREA_CODE, BigId, EnumByName, Json, UtcDateTime


class Area(db.Model):
    """One node. `code` is hierarchical by prefix (2, 4, 6, 9, 12 digits); `official_code` is the published one."""

    __tablename__ = "area"
    __table_args__ = (Index(None, "parent_code", "code"),)

    code: Mapped[str] = mapped_column(AREA_CODE, primary_key=True)
    # The code as the number by which its page is addressed.
    id: Mapped[int] = column_property(cast(code, BigInteger))
    official_code: Mapped[str | None] = mapped_column(AREA_CODE)
    name: Mapped[str] = mapped_column(String(80))
    level: Mapped[str] = mapped_column(String(12))
    parent_code: Mapped[str | None] = mapped_column(AREA_CODE)
    aliases: Mapped[list[str]] = mapped_column(Json, default=list)
    # An area that is over keeps its name for what is on record; nothing new goes there.
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def __str__(self) -> str:
        return self.name


class FormerAreaCode(db.Model):
    """A code that an area had before it moved: it is never given again, and whoever still holds it finds the area."""

    __tablename__ = "former_area_code"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    area_code: Mapped[str] = mapped_column(AREA_CODE, index=True)
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MoveState(Labelled):
    """How far a move is."""

    RUNNING = N_("进行中")
    FINISHED = N_("已完成")
    FAILED = N_("未完成")


class AreaMove(AreaScoped, Timestamped, db.Model):
    """An area (or a compound) put under another parent by a job. `area_code` is the smallest area that holds both places."""

    __tablename__ = "area_move"
    __table_args__ = (Index(None, "area_code", "id"), Index(None, "state", "heartbeat_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    # Plain texts, not codes of the tree: the record says what was, whatever moves later.
    from_code: Mapped[str] = mapped_column(String(12))
    to_code: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(120))
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venue.id"))
    state: Mapped[MoveState] = mapped_column(EnumByName(MoveState))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    heartbeat_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
