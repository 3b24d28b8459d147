"""Count the rows of a screening list in its indexes alone

As for residents (0020): what the row policies and the figures above a list ask of a row stood in the table only, so that
a district's page of a list with a million rows read tens of thousands of its pages, and took seven times as long.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# Key, what stands beside it, and the column without which a row is not in the index.
_INDEXES: Sequence[tuple[list[str], list[str], str | None]] = (
    (["kind", "area_code", "id"], ["category", "venue_id"], None),
    (["kind", "status", "area_code"], ["dispatched_at", "category", "venue_id", "id"], None),
    (["kind", "venue_id", "id"], ["area_code", "category", "status", "dispatched_at"], "venue_id"),
    (["kind", "category", "id"], ["area_code", "venue_id", "status", "dispatched_at"], "category"),
)


def upgrade() -> None:
    for key, beside, filled in _INDEXES:
        _remake(key, filled, postgresql_include=beside)


def downgrade() -> None:
    for key, _beside, filled in _INDEXES:
        _remake(key, filled)


def _remake(key: list[str], filled: str | None, **options: list[str]) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    name = f"ix_screening_entry_{'_'.join(key)}"
    op.drop_index(name, "screening_entry")
    where = sa.text(f"{filled} IS NOT NULL") if filled else None
    op.create_index(name, "screening_entry", key, postgresql_where=where, **options)
