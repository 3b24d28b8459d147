"""Tell how messages went; take accounts from a file"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.access import policies

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)
_MESSAGE_STATES = "ix_outgoing_message_state_next_attempt_at"
# The number after which a message was given up until now.
_MOST_ATTEMPTS = 6


def upgrade() -> None:
    for column in _new_columns():
        op.add_column("outgoing_message", column)
    _place_messages()
    op.create_index(_MESSAGE_STATES, "outgoing_message", ["state", "next_attempt_at"])
    _create_imports()
    policies.secure(op.get_bind(), "account_import", policies.OWN_WORK)


def downgrade() -> None:
    op.drop_table("account_import")
    op.drop_index(_MESSAGE_STATES, table_name="outgoing_message")
    for column in reversed(_new_columns()):
        op.drop_column("outgoing_message", column.name)


def _new_columns() -> list[sa.Column]:
    return [
        sa.Column("failure_note", sa.String(length=100), nullable=True),
        sa.Column("state", sa.String(length=40), server_default="QUEUED", nullable=False),
        sa.Column("next_attempt_at", _MOMENT, nullable=True),
        sa.Column("expires_at", _MOMENT, nullable=True),
        sa.Column("delivered_at", _MOMENT, nullable=True),
        sa.Column("resends", sa.Integer(), server_default="0", nullable=False),
    ]


def _place_messages() -> None:
    """What was sent is sent; what waits goes on for a day, for its own text is sealed."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    a_day_later = "created_at + interval '1 day'" if is_postgresql else "datetime(created_at, '+1 day')"
    op.execute(f"UPDATE outgoing_message SET next_attempt_at = created_at, expires_at = {a_day_later}")
    op.execute(
        "UPDATE outgoing_message SET state = CASE WHEN provider_reference = 'outbox' THEN 'STORED' ELSE 'SENT' END"
        " WHERE sent_at IS NOT NULL"
    )
    op.execute(f"UPDATE outgoing_message SET state = 'FAILED' WHERE sent_at IS NULL AND attempts >= {_MOST_ATTEMPTS}")


def _create_imports() -> None:
    op.create_table(
        "account_import",
        sa.Column("id", _ID, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_id", _ID, nullable=True),
        sa.Column("preview", sa.LargeBinary(), nullable=True),
        sa.Column("counts", _JSON, nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failure", _JSON, nullable=True),
        sa.Column("heartbeat_at", _MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_account_import_created_by_id_ab_user")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_account_import_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_import")),
    )
    for columns in (["created_by_id", "id"], ["state", "heartbeat_at"], ["expires_at"]):
        op.create_index(f"ix_account_import_{'_'.join(columns)}", "account_import", columns)
