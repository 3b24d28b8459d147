"""Add evidence, colours, rules, mass changes, appeals and look-ups of the health code"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "color_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("from_color", sa.String(length=40), nullable=False),
        sa.Column("to_color", sa.String(length=40), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("cause_id", sa.BigInteger(), nullable=True),
        sa.Column("rules_version", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_color_change")),
    )
    with op.batch_alter_table("color_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_color_change_cause_cause_id"), ["cause", "cause_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_color_change_document_index_changed_at"), ["document_index", "changed_at"], unique=False
        )

    op.create_table(
        "health_state",
        sa.Column("document_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("color", sa.String(length=40), nullable=False),
        sa.Column("changes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("timeline", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("reasons", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("rules_version", sa.String(length=40), nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("document_index", name=op.f("pk_health_state")),
    )
    with op.batch_alter_table("health_state", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_health_state_changes_at"), ["changes_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_health_state_rules_version_document_index"),
            ["rules_version", "document_index"],
            unique=False,
        )

    op.create_table(
        "change_set",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("cause_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("counts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("sample", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(length=500), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rolled_back_by_id", sa.Integer(), nullable=True),
        sa.Column("rolled_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["decided_by_id"], ["ab_user.id"], name=op.f("fk_change_set_decided_by_id_ab_user")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["ab_user.id"], name=op.f("fk_change_set_proposed_by_id_ab_user")),
        sa.ForeignKeyConstraint(
            ["rolled_back_by_id"], ["ab_user.id"], name=op.f("fk_change_set_rolled_back_by_id_ab_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_set")),
    )
    with op.batch_alter_table("change_set", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_change_set_cause_cause_id"), ["cause", "cause_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_change_set_proposed_by_id_proposed_at"), ["proposed_by_id", "proposed_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_change_set_state_area_code_id"), ["state", "area_code", "id"], unique=False
        )

    op.create_table(
        "look_up",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_look_up_account_id_ab_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_up")),
    )
    with op.batch_alter_table("look_up", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_look_up_account_id_id"), ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_look_up_document_index_id"), ["document_index", "id"], unique=False)

    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("document_type", sa.String(length=40), nullable=False),
        sa.Column("document_number", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=True),
        sa.Column("source_kind", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=True),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("change_set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=200), nullable=True),
        sa.Column("ending_change_set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("owner_role", sa.String(length=40), nullable=False),
        sa.Column("brought_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ground", sa.String(length=60), nullable=True),
        sa.Column("text", sa.String(length=1000), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("approve_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(length=500), nullable=True),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_evidence_batch_id_import_batch")),
        sa.ForeignKeyConstraint(["brought_by_id"], ["ab_user.id"], name=op.f("fk_evidence_brought_by_id_ab_user")),
        sa.ForeignKeyConstraint(
            ["change_set_id"], ["change_set.id"], name=op.f("fk_evidence_change_set_id_change_set")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["ab_user.id"], name=op.f("fk_evidence_decided_by_id_ab_user")),
        sa.ForeignKeyConstraint(
            ["ending_change_set_id"], ["change_set.id"], name=op.f("fk_evidence_ending_change_set_id_change_set")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_area_code_id"), ["area_code", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_evidence_brought_by_id_source_kind_created_at"),
            ["brought_by_id", "source_kind", "created_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_evidence_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_document_index"), ["document_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_ending_change_set_id"), ["ending_change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_state_approve_by"), ["state", "approve_by"], unique=False)
        batch_op.create_index(
            "uq_evidence_source",
            ["source_kind", "source_id", "kind"],
            unique=True,
            sqlite_where=sa.text("state = 'IN_FORCE'"),
            postgresql_where=sa.text("state = 'IN_FORCE'"),
        )

    op.create_table(
        "rule_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("in_force_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rules", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("change_set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["ab_user.id"], name=op.f("fk_rule_version_approved_by_id_ab_user")
        ),
        sa.ForeignKeyConstraint(
            ["change_set_id"], ["change_set.id"], name=op.f("fk_rule_version_change_set_id_change_set")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_rule_version_created_by_id_ab_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_version")),
        sa.UniqueConstraint("version", name=op.f("uq_rule_version_version")),
    )
    op.create_table(
        "appeal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("evidence_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("owner_role", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["decided_by_id"], ["ab_user.id"], name=op.f("fk_appeal_decided_by_id_ab_user")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_appeal_evidence_id_evidence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
    )
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_document_index_id"), ["document_index", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_appeal_state_area_code_due_at"), ["state", "area_code", "due_at"], unique=False
        )
        batch_op.create_index(
            "uq_appeal_open",
            ["evidence_id"],
            unique=True,
            sqlite_where=sa.text("state = 'OPEN'"),
            postgresql_where=sa.text("state = 'OPEN'"),
        )

    op.create_table(
        "appeal_photo",
        sa.Column("appeal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_photo_appeal_id_appeal")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_appeal_photo_file_id_stored_file"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("appeal_id", "position", name=op.f("pk_appeal_photo")),
    )
    with op.batch_alter_table("appeal_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_photo_file_id"), ["file_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("appeal_photo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appeal_photo_file_id"))

    op.drop_table("appeal_photo")
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_appeal_open", sqlite_where=sa.text("state = 'OPEN'"), postgresql_where=sa.text("state = 'OPEN'")
        )
        batch_op.drop_index(batch_op.f("ix_appeal_state_area_code_due_at"))
        batch_op.drop_index(batch_op.f("ix_appeal_document_index_id"))

    op.drop_table("appeal")
    op.drop_table("rule_version")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_evidence_source",
            sqlite_where=sa.text("state = 'IN_FORCE'"),
            postgresql_where=sa.text("state = 'IN_FORCE'"),
        )
        batch_op.drop_index(batch_op.f("ix_evidence_state_approve_by"))
        batch_op.drop_index(batch_op.f("ix_evidence_ending_change_set_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_document_index"))
        batch_op.drop_index(batch_op.f("ix_evidence_change_set_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_brought_by_id_source_kind_created_at"))
        batch_op.drop_index(batch_op.f("ix_evidence_batch_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_area_code_id"))

    op.drop_table("evidence")
    with op.batch_alter_table("look_up", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_look_up_document_index_id"))
        batch_op.drop_index(batch_op.f("ix_look_up_account_id_id"))

    op.drop_table("look_up")
    with op.batch_alter_table("change_set", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_change_set_state_area_code_id"))
        batch_op.drop_index(batch_op.f("ix_change_set_proposed_by_id_proposed_at"))
        batch_op.drop_index(batch_op.f("ix_change_set_cause_cause_id"))

    op.drop_table("change_set")
    with op.batch_alter_table("health_state", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_health_state_rules_version_document_index"))
        batch_op.drop_index(batch_op.f("ix_health_state_changes_at"))

    op.drop_table("health_state")
    with op.batch_alter_table("color_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_color_change_document_index_changed_at"))
        batch_op.drop_index(batch_op.f("ix_color_change_cause_cause_id"))

    op.drop_table("color_change")
