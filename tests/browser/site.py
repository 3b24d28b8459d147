"""The whole system in processes of its own (web server, Redis, workers, scheduler), with the demo city in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.runtime.settings import answers
from tests.runtime.places import free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 240  # loading the demo city takes most of it, on a machine that is busy
END_SECONDS = 60


@dataclass(frozen=True)
class DemoLogin:
    """An account of the demo city, as `demo accounts --json` prints it."""

    role: str
    area: str
    phone: str
    password: str
    sector: str = ""


@dataclass(frozen=True)
class DemoPlace:
    """A venue of the demo city, as `demo venues --json` prints it."""

    kind: str
    name: str
    area: str
    state: str
    url: str


@dataclass(frozen=True)
class Site:
    """A running installation: its address and what an operator would ask it on the command line."""

    url: str
    environment: dict[str, str]
    logins: tuple[DemoLogin, ...]
    places: tuple[DemoPlace, ...]

    def login(self, role: str, area: str = "") -> DemoLogin:
        """The first demo account of a role, in an area whose name contains `area`."""
        return next(one for one in self.logins if one.role == role and area in one.area)

    def place(self, name: str) -> DemoPlace:
        """The demo venue of this name."""
        return next(one for one in self.places if one.name == name)

    def waiting(self, kind: str) -> DemoPlace:
        """A code of this kind that was handed out and waits for its activation."""
        return next(one for one in self.places if (one.kind, one.state) == (kind, "已下发，待激活"))


def _ask(environment: dict[str, str], *words: str) -> Any:
    command = [sys.executable, "-m", "flask", "--app", "run", *words, "--json"]
    found = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(found.stdout)


@contextmanager
def running_site(folder: Path, *, app_env: str = "test", **settings: str) -> Iterator[Site]:
    """A site on data of its own in the folder; every process of it is ended afterwards."""
    port = free_port()
    kept = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL")}
    environment = {
        **kept,
        "APP_ENV": app_env,
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "WEB_PROCESSES": "1",
        "STOP_WITH_PARENT": "1",
        **settings,
    }
    log = folder / "run.log"
    with (
        log.open("wb") as output,
        subprocess.Popen([sys.executable, "run.py"], cwd=ROOT, env=environment, stdout=output, stderr=output) as system,
    ):
        try:
            wait_until(
                lambda: system.poll() is not None or "Ready after" in log.read_text(encoding="utf-8"),
                within_seconds=START_SECONDS,
                what="the site is up",
            )
            assert answers("127.0.0.1", port), log.read_text(encoding="utf-8")
            # Flask itself would take its own variables from here, and STOP_WITH_PARENT is not for commands.
            asking = {key: value for key, value in environment.items() if key != "STOP_WITH_PARENT"}
            yield Site(
                f"http://127.0.0.1:{port}",
                asking,
                tuple(DemoLogin(**row) for row in _ask(asking, "demo", "accounts")),
                tuple(DemoPlace(**row) for row in _ask(asking, "demo", "venues")),
            )
        finally:
            system.terminate()
            system.wait(timeout=END_SECONDS)
