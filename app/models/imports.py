"""Import batches and the files that come and go with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.labels import N_, Labelled
from app.domain.screening import ScreeningKind
from app.extensions import db
from app.models.base import AreaScoped, Timestamped
from app.models.encryption import EncryptedText
from app.models.types import BigId, EnumByName, Json, UtcDateTime


class BatchState(Labelled):
    """The life of a batch. CHECKING and IMPORTING are worked on by a job and end by themselves."""

    CHECKING = N_("正在检查")
    # Its titles are unknown; somebody has to say which column is which.
    AWAITING_COLUMNS = N_("待选择列")
    CHECKED = N_("待确认")
    # It would change many colours; a second person decides about its change set (X4).
    AWAITING = N_("待批准")
    IMPORTING = N_("正在导入")
    IMPORTED = N_("已导入")
    FAILED = N_("未能导入")
    CANCELLED = N_("已取消")
    UNDONE = N_("已撤回")

    @property
    def is_running(self) -> bool:
        return self in (BatchState.CHECKING, BatchState.IMPORTING)


class StoredFile(db.Model):
    """A file kept in the database, sealed piece by piece, so that any web process and any worker can reach it."""

    __tablename__ = "stored_file"
    __table_args__ = (Index(None, "expires_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StoredPiece(db.Model):
    """One sealed piece of a stored file, in order."""

    __tablename__ = "stored_piece"

    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class ImportBatch(AreaScoped, Timestamped, db.Model):
    """One file on its way into one list, with its counts; the row itself stays as the record of what came."""

    __tablename__ = "import_batch"
    __table_args__ = (Index(None, "state", "heartbeat_at"), Index(None, "area_code", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[ScreeningKind] = mapped_column(EnumByName(ScreeningKind))
    # What the importer chose for the whole file, in a list that has categories (「选择所属分类导入」).
    category: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[BatchState] = mapped_column(EnumByName(BatchState))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    rejected_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    heartbeat_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The titles as JSON, where they had to be asked about: of a file without a header they are somebody's data.
    header: Mapped[str | None] = mapped_column(EncryptedText("import_batch.header"))
    # Texts that nobody knew, as {column: {text: rows}} in JSON: what stands in a cell may be anybody's data.
    unknown_values: Mapped[str | None] = mapped_column(EncryptedText("import_batch.unknown_values"))
    # What the check found; see services/imports.py `Counts`. No personal data.
    counts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    # The first rows as the preview shows them, masked.
    sample: Mapped[list[Any]] = mapped_column(Json, default=list)
    # Why it could not be imported: a message id with its parameters, so that each reader gets it in their language.
    failure: Mapped[dict[str, Any] | None] = mapped_column(Json)
    # How often its job was put into the queue; part of the job's id.
    attempts: Mapped[int] = mapped_column(default=0)
    # Who works on it: a worker takes the next number, and whoever holds an earlier one writes nothing any more.
    lease: Mapped[int] = mapped_column(default=0)


class ImportChunk(db.Model):
    """What a check found in one piece of its file besides new rows; with them it is where a killed check goes on.

    Gone when the check has ended: by then the rejected rows stand in their workbook.
    """

    __tablename__ = "import_chunk"

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # The identities of rows that the list has already, 16 bytes each: the same row again is a duplicate.
    present: Mapped[bytes] = mapped_column(LargeBinary)
    # The rejected rows as they came, with their faults.
    rejected: Mapped[str | None] = mapped_column(EncryptedText("import_chunk.rejected"))
