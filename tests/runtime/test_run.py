"""`run.py` with the real application, in a folder of its own, from the first start to the second."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from tests.runtime.places import ROOT, Place, free_port, wait_until

START_SECONDS = 120


class Run:
    """One start of run.py."""

    def __init__(self, place: Place, **settings: str) -> None:
        self.port = free_port()
        self.place = place
        self.status = 0
        self.log = place.folder / f"run-{self.port}.log"
        with self.log.open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [sys.executable, "run.py"],
                cwd=ROOT,
                env=environment(place) | {"PORT": str(self.port)} | settings,
                start_new_session=True,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_until_up(self) -> None:
        wait_until(
            lambda: "Ctrl-C ends it" in self.said or self.process.poll() is not None,
            within_seconds=START_SECONDS,
            what="the start",
        )
        assert self.process.poll() is None, self.said

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=40)


def environment(place: Place) -> dict[str, str]:
    """Nothing but the folder is chosen: Redis and database are the ones that run.py brings."""
    chosen = {key: value for key, value in place.environment.items() if key not in {"REDIS_URL", "DATABASE_URL"}}
    return chosen | {"DATA_DIR": str(place.folder / "data"), "APP_ENV": "demo"}


@pytest.fixture(scope="module")
def first(lasting_place: Place) -> Run:
    """A first start that came up and was ended with Ctrl-C."""
    run = Run(lasting_place)
    run.wait_until_up()
    run.status = answer(run)
    assert run.end() == 0
    return run


@pytest.fixture
def second(first: Run) -> Iterator[Run]:
    """The next start on the same data, up."""
    run = Run(first.place)
    run.wait_until_up()
    yield run
    run.end()


def answer(run: Run) -> int:
    """The status of the first page, after it sent us to where we sign in."""
    with urlopen(f"http://127.0.0.1:{run.port}/", timeout=20) as response:
        return int(response.status)


def test_the_first_start_lists_an_account_of_each_role(first: Run) -> None:
    command = [sys.executable, "-m", "flask", "--app", "run", "demo", "accounts", "--json"]
    accounts = json.loads(subprocess.check_output(command, cwd=ROOT, env=environment(first.place), text=True))
    assert accounts
    assert [account for account in accounts if account["phone"] not in first.said] == []


def test_ctrl_c_leaves_nothing_behind(first: Run) -> None:
    assert first.status == 200
    assert first.place.processes == []


def test_what_it_keeps_is_readable_by_nobody_else(first: Run) -> None:
    data = first.place.folder / "data"
    files = [path for path in (data, *data.rglob("*")) if not path.is_symlink()]
    assert [path for path in files if path.stat().st_mode & 0o077] == []


def test_the_second_start_keeps_secrets_and_data(first: Run) -> None:
    secrets = first.place.folder / "data" / "secrets.json"
    kept = secrets.read_bytes()
    run = Run(first.place)
    run.wait_until_up()
    assert answer(run) == 200
    assert run.end() == 0
    assert "Loading the demo city" not in run.said
    assert secrets.read_bytes() == kept


def test_another_run_on_the_same_data_is_refused(second: Run) -> None:
    other = Run(second.place)
    assert other.process.wait(timeout=60) == 1
    assert "runs already" in other.said
    assert answer(second) == 200


def test_a_taken_port_is_named(place: Place) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        run = Run(place, PORT=str(listener.getsockname()[1]))
        run.process.wait(timeout=60)
    assert run.process.wait(timeout=60) == 1
    assert "make run" in run.said
    assert place.processes == []


def test_production_does_not_start_half_configured(place: Place) -> None:
    run = Run(place, APP_ENV="production")
    assert run.process.wait(timeout=60) == 1
    assert "SECRET_KEY is not set" in run.said


def test_importing_run_starts_nothing(place: Place) -> None:
    code = "import sys, run; print(sorted(name for name in sys.modules if name in ('flask', 'app', 'redis')))"
    said = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, env=environment(place), text=True)
    assert said.strip() == "[]"
    assert not (place.folder / "data").exists()
