"""Find quarantines by the day on which they began"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_NAME = "ix_residency_quarantine_since_area_code"


def upgrade() -> None:
    known = sa.text("quarantine_since IS NOT NULL")
    op.create_index(_NAME, "residency", ["quarantine_since", "area_code"], sqlite_where=known, postgresql_where=known)


def downgrade() -> None:
    op.drop_index(_NAME, "residency")
