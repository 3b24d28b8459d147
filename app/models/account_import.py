"""Files of accounts that somebody brings, on their way to accounts (Z-A7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.labels import N_, Labelled
from app.extensions import db
from app.models.base import AreaScoped, Timestamped
from app.models.encryption import EncryptedText
from app.models.types import BigId, EnumByName, Json, UtcDateTime


class AccountImportState(Labelled):
    """The life of a file of accounts. RUNNING is worked on by a job and ends by itself."""

    CHECKED = N_("待确认")
    RUNNING = N_("正在开通")
    DONE = N_("已完成")
    FAILED = N_("未能完成")
    CANCELLED = N_("已取消")
    EXPIRED = N_("已过期")


class AccountImport(AreaScoped, Timestamped, db.Model):
    """One file of accounts; the row stays as the record when the file and its preview are gone."""

    __tablename__ = "account_import"
    __table_args__ = (
        Index(None, "created_by_id", "id"),
        Index(None, "state", "heartbeat_at"),
        Index(None, "expires_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    state: Mapped[AccountImportState] = mapped_column(EnumByName(AccountImportState))
    file_name: Mapped[str] = mapped_column(String(200))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    # The rows as the preview shows them, those with faults first.
    preview: Mapped[str | None] = mapped_column(EncryptedText("account_import.preview"))
    # How many rows there are of each verdict; `created` grows with each account, in its transaction.
    counts: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    # The last row of the sheet that was dealt with: a killed job goes on after it.
    done: Mapped[int] = mapped_column(default=0)
    failure: Mapped[dict[str, Any] | None] = mapped_column(Json)
    heartbeat_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
