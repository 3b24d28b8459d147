"""Areas that move and end, looks at the audit trail, and the trail's indexes for searching it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.access import policies

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_ROWS = {"area_move": policies.AREA_ROWS, "audit_check": policies.AUDIT_CHECKS}


def upgrade() -> None:
    op.add_column("area", sa.Column("ended_at", _MOMENT, nullable=True))
    op.create_table(
        "former_area_code",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("moved_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_former_area_code")),
    )
    op.create_index("ix_former_area_code_area_code", "former_area_code", ["area_code"])
    _create_moves()
    _create_checks()
    op.create_index("ix_audit_event_action_id", "audit_event", ["action", "id"])
    op.create_index("ix_audit_event_recorded_at", "audit_event", ["recorded_at"])
    for table, predicate in _ROWS.items():
        policies.secure(op.get_bind(), table, predicate)
    policies.secure(op.get_bind(), "former_area_code", policies.OPEN, is_read_only=True)
    policies.secure(op.get_bind(), "area", policies.AREAS_IN_HAND, seen=policies.OPEN)


def downgrade() -> None:
    policies.secure(op.get_bind(), "area", policies.OPEN, is_read_only=True)
    op.drop_index("ix_audit_event_recorded_at", "audit_event")
    op.drop_index("ix_audit_event_action_id", "audit_event")
    for table in ("audit_check", "area_move", "former_area_code"):
        op.drop_table(table)
    op.drop_column("area", "ended_at")


def _create_moves() -> None:
    op.create_table(
        "area_move",
        sa.Column("id", _ID, nullable=False),
        sa.Column("from_code", sa.String(length=12), nullable=False),
        sa.Column("to_code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("venue_id", _ID, nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("heartbeat_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_area_move_venue_id_venue")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_area_move_created_by_id_ab_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_move")),
    )
    op.create_index("ix_area_move_area_code_id", "area_move", ["area_code", "id"])
    op.create_index("ix_area_move_state_heartbeat_at", "area_move", ["state", "heartbeat_at"])


def _create_checks() -> None:
    op.create_table(
        "audit_check",
        sa.Column("id", _ID, nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.Column("checked", sa.BigInteger(), nullable=False),
        sa.Column("fault_event_id", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["ab_user.id"], name=op.f("fk_audit_check_asked_by_id_ab_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_check")),
    )
    op.create_index("ix_audit_check_finished_at", "audit_check", ["finished_at"])
