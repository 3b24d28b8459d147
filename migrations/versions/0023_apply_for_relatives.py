"""Apply for relatives, and show their codes on the applicant's phones"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.access import policies

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "relative",
        sa.Column("id", _ID, nullable=False),
        sa.Column("form_number", sa.BigInteger(), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("applicant_id", _ID, nullable=False),
        sa.Column("relation", sa.String(length=40), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("pledge_version", sa.String(length=20), nullable=False),
        sa.Column("answers", _JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_relative_person_id_person")),
        sa.ForeignKeyConstraint(["applicant_id"], ["person.id"], name=op.f("fk_relative_applicant_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relative")),
        sa.UniqueConstraint("form_number", name=op.f("uq_relative_form_number")),
        sa.UniqueConstraint("person_id", name=op.f("uq_relative_person_id")),
    )
    op.create_index("ix_relative_applicant_id", "relative", ["applicant_id"])
    # The person's own pages read it, each by its key.
    policies.secure(op.get_bind(), "relative", None)
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    # SQLite takes a reference with the new column only.
    op.execute(
        f"ALTER TABLE held_code ADD COLUMN relative_id {number}"
        " CONSTRAINT fk_held_code_relative_id_relative REFERENCES relative (id)"
    )


def downgrade() -> None:
    op.execute("DELETE FROM held_code WHERE relative_id IS NOT NULL")
    with op.batch_alter_table("held_code", schema=None) as table:
        table.drop_column("relative_id")
    op.drop_table("relative")
