"""Put row policies on the tables"""

from __future__ import annotations

from alembic import op

from app.access import policies

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROWS = {
    "venue": policies.VENUES,
    "person": policies.PEOPLE,
    "registration": policies.VENUE_ROWS,
    "residency": policies.VENUE_ROWS,
    "entry_record": policies.VENUE_ROWS,
    "entry_day_total": policies.VENUE_ROWS,
    "screening_entry": policies.AREA_ROWS,
    "screening_outcome": policies.AREA_ROWS,
    "import_batch": policies.AREA_ROWS,
    "stored_file": policies.FILES,
    "stored_piece": policies.PIECES,
    "ab_user": policies.ACCOUNTS,
    "account_venue": policies.AREA_ROWS,
    # Read in the scope of an account, written by the system on its behalf.
    "audit_event": policies.AUDIT_EVENTS,
    "outgoing_message": policies.MESSAGES,
}
READ_ONLY = {"audit_event", "outgoing_message"}
# Names of areas and of permissions tell nothing about anybody.
OPEN_TO_READ = (
    "area",
    "ab_role",
    "ab_group",
    "ab_permission",
    "ab_view_menu",
    "ab_permission_view",
    "ab_permission_view_role",
    "ab_group_role",
)
CLOSED = (
    "ab_api_key",
    "ab_register_user",
    "ab_user_group",
    "ab_user_role",
    "audit_head",
    "data_release",
    "import_row",
    "remembered_identity",
)


def upgrade() -> None:
    connection = op.get_bind()
    for table, predicate in ROWS.items():
        policies.secure(connection, table, predicate, is_read_only=table in READ_ONLY)
    for table in OPEN_TO_READ:
        policies.secure(connection, table, policies.OPEN, is_read_only=True)
    for table in CLOSED:
        policies.secure(connection, table, None)
