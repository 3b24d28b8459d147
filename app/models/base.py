"""What scoped tables share: the area code (and venue) by which access/ narrows every statement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.models.types import AREA_CODE, Json, UtcDateTime


class AreaScoped:
    """A row that belongs to one node of the area tree; `area_code` is that node's digits-only code."""

    area_code: Mapped[str] = mapped_column(AREA_CODE)


class Timestamped:
    """When the row came and when it last changed, both set by services from one `now()`."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AskedWork:
    """Work that an account asked for and a job does; the row, with its state and its end, outlives what was made."""

    created_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    failure: Mapped[dict[str, Any] | None] = mapped_column(Json)
    # The sweep starts again whatever has not been heard of for long.
    heartbeat_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index, ...]:
        return (
            Index(None, "created_by_id", "id"),
            Index(None, "state", "heartbeat_at"),
            Index(None, "expires_at"),
        )
