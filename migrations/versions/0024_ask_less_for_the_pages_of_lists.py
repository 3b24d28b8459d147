"""Ask less for the pages of lists

The policy of the lists shows the same rows as before. What it found out for every row again (whether the account reads
lists at all, and by area) is found out once a statement (policies.py): counting 10,000 rows takes two thirds of the time.

Returnees who need attention are a number in everybody's menu, for which every row that nobody has worked on was read: with
100,000 returnees each page of the city took twice its time. They stand in the order of their clocks now. A hub team's figures are ranges of an index, as everybody else's are.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from app.access import policies

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_OF_RETURNEES = sa.text("kind = 'OVERSEAS_RETURNEE'")
# Key, and what stands beside it: what the row policy asks of a row that a hub team counts.
_INDEXES: Sequence[tuple[list[str], list[str]]] = (
    (["status", "worked_at", "created_at"], []),
    (["status", "arrived_at"], []),
    (["category", "status", "area_code"], ["kind", "venue_id", "id"]),
)


def upgrade() -> None:
    policies.secure(op.get_bind(), "screening_entry", policies.SCREENING_ENTRIES)
    for key, beside in _INDEXES:
        op.create_index(
            _name(key),
            "screening_entry",
            key,
            sqlite_where=_OF_RETURNEES,
            postgresql_where=_OF_RETURNEES,
            postgresql_include=beside,
        )


def downgrade() -> None:
    """The indexes go; the rows behind the policy are the same."""
    for key, _beside in _INDEXES:
        op.drop_index(_name(key), "screening_entry")


def _name(key: list[str]) -> str:
    return f"ix_screening_entry_{'_'.join(key)}"
