"""A tiny application, its jobs and its schedule, in place of the real one: these tests are about processes."""

import os
import time
from pathlib import Path

from flask import Flask, current_app

from app.jobs.schedule import Scheduled

SCHEDULE = (Scheduled("tick", "tests.runtime.stand_in.tick", every_seconds=1),)


def create_app() -> Flask:
    """One page at once and one that takes a second."""
    app = Flask(__name__)

    @app.get("/")
    def home() -> str:
        return f"{os.getpid()}"

    @app.get("/slow")
    def slow() -> str:
        time.sleep(1.0)
        return "finished"

    return app


def note(line: str) -> None:
    """One more line in the file that the test reads."""
    with Path(os.environ["NOTES"]).open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def tick() -> None:
    """Leaves a line each time it runs."""
    note(f"tick {time.time()}")


def work(name: str, seconds: float) -> None:
    """Leaves a line when it begins and when it ends, with the name of the application it runs in."""
    note(f"begin {name} {os.getpid()} {current_app.name}")
    time.sleep(seconds)
    note(f"end {name} {os.getpid()}")


def work_once(name: str, seconds: float) -> None:
    """As work, but quick from the second time on."""
    notes = Path(os.environ["NOTES"])
    is_first = not notes.exists() or f"begin {name}" not in notes.read_text(encoding="utf-8")
    work(name, seconds if is_first else 0)
