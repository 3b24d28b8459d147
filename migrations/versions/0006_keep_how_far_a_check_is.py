"""Keep how far a check is, so that a killed one goes on"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.access import policies

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_chunk",
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("present", sa.LargeBinary(), nullable=False),
        sa.Column("rejected", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_import_chunk_batch_id_import_batch"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_import_chunk")),
    )
    # Worked on by jobs only.
    policies.secure(op.get_bind(), "import_chunk", None)


def downgrade() -> None:
    op.drop_table("import_chunk")
