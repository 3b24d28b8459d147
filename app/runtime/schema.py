"""What a database lacks before it can be used, found without loading the application."""

from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

ACCOUNT_TABLE = "ab_user"


def is_prepared(database_url: str, migrations: Path, *, is_demo: bool) -> bool:
    """Whether the database has every migration of the folder and, in a demo, somebody who can sign in."""
    heads = set(ScriptDirectory(str(migrations)).get_heads())
    engine = create_engine(database_url)
    try:
        return _revisions(engine) == heads and (not is_demo or _has_accounts(engine))
    finally:
        engine.dispose()


def _has_accounts(engine: Engine) -> bool:
    with engine.connect() as connection:
        return connection.execute(text(f"SELECT 1 FROM {ACCOUNT_TABLE} LIMIT 1")).first() is not None  # noqa: S608 - a constant


def _revisions(engine: Engine) -> set[str]:
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return set()
            return set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())
    except OperationalError:
        # A server that does not answer: the migration that follows says so in full.
        return set()
