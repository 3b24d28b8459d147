"""Files of accounts that somebody brings, on their way to accounts (Z-A7)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.labels import N_, Labelled
from app.extensions import db
from app.models.base import AreaScoped, AskedWork, Timestamped
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


class AccountImport(AskedWork, AreaScoped, Timestamped, db.Model):
    """One file of accounts; the row stays as the record when the file and its preview are gone."""

    __tablename__ = "account_import"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    state: Mapped[AccountImportState] = mapped_column(EnumByName(AccountImportState))
    file_name: Mapped[str] = mapped_column(String(200))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    # The rows as the preview shows them, those with faults first.
    preview: Mapped[str | None] = mapped_column(EncryptedText("account_import.preview"))
    # How many rows there are of each verdict; `created` grows with each account, in its transaction.
    counts: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    # The last row of the sheet that was dealt with: a killed job goes on after it.
    done: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
