"""Exports: what somebody took out of the system, when, and in which state the file is (「导出统计管理」)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.labels import N_, Labelled
from app.extensions import db
from app.models.base import AreaScoped, AskedWork, Timestamped
from app.models.encryption import EncryptedText
from app.models.types import BigId, EnumByName, UtcDateTime


class ExportState(Labelled):
    """The life of an export. RUNNING is worked on by a job and ends by itself; a small one is sent at once."""

    RUNNING = N_("正在生成")
    READY = N_("可下载")
    SENT = N_("已下载")
    FAILED = N_("未能生成")
    EXPIRED = N_("已过期")


class ExportFile(AskedWork, AreaScoped, Timestamped, db.Model):
    """One export of one account; the row stays as the record when the file is gone."""

    __tablename__ = "export_file"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    state: Mapped[ExportState] = mapped_column(EnumByName(ExportState))
    # The screen's class, by which the job finds it again, and its title.
    screen: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(80))
    # What was asked, as JSON: the search with names and numbers in clear, the language, the compound in hand.
    asked: Mapped[str | None] = mapped_column(EncryptedText("export_file.asked"))
    # The search as its owner reads it in the list: labels and values.
    conditions: Mapped[str | None] = mapped_column(EncryptedText("export_file.conditions"))
    is_full: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(String(200))
    rows: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
