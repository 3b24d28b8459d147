"""Count the hours; look at posters

The day totals go: whatever they said is counted anew from the records, by the first turn of the scheduled job.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.access import policies

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    "area_entry_total": (("area_code", "span", "start", "kind"),),
    "entry_hour_total": (("hour", "venue_id", "area_code"), ("venue_id", "hour")),
    "venue_entry_total": (("venue_id", "span", "start", "area_code"), ("kind", "span", "start")),
    "poster_check": (("venue_id", "day"), ("area_code", "day")),
}

# Written by the count of the system, whoever caused it.
_TOTAL_ROWS = {
    "entry_hour_total": policies.VENUE_TOTALS,
    "venue_entry_total": policies.VENUE_TOTALS,
    "area_entry_total": policies.AREA_TOTALS,
}


def _create(table: str, *columns: sa.Column, venue: bool = True) -> None:
    """Make a table with its indexes, the first of which is unique."""
    names = [sa.Column("id", _ID, nullable=False)]
    constraints: list[sa.Constraint] = [sa.PrimaryKeyConstraint("id", name=f"pk_{table}")]
    if venue:
        names.append(sa.Column("venue_id", _ID, nullable=False))
        constraints.append(sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=f"fk_{table}_venue_id_venue"))
    op.create_table(table, *names, *columns, sa.Column("area_code", sa.String(12), nullable=False), *constraints)
    for at, key in enumerate(_INDEXES[table]):
        op.create_index(f"ix_{table}_{'_'.join(key)}", table, list(key), unique=at == 0)


def _numbers() -> list[sa.Column]:
    return [
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("abnormal", sa.BigInteger(), nullable=False),
    ]


def _of_span() -> list[sa.Column]:
    return [
        sa.Column("span", sa.String(40), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "entry_rollup",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("counted_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_entry_rollup"),
    )
    _create(
        "entry_hour_total",
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        *_numbers(),
        sa.Column("added_entries", sa.BigInteger(), nullable=False),
        sa.Column("added_abnormal", sa.BigInteger(), nullable=False),
    )
    _create("venue_entry_total", *_of_span(), *_numbers())
    _create("area_entry_total", *_of_span(), *_numbers(), venue=False)
    _create(
        "poster_check",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["checked_by_id"], ["ab_user.id"], name="fk_poster_check_checked_by_id_ab_user"),
    )
    op.drop_table("entry_day_total")
    for table, predicate in _TOTAL_ROWS.items():
        policies.secure(op.get_bind(), table, predicate, is_read_only=True)
    policies.secure(op.get_bind(), "poster_check", policies.VENUE_ROWS)
    policies.secure(op.get_bind(), "registration", policies.VENUE_ROWS, seen=policies.FORMS_OF_ENTRIES)
    policies.secure(op.get_bind(), "entry_rollup", policies.OPEN, is_read_only=True)


def downgrade() -> None:
    policies.secure(op.get_bind(), "registration", policies.VENUE_ROWS)
    for table in ("poster_check", "area_entry_total", "venue_entry_total", "entry_hour_total", "entry_rollup"):
        op.drop_table(table)
    op.create_table(
        "entry_day_total",
        sa.Column("id", _ID, nullable=False),
        sa.Column("venue_id", _ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("abnormal", sa.Integer(), nullable=False),
        sa.Column("area_code", sa.String(12), nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name="fk_entry_day_total_venue_id_venue"),
        sa.PrimaryKeyConstraint("id", name="pk_entry_day_total"),
    )
    op.create_index("ix_entry_day_total_area_code_day", "entry_day_total", ["area_code", "day"])
    op.create_index("ix_entry_day_total_day", "entry_day_total", ["day"])
    op.create_index("ix_entry_day_total_venue_id_day", "entry_day_total", ["venue_id", "day"], unique=True)
    policies.secure(op.get_bind(), "entry_day_total", policies.VENUE_ROWS)
