"""Rows of a list that come from no file, belong to a compound, or stand in a category (Z-T3 to Z-T8)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.access import policies

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_REFERENCES = {"venue_id": ("venue", _BIG), "created_by_id": ("ab_user", sa.Integer())}
_ROWS = {
    "screening_entry": policies.SCREENING_ENTRIES,
    "screening_outcome": policies.SCREENING_OUTCOMES,
    "import_batch": policies.IMPORT_BATCHES,
}
_NULLABLE = ("batch_id", "row_number")


def upgrade() -> None:
    op.add_column("screening_entry", sa.Column("source", sa.String(40), nullable=False, server_default="IMPORT"))
    op.add_column("screening_entry", sa.Column("category", sa.String(40)))
    op.add_column("screening_entry", sa.Column("arrived_at", _MOMENT))
    for name, (table, kind) in _REFERENCES.items():
        _add_reference(name, table, kind)
    _allow_null()
    for name in ("venue_id", "category"):
        op.create_index(
            f"ix_screening_entry_kind_{name}_id",
            "screening_entry",
            ["kind", name, "id"],
            sqlite_where=sa.text(f"{name} IS NOT NULL"),
            postgresql_where=sa.text(f"{name} IS NOT NULL"),
        )
    op.add_column("import_batch", sa.Column("category", sa.String(40)))
    op.add_column("import_row", sa.Column("venue_id", _BIG))
    op.add_column("import_row", sa.Column("category", sa.String(40)))
    op.add_column("import_row", sa.Column("status", sa.String(40)))
    op.add_column("import_row", sa.Column("arrived_at", _MOMENT))
    for table, predicate in _ROWS.items():
        policies.secure(op.get_bind(), table, predicate)


def _add_reference(name: str, table: str, kind: sa.types.TypeEngine[int]) -> None:
    constraint = f"fk_screening_entry_{name}_{table}"
    if op.get_bind().dialect.name == "sqlite":
        # SQLite takes a reference with the new column only, and would copy the whole table for one that comes later.
        op.execute(
            f"ALTER TABLE screening_entry ADD COLUMN {name} INTEGER CONSTRAINT {constraint} REFERENCES {table} (id)"
        )
        return
    op.add_column("screening_entry", sa.Column(name, kind))
    op.create_foreign_key(constraint, "screening_entry", table, [name], ["id"])


def _allow_null() -> None:
    if op.get_bind().dialect.name != "sqlite":
        for name in _NULLABLE:
            op.alter_column("screening_entry", name, nullable=True)
        return
    # The way that SQLite's manual gives for dropping NOT NULL: a copy of the table would break the outcomes that
    # refer to it, because foreign keys cannot be put to sleep within a transaction.
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    for name in _NULLABLE:
        connection.exec_driver_sql(
            "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'screening_entry'",
            (f"{name} INTEGER NOT NULL", f"{name} INTEGER"),
        )
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")


def downgrade() -> None:
    raise NotImplementedError("rows without a batch have no place in the tables before")
