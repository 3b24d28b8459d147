"""The order of starting and ending: Redis, database, demo city, web server, workers, scheduler."""

import os
import socket
import sys
import time

from app.runtime import embedded_redis
from app.runtime.settings import (
    ROOT,
    WORKERS,
    RunSettings,
    data_folder,
    scheduler_program,
    web_program,
    worker_programs,
)
from app.runtime.supervisor import Program, StopRequestedError, Supervisor
from config import PUBLIC_URL_FILE, ConfigurationError, load_config

REDIS_SECONDS = 30
WEB_SECONDS = 120
# No new work, then the requests and jobs in hand, and what they are written to last.
STOP_ORDER = (("scheduler", "web"), tuple(WORKERS), ("redis",))


class StartError(Exception):
    """Something could not be started; the message says what and what to do."""


def run() -> int:
    """Runs everything until the end is asked for; returns the exit status. Nothing is left when it returns."""
    supervisor = Supervisor()
    supervisor.install_signal_handlers()
    try:
        _start(supervisor)
        supervisor.supervise()
    except StopRequestedError:
        pass
    except StartError as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    finally:
        print("Ending …", flush=True)
        supervisor.stop(STOP_ORDER)
    return 0


def _start(supervisor: Supervisor) -> None:
    started = time.monotonic()
    was_used_before = (data_folder(os.environ) / "secrets.json").exists()
    settings = RunSettings.from_environment()
    _check_port(settings)
    if not settings.is_production:
        # Commands beside this run and its own programs print the addresses at which it listens.
        (settings.folder / PUBLIC_URL_FILE).write_text(settings.url)
    database_url = _database_url()
    _start_redis(supervisor, settings)
    _start_web(supervisor, settings, database_url, is_likely_current=was_used_before)
    # After the pages, not beside them: each of these loads the application too, on the same few cores.
    for program in (*worker_programs(settings), scheduler_program()):
        supervisor.start(program)
    print(f"\nReady after {time.monotonic() - started:.1f} s. Open {settings.url}\n", flush=True)
    if not settings.is_production:
        supervisor.run_once(_command("demo", "accounts"))
    print("\nCtrl-C ends it; the data are kept.", flush=True)


def _start_web(supervisor: Supervisor, settings: RunSettings, database_url: str, *, is_likely_current: bool) -> None:
    """The pages answer, from a database that is up to date.

    Where that is likely, the server loads while the database is looked at, and waits at the gate.
    """
    waiting, gate = os.pipe()
    web = web_program(settings, gate=waiting)
    if is_likely_current:
        supervisor.start(web)
    if settings.is_redis_embedded and not supervisor.wait_until_ready("redis", timeout_seconds=REDIS_SECONDS):
        raise StartError(f"The embedded Redis did not start; see {embedded_redis.log_path(settings.folder)}.")
    from app.runtime import schema  # half a second of imports, beside the server's own

    is_prepared = schema.is_prepared(database_url, ROOT / "migrations", is_demo=not settings.is_production)
    if not is_prepared:
        if is_likely_current:
            supervisor.end("web")
        _prepare_database(supervisor, is_demo=not settings.is_production)
    if not (is_likely_current and is_prepared):
        supervisor.start(web)
    os.close(gate)
    if not supervisor.wait_until_ready("web", timeout_seconds=WEB_SECONDS):
        raise StartError("The web server did not start; what it said is above.")


def _command(*words: str) -> Program:
    return Program(" ".join(words), (sys.executable, "-m", "flask", "--app", "run", *words))


def _database_url() -> str:
    try:
        return str(load_config().SQLALCHEMY_DATABASE_URI)
    except ConfigurationError as error:
        raise StartError(str(error)) from None


def _check_port(settings: RunSettings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            place, hint = f"{settings.host}:{settings.port}", f"PORT={settings.port + 1} make run"
            raise StartError(f"{place}: {error.strerror}. Another port is taken with {hint}.") from None


def _start_redis(supervisor: Supervisor, settings: RunSettings) -> None:
    if not settings.is_redis_embedded:
        if not embedded_redis.answers(settings.redis_url):
            raise StartError("REDIS_URL names a server that does not answer.")
        return
    try:
        descriptor = embedded_redis.lock(settings.folder)
    except embedded_redis.AlreadyRunningError:
        message = f"It runs already on the data in {settings.folder}; DATA_DIR=… starts another one on other data."
        raise StartError(message) from None
    supervisor.start(embedded_redis.program(settings.folder, lock_descriptor=descriptor))


def _prepare_database(supervisor: Supervisor, *, is_demo: bool) -> None:
    """Brings the schema up to date and fills an empty demo installation."""
    if supervisor.run_once(_command("db", "upgrade")):
        raise StartError("The database could not be brought up to date; what it said is above.")
    if is_demo:
        print("Loading the demo city …", flush=True)
    if is_demo and supervisor.run_once(_command("demo", "load")):
        raise StartError("The demo city could not be loaded; what it said is above.")
