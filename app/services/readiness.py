"""Whether this process can do its work now: the stores answer, and the database is of this version."""

from __future__ import annotations

from functools import cache

from flask import current_app
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db

_REDIS_SECONDS = 2
_CONNECTION = "readiness_redis"


def missing() -> str | None:
    """Return in a word what does not answer (database, redis) or is not up to date (migrations); None when all is well."""
    try:
        with db.engine.connect() as connection:
            found = set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())
    except SQLAlchemyError:
        return "database"
    if found != _wanted(str(current_app.extensions["migrate"].directory)):
        return "migrations"
    try:
        _redis().ping()
    except RedisError:
        return "redis"
    return None


@cache
def _wanted(directory: str) -> frozenset[str]:
    """Return the newest migration of this version; the files do not change while it runs."""
    from alembic.script import ScriptDirectory  # 8 MB that only processes need that are asked for their health

    return frozenset(ScriptDirectory(directory).get_heads())


def _redis() -> Redis:
    """Return a connection that gives up soon: a probe that hangs is answered by nobody."""
    found: Redis | None = current_app.extensions.get(_CONNECTION)
    if found is None:
        address = current_app.config["REDIS_URL"]
        made = Redis.from_url(address, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS)
        found = current_app.extensions.setdefault(_CONNECTION, made)  # one for all threads: see redis_connection()
    return found
