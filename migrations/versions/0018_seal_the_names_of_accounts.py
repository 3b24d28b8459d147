"""Seal the phones by which accounts are named"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from app.models.encryption import UnreadableField, key_ring

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_USERNAME = "ab_user.username"


def upgrade() -> None:
    _rename(_sealed)
    # Earlier demo cities have the phone there as well; by this address they are known as a demo's.
    op.execute(
        "UPDATE ab_user SET email = 'demo-' || id || '@account.invalid' WHERE email LIKE '1__________@account.invalid'"
    )


def downgrade() -> None:
    _rename(lambda sealed: key_ring().unseal_alike(sealed, _USERNAME))


def _sealed(name: str) -> str:
    """The name sealed; one that is sealed already stays, for a stop in the middle must not seal the first ones twice."""
    try:
        key_ring().unseal_alike(name, _USERNAME)
    except UnreadableField:
        return key_ring().seal_alike(name, _USERNAME)
    return name


def _rename(name_of: Callable[[str], str]) -> None:
    connection = op.get_bind()
    for key, name in connection.execute(sa.text("SELECT id, username FROM ab_user")).all():
        naming = sa.text("UPDATE ab_user SET username = :name WHERE id = :key")
        connection.execute(naming, {"name": name_of(name), "key": key})
