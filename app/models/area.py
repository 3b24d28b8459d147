"""The area tree (Z-A1): province, city, district, street, community with their official codes."""

from __future__ import annotations

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import AREA_CODE, Json


class Area(db.Model):
    """One node. `code` is hierarchical by prefix (2, 4, 6, 9, 12 digits); `official_code` is the published one."""

    __tablename__ = "area"
    __table_args__ = (Index(None, "parent_code", "code"),)

    code: Mapped[str] = mapped_column(AREA_CODE, primary_key=True)
    official_code: Mapped[str | None] = mapped_column(AREA_CODE)
    name: Mapped[str] = mapped_column(String(80))
    level: Mapped[str] = mapped_column(String(12))
    parent_code: Mapped[str | None] = mapped_column(AREA_CODE)
    aliases: Mapped[list[str]] = mapped_column(Json, default=list)

    def __str__(self) -> str:
        return self.name
