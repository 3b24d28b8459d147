"""The application: create_app() is the only place that knows every part."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from app.application import Application


def create_app(environment: str | None = None, **overrides: Any) -> Flask:
    """Return the application of `environment` (default: APP_ENV, else demo); `overrides` are settings for tests."""
    from app.application import Application
    from config import load_config

    app = Application(__name__)
    app.config.from_object(load_config(environment))
    app.config.update(overrides)
    _seal_personal_data(app)
    _bind_extensions(app)
    _bind_web(app)
    _bind_commands(app)
    return app


def _seal_personal_data(app: Flask) -> None:
    from app.models import encryption

    encryption.configure(encryption.KeyRing.from_text(app.config["FIELD_KEYS"], app.config["BLIND_INDEX_KEY"]))


def _bind_extensions(app: Flask) -> None:
    from sqlalchemy import event
    from werkzeug.local import LocalProxy

    from app import extensions
    from app.access import row_security
    from app.access import session as scoped_session

    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", _engine_options(app.config["SQLALCHEMY_DATABASE_URI"]))
    extensions.db.init_app(app)
    app.extensions["migrate"] = LocalProxy(lambda: bind_migrations(app))
    extensions.csrf.init_app(app)
    extensions.limiter.init_app(app)
    scoped_session.install()
    with app.app_context():
        row_security.install(extensions.db.engine)
        is_sqlite = extensions.db.engine.dialect.name == "sqlite"
        event.listen(extensions.db.engine, "connect", _prepare_sqlite if is_sqlite else _prepare_postgres)


def bind_migrations(app: Flask) -> Any:
    """Return what Flask-Migrate works with; its commands are there. At need: Alembic takes 9 MB, and no server uses it."""
    from flask_migrate import Migrate

    from app.extensions import db

    Migrate(render_as_batch=True).init_app(app, db, str(Path(app.root_path).parent / "migrations"))
    return app.extensions["migrate"]


def _engine_options(url: str) -> dict[str, Any]:
    # Errors go to logs and, from jobs, to Redis: they must not carry the values of a statement.
    if url.startswith("sqlite"):
        return {"hide_parameters": True, "connect_args": {"timeout": 20}}
    return {"hide_parameters": True, "pool_pre_ping": True, "pool_size": 5, "max_overflow": 20}


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_postgres(connection: Any, _record: Any) -> None:
    from psycopg import ServerCursor
    from psycopg.pq import Format

    class Streamed(ServerCursor[Any]):
        """Rows as the server has them: as text, sealed values are twice as long, and are spelled out and read again."""

        def __init__(self, *details: Any, **more: Any) -> None:
            super().__init__(*details, **more)
            self.format = Format.BINARY

    connection.server_cursor_factory = Streamed


def _bind_web(app: Application) -> None:
    from app import monitoring, scan_pages, views

    with app.app_context():
        views.register(app)
    scan_pages.register(app)
    monitoring.register(app)
    if app.config["TRUST_PROXY"]:
        from werkzeug.middleware.proxy_fix import ProxyFix

        # Outermost: everything else goes by the names and addresses that the proxy tells.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]  # see above


def _bind_commands(app: Flask) -> None:
    from app import cli

    cli.register(app)


__all__ = ["bind_migrations", "create_app"]
