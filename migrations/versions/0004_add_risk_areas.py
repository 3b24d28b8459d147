"""Add risk areas"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "risk_area_list",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column(
            "announced", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "listed", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("change_set_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_risk_area_list_created_by_id_ab_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_area_list")),
    )
    op.create_index(
        op.f("ix_risk_area_list_state_published_at"), "risk_area_list", ["state", "published_at"], unique=False
    )

    op.create_table(
        "risk_area_name",
        sa.Column("province", sa.String(length=80), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("county", sa.String(length=80), nullable=False),
        sa.Column("matched_code", sa.String(length=12), nullable=False),
        sa.Column("assigned_by_id", sa.Integer(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assigned_by_id"], ["ab_user.id"], name=op.f("fk_risk_area_name_assigned_by_id_ab_user")
        ),
        sa.PrimaryKeyConstraint("province", "city", "county", name=op.f("pk_risk_area_name")),
    )
    op.create_table(
        "risk_area",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("province", sa.String(length=80), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("county", sa.String(length=80), nullable=False),
        sa.Column(
            "places", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("matched_code", sa.String(length=12), nullable=True),
        sa.Column("unmatched", sa.String(length=40), nullable=True),
        sa.Column("in_force_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_force_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ground", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["list_id"], ["risk_area_list.id"], name=op.f("fk_risk_area_list_id_risk_area_list")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_area")),
    )
    op.create_index(
        op.f("ix_risk_area_in_force_from_in_force_until"),
        "risk_area",
        ["in_force_from", "in_force_until"],
        unique=False,
    )
    op.create_index(op.f("ix_risk_area_list_id"), "risk_area", ["list_id"], unique=False)
    op.create_index(
        op.f("ix_risk_area_matched_code_in_force_from"), "risk_area", ["matched_code", "in_force_from"], unique=False
    )
    op.create_index(
        op.f("ix_risk_area_province_city_county"), "risk_area", ["province", "city", "county"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_risk_area_province_city_county"), table_name="risk_area")
    op.drop_index(op.f("ix_risk_area_matched_code_in_force_from"), table_name="risk_area")
    op.drop_index(op.f("ix_risk_area_list_id"), table_name="risk_area")
    op.drop_index(op.f("ix_risk_area_in_force_from_in_force_until"), table_name="risk_area")

    op.drop_table("risk_area")
    op.drop_table("risk_area_name")
    op.drop_index(op.f("ix_risk_area_list_state_published_at"), table_name="risk_area_list")

    op.drop_table("risk_area_list")
