"""What a database lacks before it can be used, found without loading the application."""

from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

ACCOUNT_TABLE = "ab_user"


def is_current(database_url: str, migrations: Path) -> bool:
    """Whether the database has every migration of the folder."""
    heads = set(ScriptDirectory(str(migrations)).get_heads())
    engine = create_engine(database_url)
    try:
        return _revisions(engine) == heads
    finally:
        engine.dispose()


def has_accounts(database_url: str) -> bool:
    """Whether anybody can sign in: an installation without accounts is an empty one."""
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table(ACCOUNT_TABLE):
                return False
            return connection.execute(text(f"SELECT 1 FROM {ACCOUNT_TABLE} LIMIT 1")).first() is not None  # noqa: S608
    finally:
        engine.dispose()


def _revisions(engine: Engine) -> set[str]:
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return set()
            return set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())
    except OperationalError:
        # A server that does not answer: the migration that follows says so in full.
        return set()
