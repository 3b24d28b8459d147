"""Say the scopes so that they are planned well

The same rows as before; what is new is how much of a table the planner expects behind them (policies.py).
"""

from __future__ import annotations

from alembic import op

from app.access import policies

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_OF_VENUES = ("registration", "residency", "entry_record", "poster_check")
_OF_AREAS = (
    "account_venue",
    "appeal",
    "area_move",
    "change_set",
    "column_mapping",
    "compound_closure",
    "double_sighting",
    "entry_doubt",
    "evidence",
    "phone_change",
)
_OTHERS = {
    "ab_user": policies.ACCOUNTS,
    "audit_event": policies.AUDIT_EVENTS,
    "code_batch": policies.CODE_BATCHES,
    "code_print": policies.CODE_PRINTS,
    "import_batch": policies.IMPORT_BATCHES,
    "outgoing_message": policies.MESSAGES,
    "screening_entry": policies.SCREENING_ENTRIES,
    "venue": policies.VENUES,
}
_TOTALS = {
    "area_entry_total": policies.AREA_TOTALS,
    "entry_hour_total": policies.VENUE_TOTALS,
    "venue_entry_total": policies.VENUE_TOTALS,
}
_READ_ONLY = {"audit_event", "outgoing_message", *_TOTALS}


def upgrade() -> None:
    rows = {**dict.fromkeys(_OF_AREAS, policies.AREA_ROWS), **dict.fromkeys(_OF_VENUES, policies.VENUE_ROWS)}
    for table, predicate in {**rows, **_OTHERS, **_TOTALS}.items():
        seen = policies.FORMS_OF_ENTRIES if table == "registration" else None
        policies.secure(op.get_bind(), table, predicate, is_read_only=table in _READ_ONLY, seen=seen)


def downgrade() -> None:
    """The rows behind the policies are the same."""
