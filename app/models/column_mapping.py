"""What somebody said once about the columns of a list's files, for every later file of the same source."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.base import AreaScoped, Timestamped
from app.models.encryption import EncryptedText
from app.models.types import BigId


class ColumnMapping(AreaScoped, Timestamped, db.Model):
    """Which columns of one header are which of a list's, a source being known by its header; with `field`, what one
    text in that column of the list's files means.
    """

    __tablename__ = "column_mapping"
    __table_args__ = (
        Index(None, "list_key", "area_code", "signature", unique=True),
        Index(None, "area_code", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    list_key: Mapped[str] = mapped_column(String(40))
    # The column whose text is explained; None where it is the columns that are.
    field: Mapped[str | None] = mapped_column(String(40))
    signature: Mapped[bytes] = mapped_column(LargeBinary(16))
    # {"header": titles, "columns": {key: title}} as JSON: of a file without a header the titles are somebody's data.
    # With `field` it is {"text": as written, "target": what that means}.
    told: Mapped[str] = mapped_column(EncryptedText("column_mapping.told"))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
