"""Close compounds, change a code's phone, and keep where a code was shown at two places at once"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.access import policies

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_TABLES = ("compound_closure", "double_sighting", "phone_change")


def upgrade() -> None:
    _create_closures()
    _create_double_sightings()
    _create_phone_changes()
    for table in _TABLES:
        policies.secure(op.get_bind(), table, policies.AREA_ROWS)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_closures() -> None:
    op.create_table(
        "compound_closure",
        sa.Column("id", _ID, nullable=False),
        sa.Column("venue_id", _ID, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("ground", sa.String(length=60), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("reopened_at", _MOMENT, nullable=True),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_compound_closure_venue_id_venue")),
        _account("compound_closure", "proposed_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compound_closure")),
    )
    op.create_index("ix_compound_closure_area_code_id", "compound_closure", ["area_code", "id"])
    op.create_index("ix_compound_closure_venue_id", "compound_closure", ["venue_id"])
    is_open = sa.text("state IN ('WAITING', 'CLOSED')")
    op.create_index(
        "uq_compound_closure_open",
        "compound_closure",
        ["venue_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def _create_double_sightings() -> None:
    op.create_table(
        "double_sighting",
        sa.Column("id", _ID, nullable=False),
        sa.Column("document_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("masked_name", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("first_place", sa.String(length=160), nullable=False),
        sa.Column("first_seen_at", _MOMENT, nullable=False),
        sa.Column("first_account_id", sa.Integer(), nullable=False),
        sa.Column("second_place", sa.String(length=160), nullable=False),
        sa.Column("second_seen_at", _MOMENT, nullable=False),
        sa.Column("second_account_id", sa.Integer(), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        _account("double_sighting", "first_account_id"),
        _account("double_sighting", "second_account_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_double_sighting")),
    )
    for columns in (
        ["area_code", "id"],
        ["first_account_id", "second_seen_at"],
        ["document_index"],
        ["second_seen_at"],
    ):
        op.create_index(f"ix_double_sighting_{'_'.join(columns)}", "double_sighting", columns)


def _create_phone_changes() -> None:
    op.create_table(
        "phone_change",
        sa.Column("id", _ID, nullable=False),
        sa.Column("document_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("masked_name", sa.String(length=64), nullable=False),
        sa.Column("masked_document", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("seen", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", _MOMENT, nullable=False),
        sa.Column("approve_by", _MOMENT, nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("decision_reason", sa.String(length=500), nullable=True),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        _account("phone_change", "proposed_by_id"),
        _account("phone_change", "decided_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_change")),
    )
    op.create_index("ix_phone_change_area_code_id", "phone_change", ["area_code", "id"])
    op.create_index("ix_phone_change_document_index", "phone_change", ["document_index"])


def _account(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["ab_user.id"], name=op.f(f"fk_{table}_{column}_ab_user"))
