"""The unbound handles that the application binds once: database, framework, limits, queue connection."""

from __future__ import annotations

from flask import current_app
from flask_appbuilder import AppBuilder, Model
from flask_appbuilder.models.sqla.base import SQLA
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from redis import Redis
from werkzeug.local import LocalProxy

# Before the framework's own tables are imported, so that their constraints get names too: SQLite batch migrations
# need them.
Model.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

db = SQLA(model_class=Model)
# One framework object an application; a process may hold several (the test suite does).
appbuilder: AppBuilder = LocalProxy(lambda: current_app.extensions["appbuilder"])
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address)


def redis_connection() -> Redis:
    """Return this process's connection to Redis (bytes in, bytes out), made at the first call."""
    found: Redis | None = current_app.extensions.get("redis_connection")
    if found is None:
        # One for all threads that ask at once: a second, replaced, would close itself under the thread that has it.
        made = Redis.from_url(current_app.config["REDIS_URL"])
        found = current_app.extensions.setdefault("redis_connection", made)
    return found
