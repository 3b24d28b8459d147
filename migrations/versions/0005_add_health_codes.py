"""Add health codes, the keys that sign them, and where they were seen"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.access import policies

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "code_signing_key",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=False),
        sa.Column("public", sa.LargeBinary(length=65), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signs_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_code_signing_key")),
    )
    op.create_table(
        "health_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_health_code_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_code")),
        sa.UniqueConstraint("number", name=op.f("uq_health_code_number")),
        sa.UniqueConstraint("person_id", name=op.f("uq_health_code_person_id")),
    )
    op.create_table(
        "health_declaration",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("form_number", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pledge_version", sa.String(length=20), nullable=False),
        sa.Column("residence_type", sa.String(length=40), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("registered_area_code", sa.String(length=12), nullable=False),
        sa.Column("condition", sa.String(length=40), nullable=False),
        sa.Column("has_contact", sa.Boolean(), nullable=False),
        sa.Column("is_returnee", sa.Boolean(), nullable=False),
        sa.Column("arrival_date", sa.Date(), nullable=True),
        sa.Column("transport", sa.String(length=40), nullable=True),
        sa.Column("connection_number", sa.String(length=20), nullable=True),
        sa.Column("is_from_abroad", sa.Boolean(), nullable=False),
        sa.Column("origin_area_code", sa.String(length=12), nullable=True),
        sa.Column("origin_country", sa.String(length=2), nullable=True),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_health_declaration_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_declaration")),
        sa.UniqueConstraint("form_number", name=op.f("uq_health_declaration_form_number")),
    )
    with op.batch_alter_table("health_declaration", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_health_declaration_person_id_created_at"), ["person_id", "created_at"], unique=False
        )

    op.create_table(
        "held_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("code_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["code_id"], ["health_code.id"], name=op.f("fk_held_code_code_id_health_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_code")),
    )
    with op.batch_alter_table("held_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_held_code_code_id"), ["code_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_held_code_device_index_code_id"), ["device_index", "code_id"], unique=True)

    op.create_table(
        "token_sighting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("is_elsewhere", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_token_sighting_account_id_ab_user")),
        sa.ForeignKeyConstraint(["code_id"], ["health_code.id"], name=op.f("fk_token_sighting_code_id_health_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_sighting")),
    )
    with op.batch_alter_table("token_sighting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_token_sighting_code_id_seen_at"), ["code_id", "seen_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_token_sighting_seen_at"), ["seen_at"], unique=False)
    for table in ("code_signing_key", "health_code", "health_declaration", "held_code", "token_sighting"):
        policies.secure(op.get_bind(), table, None)


def downgrade() -> None:
    with op.batch_alter_table("token_sighting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_token_sighting_seen_at"))
        batch_op.drop_index(batch_op.f("ix_token_sighting_code_id_seen_at"))

    op.drop_table("token_sighting")
    with op.batch_alter_table("held_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_held_code_device_index_code_id"))
        batch_op.drop_index(batch_op.f("ix_held_code_code_id"))

    op.drop_table("held_code")
    with op.batch_alter_table("health_declaration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_health_declaration_person_id_created_at"))

    op.drop_table("health_declaration")
    op.drop_table("health_code")
    op.drop_table("code_signing_key")
