"""Ask less of each row of a list

The same rows as before. What the policy of the lists found out for every row again (whether the account reads lists at
all, and by area) is found out once a statement (policies.py): counting 10,000 rows takes two thirds of the time.
"""

from __future__ import annotations

from alembic import op

from app.access import policies

revision = "0024"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    policies.secure(op.get_bind(), "screening_entry", policies.SCREENING_ENTRIES)


def downgrade() -> None:
    """The rows behind the policy are the same."""
