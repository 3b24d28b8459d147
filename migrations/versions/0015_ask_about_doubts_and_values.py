"""Ask about rows that may be one person, and about texts that nobody knows"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.access import policies

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)
_INDEX = sa.LargeBinary(length=16)
_FILLED = sa.text("name_birth_index IS NOT NULL")


def upgrade() -> None:
    for table in ("screening_entry", "import_row"):
        op.add_column(table, sa.Column("name_birth_index", _INDEX, nullable=True))
    op.create_index(
        "ix_screening_entry_name_birth_index",
        "screening_entry",
        ["name_birth_index"],
        sqlite_where=_FILLED,
        postgresql_where=_FILLED,
    )
    op.add_column("column_mapping", sa.Column("field", sa.String(length=40), nullable=True))
    op.add_column("import_batch", sa.Column("unknown_values", sa.LargeBinary(), nullable=True))
    _create_doubts()
    policies.secure(op.get_bind(), "entry_doubt", policies.AREA_ROWS)


def downgrade() -> None:
    op.drop_table("entry_doubt")
    op.drop_column("import_batch", "unknown_values")
    op.drop_column("column_mapping", "field")
    op.drop_index("ix_screening_entry_name_birth_index", table_name="screening_entry")
    for table in ("import_row", "screening_entry"):
        op.drop_column(table, "name_birth_index")


def _create_doubts() -> None:
    op.create_table(
        "entry_doubt",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("batch_id", _ID, nullable=False),
        sa.Column("entry_id", _ID, nullable=True),
        sa.Column("other_id", _ID, nullable=True),
        sa.Column("basis", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("identity_index", _INDEX, nullable=False),
        sa.Column("pair_index", _INDEX, nullable=False),
        sa.Column("target_area_code", sa.String(length=12), nullable=False),
        sa.Column("target_venue_id", _ID, nullable=True),
        sa.Column("target_reason", sa.String(length=120), nullable=True),
        sa.Column("filled", _JSON, nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        _reference("batch_id", "import_batch"),
        _reference("entry_id", "screening_entry", ondelete="SET NULL"),
        _reference("other_id", "screening_entry", ondelete="SET NULL"),
        _reference("decided_by_id", "ab_user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_doubt")),
    )
    for columns in (["area_code", "state", "id"], ["batch_id", "state"], ["entry_id"], ["other_id"]):
        op.create_index(f"ix_entry_doubt_{'_'.join(columns)}", "entry_doubt", columns)
    _index_answered("ix_entry_doubt_linked", ["kind", "identity_index"], "LINKED")
    _index_answered("ix_entry_doubt_distinct", ["pair_index"], "DISTINCT")


def _reference(column: str, table: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_entry_doubt_{column}_{table}")
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete=ondelete)


def _index_answered(name: str, columns: list[str], state: str) -> None:
    holds = sa.text(f"state = '{state}'")
    op.create_index(name, "entry_doubt", columns, sqlite_where=holds, postgresql_where=holds)
