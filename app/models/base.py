"""What scoped tables share: the area code (and venue) by which access/ narrows every statement."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.types import AREA_CODE, UtcDateTime


class AreaScoped:
    """A row that belongs to one node of the area tree; `area_code` is that node's digits-only code."""

    area_code: Mapped[str] = mapped_column(AREA_CODE)


class Timestamped:
    """When the row came and when it last changed, both set by services from one `now()`."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
