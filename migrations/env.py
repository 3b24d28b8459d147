"""Run the migrations on the application's own database connection."""

from __future__ import annotations

import logging
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

import app.models  # noqa: F401 - every table must be known
from app.access.policies import admit_role
from app.models.encryption import EncryptedText
from app.models.types import EnumByName, UtcDateTime

extension = current_app.extensions["migrate"]


def _render(kind: str, value: Any, _autogen: Any) -> str | bool:
    """Write our column types as what they are in the database: a migration must not change when a class does."""
    if kind != "type":
        return False
    if isinstance(value, EncryptedText):
        return "sa.LargeBinary()"
    if isinstance(value, EnumByName):
        return "sa.String(length=40)"
    if isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _include(_object: Any, name: str | None, kind: str, reflected: bool, _compare_to: Any) -> bool:
    # Monthly partitions are made by services/partitions.py and belong to no model.
    return not (kind == "table" and reflected and str(name).startswith("entry_record_"))


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=extension.db.metadata,
        render_item=_render,
        include_object=_include,
        **extension.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
        lacking = admit_role(connection)
    if lacking:
        logging.getLogger("alembic").warning(
            "Row-level security is not complete. Let an administrator of the database run: %s"
            " Then run `flask --app run db upgrade` again (docs/operations.md).",
            lacking,
        )


with extension.db.engine.connect() as connection:
    run(connection)
    connection.commit()
