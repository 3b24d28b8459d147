"""Codes of the sectors: batches, particulars of venues, the remote mark"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

from app.access import policies

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ROWS = {"code_batch": policies.CODE_BATCHES, "code_print": policies.CODE_PRINTS}
_POINTERS = (("batch_id", "code_batch"), ("replaced_by_id", "venue"))


def upgrade() -> None:
    _create_batches()
    for column in _plain_columns():
        op.add_column("venue", column)
    for name, target in _POINTERS:
        _add_pointer(name, target)
    op.create_index("ix_venue_kind_activated_at_id", "venue", ["kind", "activated_at", "id"])
    op.create_index("ix_venue_batch_id_batch_number", "venue", ["batch_id", "batch_number"], unique=True)
    op.create_index("ix_venue_contact_phone_index", "venue", ["contact_phone_index"])
    op.add_column("entry_record", sa.Column("is_remote", sa.Boolean(), server_default=sa.false(), nullable=False))
    for table, predicate in _ROWS.items():
        policies.secure(op.get_bind(), table, predicate)


def downgrade() -> None:
    op.drop_column("entry_record", "is_remote")
    for name in ("contact_phone_index", "batch_id_batch_number", "kind_activated_at_id"):
        op.drop_index(f"ix_venue_{name}", "venue")
    _drop_pointers()
    for column in _plain_columns():
        op.drop_column("venue", column.name)
    op.drop_table("code_print")
    op.drop_table("code_batch")


def _plain_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("line", sa.String(length=60), nullable=True),
        sa.Column("plate", sa.String(length=10), nullable=True),
        sa.Column("company", sa.String(length=100), nullable=True),
        sa.Column("social_credit_code", sa.String(length=18), nullable=True),
        sa.Column("subtype", sa.String(length=40), nullable=True),
        sa.Column("contact_name", sa.String(length=64), nullable=True),
        sa.Column("contact_phone", sa.LargeBinary(), nullable=True),
        sa.Column("contact_phone_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("code_state", sa.String(length=40), server_default="ACTIVE", nullable=False),
        sa.Column("batch_number", sa.Integer(), nullable=True),
        sa.Column("handed_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_out_to", sa.String(length=120), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("poster_pin", sa.String(length=6), nullable=True),
    )


def _create_batches() -> None:
    op.create_table(
        "code_batch",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("remark", sa.String(length=200), nullable=True),
        *_of_a_job("code_batch"),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_batch")),
    )
    op.create_index("ix_code_batch_area_code_id", "code_batch", ["area_code", "id"])
    op.create_index("ix_code_batch_kind_id", "code_batch", ["kind", "id"])
    op.create_index("ix_code_batch_state_heartbeat_at", "code_batch", ["state", "heartbeat_at"])
    op.create_table(
        "code_print",
        sa.Column("id", _ID, nullable=False),
        sa.Column("batch_id", _ID, nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("first_number", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("file_id", _ID, nullable=True),
        *_of_a_job("code_print"),
        sa.ForeignKeyConstraint(["batch_id"], ["code_batch.id"], name=op.f("fk_code_print_batch_id_code_batch")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_code_print_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_print")),
    )
    op.create_index("ix_code_print_batch_id_id", "code_print", ["batch_id", "id"])
    op.create_index("ix_code_print_state_heartbeat_at", "code_print", ["state", "heartbeat_at"])


def _of_a_job(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """The columns that both tables of work in hand have."""
    return (
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f(f"fk_{table}_created_by_id_ab_user")),
    )


def _add_pointer(name: str, target: str) -> None:
    """Add a column with its foreign key in one statement: SQLite adds none to a column that is there."""
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE venue ADD COLUMN {name} {number} CONSTRAINT fk_venue_{name}_{target} REFERENCES {target} (id)"
    )


def _drop_pointers() -> None:
    if op.get_bind().dialect.name != "sqlite":
        for name, _target in _POINTERS:
            op.drop_column("venue", name)
        return
    with _without_foreign_keys(), op.batch_alter_table("venue", schema=None) as table:
        for name, _target in _POINTERS:
            table.drop_column(name)


@contextmanager
def _without_foreign_keys() -> Iterator[None]:
    """SQLite makes such a change by copying the table and dropping the first; rows that point to it must let it."""
    with op.get_context().autocommit_block():
        op.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        with op.get_context().autocommit_block():
            op.execute("PRAGMA foreign_keys=ON")
