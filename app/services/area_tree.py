"""The area tree as it is now: of the database, remembered by each process until somebody changes it."""

from __future__ import annotations

import secrets

from flask import current_app, g
from redis.exceptions import RedisError
from sqlalchemy import select

from app.domain.areas import AreaLevel
from app.extensions import db, redis_connection
from app.models import Area, FormerAreaCode
from app.profiles import AreaRecord, load_areas, load_profile
from app.profiles.area_tree import AreaTree
from app.services.transaction import after_commit

_REVISION = "areas:revision"
_KEPT = "area_tree"
_AREAS, _FORMER = Area.__table__.c, FormerAreaCode.__table__.c


def current() -> AreaTree:
    """Return the tree; one request or job sees one tree."""
    tree: AreaTree | None = g.get(_KEPT)
    if tree is None:
        tree = g.area_tree = _remembered()
    return tree


def changed() -> None:
    """Every process reads the tree anew when the transaction in hand has committed."""
    g.pop(_KEPT, None)
    after_commit(_renew)


def _renew() -> None:
    g.pop(_KEPT, None)
    current_app.extensions.pop(_KEPT, None)
    try:
        redis_connection().set(_REVISION, secrets.token_hex(8))
    except RedisError:
        current_app.logger.warning("other processes keep the old area tree until they start again")


def _remembered() -> AreaTree:
    try:
        revision = redis_connection().get(_REVISION)
    except RedisError:
        revision = None
    kept = current_app.extensions.get(_KEPT)
    if kept is None or kept[0] != revision:
        kept = current_app.extensions[_KEPT] = (revision, _load())
    tree: AreaTree = kept[1]
    return tree


def _load() -> AreaTree:
    profile = load_profile(current_app.config["REGION"])
    # On a connection of its own: the areas are everybody's, whatever the transaction in hand may see.
    with db.engine.connect() as connection:
        rows = connection.execute(select(Area.__table__).order_by(_AREAS.code)).all()
        moved = connection.execute(select(_FORMER.code, _FORMER.area_code)).all()
    if not rows:
        return AreaTree(load_areas(profile), region=profile.area_code)
    names = {row.code: row.name for row in rows}
    former = names | {old: names.get(new, "") for old, new in moved}
    living = (
        AreaRecord(
            row.code, row.official_code, row.name, AreaLevel[row.level.upper()], row.parent_code, tuple(row.aliases)
        )
        for row in sorted(rows, key=lambda row: (len(row.code), row.code))
        if row.ended_at is None
    )
    return AreaTree(living, region=profile.area_code, former=former)
