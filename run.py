"""The main job in one process tree: Redis, database, demo city, web server, workers, scheduler.

`python run.py` starts it and ends it again on Ctrl-C; `flask --app run …` runs a command. Importing starts nothing.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> Flask:
    """The application, for `flask --app run`; it finds the Redis and the secrets of a run on the same database."""
    from app.runtime.settings import complete_environment

    complete_environment()
    from app import bind_migrations
    from app import create_app as build

    app = build()
    bind_migrations(app)
    return app


def main() -> int:
    """Runs until Ctrl-C or SIGTERM; returns the exit status."""
    from app.runtime.processes import die_with_parent
    from app.runtime.run import run

    os.chdir(Path(__file__).resolve().parent)
    os.umask(0o077)  # database, secrets and uploads are nobody else's
    if os.environ.pop("STOP_WITH_PARENT", None):
        # make passes Ctrl-C and SIGTERM on, but not its own sudden death.
        die_with_parent(os.getppid(), signal.SIGTERM)
    return run()


if __name__ == "__main__":
    sys.exit(main())
