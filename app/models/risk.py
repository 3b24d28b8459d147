"""Risk areas: the lists as they were published, what stands on each, and what somebody entered beside them (2.1)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.labels import N_, Labelled
from app.domain.risk import MOST_NAME, RiskLevel, Unmatched
from app.extensions import db
from app.models.types import AREA_CODE, BigId, EnumByName, Json, UtcDateTime


class RiskListState(Labelled):
    """Where a list is: read, waiting for a second person where it would recolour many, in force, or taken back."""

    WAITING = N_("待审批")
    IN_FORCE = N_("已生效")
    REJECTED = N_("已驳回")
    WITHDRAWN = N_("已撤回")


class RiskAreaSource(Labelled):
    """How a row came."""

    OFFICIAL = N_("官方名单")
    MANUAL = N_("手工录入")
    SHEET = N_("表格导入")


class RiskAreaList(db.Model):
    """What came at once: an official file, in force until the next one's moment, a sheet of ours, or one entry."""

    __tablename__ = "risk_area_list"
    __table_args__ = (Index(None, "state", "published_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[RiskAreaSource] = mapped_column(EnumByName(RiskAreaSource))
    state: Mapped[RiskListState] = mapped_column(EnumByName(RiskListState))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str | None] = mapped_column(String(64))
    # Places by level: what the file says of itself, and what stands in it.
    announced: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    listed: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    # The change of colours that it brings, where that had to wait.
    change_set_id: Mapped[int | None] = mapped_column(BigInteger)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RiskArea(db.Model):
    """One row: the names as published, the area of the tree that they mean, and from when until when it counts.

    It counts only while its list is in force; `in_force_until` is empty while nothing ends it.
    """

    __tablename__ = "risk_area"
    __table_args__ = (
        Index(None, "list_id"),
        Index(None, "matched_code", "in_force_from"),
        Index(None, "in_force_from", "in_force_until"),
        Index(None, "province", "city", "county"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("risk_area_list.id"))
    level: Mapped[RiskLevel] = mapped_column(EnumByName(RiskLevel))
    province: Mapped[str] = mapped_column(String(MOST_NAME))
    city: Mapped[str] = mapped_column(String(MOST_NAME))
    county: Mapped[str] = mapped_column(String(MOST_NAME))
    places: Mapped[list[str]] = mapped_column(Json, default=list)
    # Not `area_code`: the row belongs to nobody's area, it names one.
    matched_code: Mapped[str | None] = mapped_column(AREA_CODE)
    unmatched: Mapped[Unmatched | None] = mapped_column(EnumByName(Unmatched))
    in_force_from: Mapped[datetime] = mapped_column(UtcDateTime)
    in_force_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ground: Mapped[str | None] = mapped_column(String(200))

    risk_list: Mapped[RiskAreaList] = relationship()

    @property
    def published_name(self) -> str:
        """The names as published, in one text."""
        return " ".join(dict.fromkeys(name for name in (self.province, self.city, self.county) if name))


class RiskAreaName(db.Model):
    """A published name that somebody assigned to an area by hand; later files go by it."""

    __tablename__ = "risk_area_name"

    province: Mapped[str] = mapped_column(String(MOST_NAME), primary_key=True)
    city: Mapped[str] = mapped_column(String(MOST_NAME), primary_key=True)
    county: Mapped[str] = mapped_column(String(MOST_NAME), primary_key=True)
    matched_code: Mapped[str] = mapped_column(AREA_CODE)
    assigned_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime)
