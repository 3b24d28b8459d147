"""One application per database, emptied after each test; everything runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import contextvars
import gc
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from app import create_app
from app.access import everything
from app.extensions import db, redis_connection
from app.profiles import load_profile
from app.runtime import embedded_redis
from app.services import areas, partitions
from tests.factories import Factories
from tests.postgres import postgres_url
from tests.web import open_session

_KEPT = {"area", "alembic_version"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With several test processes, what is costly to set up is one process's work."""
    from tests.shares import Shares  # here, for without xdist the tests run in one process

    return Shares(config, log)


class OutsideClient(FlaskClient):
    """A client whose requests come from outside: none sees the context in which the test sets things up.

    An answer is read to its end inside, for what streams reads in its request's context.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("buffered", True)
        return contextvars.Context().run(super().open, *args, **kwargs)


def fresh_application(url: str, data_dir: Path, redis_url: str, **settings: Any) -> Flask:
    """An application on an empty database that has every migration and the areas of its region."""
    app = create_app("test", SQLALCHEMY_DATABASE_URI=url, DATA_DIR=data_dir, REDIS_URL=redis_url, **settings)
    app.test_client_class = OutsideClient
    with app.app_context():
        upgrade()
        with everything("the suite sets itself up"):
            areas.load(load_profile(app.config["REGION"]))
            partitions.ensure_months(datetime.now(UTC), before=14)
    # What is there now stays: looking through it again and again for garbage took a tenth of the suite.
    gc.freeze()
    return app


@pytest.fixture(scope="session", autouse=True)
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory of the suite's own, so that it never meets the one of `make run`."""
    patch = pytest.MonkeyPatch()
    directory = tmp_path_factory.mktemp("data")
    patch.setenv("DATA_DIR", str(directory))
    # A hundred processes are started here; each would compile the whole application anew.
    patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    yield directory
    patch.undo()


@pytest.fixture(scope="session")
def redis_server(data_dir: Path) -> Iterator[str]:
    """The address of a Redis of the suite's own."""
    descriptor = embedded_redis.lock(data_dir)
    program = embedded_redis.program(data_dir, lock_descriptor=descriptor)
    address = embedded_redis.url(data_dir)
    with subprocess.Popen(program.command, pass_fds=program.pass_fds, stdout=subprocess.DEVNULL) as server:
        os.close(descriptor)
        deadline = time.monotonic() + 10
        while not embedded_redis.answers(address):
            assert time.monotonic() < deadline, "Redis does not come up"
        yield address
        server.terminate()


@pytest.fixture(scope="session")
def application_on(data_dir: Path, redis_server: str) -> Callable[[str], Flask]:
    """Return a function database -> its application, the same whenever the tests come back to that database."""

    @cache
    def made(database: str) -> Flask:
        url = postgres_url() if database == "postgresql" else f"sqlite:///{data_dir / 'test.db'}"
        return fresh_application(url, data_dir, redis_server)

    return made


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def application(request: pytest.FixtureRequest, application_on: Callable[[str], Flask]) -> Flask:
    """The application on each database in turn."""
    return application_on(request.param)


@pytest.fixture
def app(application: Flask) -> Iterator[Flask]:
    """The application inside its context, unscoped as a test sets things up; the database is emptied afterwards."""
    with application.app_context():
        with everything("a test sets things up"):
            yield application
        db.session.rollback()
        empty()
        redis_connection().flushall()
        db.session.remove()


def empty() -> None:
    """No row is left but those of the areas."""
    removals = [f"DELETE FROM {table.name}" for table in db.metadata.sorted_tables if table.name not in _KEPT]
    with db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name == "postgresql":
            # A few rows each: deleting them takes a tenth of truncating every partition with its indexes. Triggers,
            # foreign keys' and the audit trail's, sleep meanwhile.
            driver.execute("; ".join(["SET LOCAL session_replication_role = replica", *removals]))
            driver.commit()
            return
        # Dropping the trigger for a moment is what a test may do and nobody else.
        triggers = driver.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        asleep = [f"DROP TRIGGER {name}" for name, _sql in triggers]
        awake = [sql for _name, sql in triggers]
        before, after = ["PRAGMA foreign_keys=OFF", "BEGIN IMMEDIATE"], ["COMMIT", "PRAGMA foreign_keys=ON"]
        driver.executescript(";\n".join([*before, *asleep, *removals, *awake, *after]))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor who has not signed in."""
    return app.test_client()


@pytest.fixture
def make(app: Flask) -> Factories:
    """Rows, made as services would make them."""
    return Factories()


@pytest.fixture
def login_as(app: Flask, make: Factories) -> Any:
    """Return a function (role, area_code, venues=()) -> a client signed in as a new account of that role and area."""

    def sign_in(role: Any, area_code: str = "4101", **details: Any) -> FlaskClient:
        account = make.account(role, area_code, **details)
        db.session.commit()
        client = app.test_client()
        open_session(client, account)
        client.account_id = account.id  # type: ignore[attr-defined]
        return client

    return sign_in
