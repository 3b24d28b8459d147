"""Compare lists with known people, keep exports and what was said about columns"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.access import policies

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)
_ROWS = {
    "comparison": policies.OWN_WORK,
    "comparison_match": policies.COMPARISON_MATCHES,
    "export_file": policies.OWN_WORK,
    "column_mapping": policies.AREA_ROWS,
}


def upgrade() -> None:
    _create_comparisons()
    _create_matches()
    _create_exports()
    _create_mappings()
    op.add_column("import_batch", sa.Column("header", sa.LargeBinary(), nullable=True))
    for table, predicate in _ROWS.items():
        policies.secure(op.get_bind(), table, predicate)


def downgrade() -> None:
    op.drop_column("import_batch", "header")
    for table in ("column_mapping", "export_file", "comparison_match", "comparison"):
        op.drop_table(table)


def _create_comparisons() -> None:
    op.create_table(
        "comparison",
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=True),
        sa.Column("positions", _JSON, nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("counts", _JSON, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        *_of_own_work("comparison"),
    )
    _index_own_work("comparison")


def _create_matches() -> None:
    op.create_table(
        "comparison_match",
        sa.Column("id", _ID, nullable=False),
        sa.Column("comparison_id", _ID, nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("basis", sa.String(length=40), nullable=False),
        sa.Column("is_doubtful", sa.Boolean(), nullable=False),
        sa.Column("color", sa.String(length=40), nullable=False),
        sa.Column("compound", sa.String(length=120), nullable=True),
        sa.Column("last_entry_at", _MOMENT, nullable=True),
        sa.Column("last_entry_place", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["comparison_id"],
            ["comparison.id"],
            name=op.f("fk_comparison_match_comparison_id_comparison"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_comparison_match_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison_match")),
    )
    op.create_index(
        "ix_comparison_match_comparison_id_row_number_person_id",
        "comparison_match",
        ["comparison_id", "row_number", "person_id"],
        unique=True,
    )


def _create_exports() -> None:
    op.create_table(
        "export_file",
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("screen", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=True),
        sa.Column("conditions", sa.LargeBinary(), nullable=True),
        sa.Column("is_full", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=True),
        *_of_own_work("export_file"),
    )
    _index_own_work("export_file")


def _create_mappings() -> None:
    op.create_table(
        "column_mapping",
        sa.Column("id", _ID, nullable=False),
        sa.Column("list_key", sa.String(length=40), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=16), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_column_mapping_created_by_id_ab_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_column_mapping")),
    )
    op.create_index(
        "ix_column_mapping_list_key_area_code_signature",
        "column_mapping",
        ["list_key", "area_code", "signature"],
        unique=True,
    )
    op.create_index("ix_column_mapping_area_code_id", "column_mapping", ["area_code", "id"])


def _of_own_work(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """The columns of both: whose it is, its file, and how the job stands."""
    return (
        sa.Column("id", _ID, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("file_id", _ID, nullable=True),
        sa.Column("failure", _JSON, nullable=True),
        sa.Column("heartbeat_at", _MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f(f"fk_{table}_created_by_id_ab_user")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f(f"fk_{table}_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _index_own_work(table: str) -> None:
    op.create_index(f"ix_{table}_created_by_id_id", table, ["created_by_id", "id"])
    op.create_index(f"ix_{table}_state_heartbeat_at", table, ["state", "heartbeat_at"])
    op.create_index(f"ix_{table}_expires_at", table, ["expires_at"])
