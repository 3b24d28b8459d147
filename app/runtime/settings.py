"""What `run.py` starts and with which addresses: from the environment, with defaults for a machine that has nothing."""

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from app.runtime import embedded_redis
from app.runtime.supervisor import Program
from config import local_url

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_PORT = 8080
# Each worker and the queues it reads, in this order. Short jobs never wait behind a long import.
WORKERS: Mapping[str, tuple[str, ...]] = {
    "worker-imports": ("imports", "exports"),
    "worker-others": ("statistics", "messages", "exports"),
}
MOST_WEB_PROCESSES = 8
DATA_DIR, REDIS_URL = "DATA_DIR", "REDIS_URL"


def data_folder(environment: Mapping[str, str]) -> Path:
    """Where the secrets, the embedded Redis and, by default, the database are kept: one folder for each database.

    A folder shared by two databases would give the jobs of one to the workers of the other.
    """
    if chosen := environment.get(DATA_DIR):
        return Path(chosen).resolve()
    address = environment.get("DATABASE_URL")
    if not address:
        return ROOT / "var"
    from sqlalchemy.engine import make_url  # costs more than all else here, and only this case needs it

    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        return Path(url.database).resolve().parent if url.database else ROOT / "var"
    place = f"{url.host}:{url.port}/{url.database}?{sorted(url.query.items())}"
    return ROOT / "var" / hashlib.sha256(place.encode()).hexdigest()[:12]


def complete_environment() -> None:
    """Every process that is started from here, and every command, finds the same folder and the same Redis.

    Production names its own, and its settings insist on it.
    """
    if os.environ.get("APP_ENV") == "production":
        return
    folder = data_folder(os.environ)
    folder.mkdir(parents=True, exist_ok=True)
    os.environ[DATA_DIR] = str(folder)
    if not os.environ.get(REDIS_URL):
        os.environ[REDIS_URL] = embedded_redis.url(folder)


@dataclass(frozen=True)
class RunSettings:
    """Addresses and sizes of one run."""

    host: str
    port: int
    folder: Path
    redis_url: str
    is_redis_embedded: bool
    is_production: bool
    web_processes: int
    web_application: str = "app:create_app"
    worker_application: str = "app:create_app"

    @property
    def url(self) -> str:
        """Where a browser on this machine opens it."""
        return local_url(self.host, self.port) + "/"

    @classmethod
    def from_environment(cls) -> "RunSettings":
        """The settings; DATA_DIR and REDIS_URL are completed in the environment, for the processes to come."""
        is_redis_embedded = not os.environ.get(REDIS_URL)
        complete_environment()
        return cls(
            host=os.environ.get("HOST") or "127.0.0.1",
            port=int(os.environ.get("PORT") or DEFAULT_PORT),
            folder=data_folder(os.environ),
            redis_url=os.environ.get(REDIS_URL, ""),
            is_redis_embedded=is_redis_embedded,
            is_production=os.environ.get("APP_ENV") == "production",
            web_processes=int(os.environ.get("WEB_PROCESSES") or default_processes()),
        )


def default_processes() -> int:
    """One web process for each core: Python code of one process runs on one core at a time."""
    return min(MOST_WEB_PROCESSES, len(os.sched_getaffinity(0)))


def web_program(settings: RunSettings, *, gate: int | None = None) -> Program:
    """The web server's command; with a gate it loads at once and serves when the other end of that pipe is closed."""
    command = (
        sys.executable, "-m", "app.runtime.web", "--host", settings.host, "--port", str(settings.port),
        "--processes", str(settings.web_processes), "--application", settings.web_application,
        *(() if gate is None else ("--gate", str(gate))),
    )  # fmt: skip
    return Program(
        "web", command, is_ready=lambda: answers(settings.host, settings.port), pass_fds=() if gate is None else (gate,)
    )


def answers(host: str, port: int) -> bool:
    """Whether a web server answers a request with anything but an error of its own."""
    connection = HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def worker_programs(settings: RunSettings) -> list[Program]:
    """The workers' commands; each may finish its job for the grace, then the job goes back to its queue."""
    return [
        Program(
            name,
            (sys.executable, "-m", "app.runtime.worker", *queues, "--application", settings.worker_application),
            grace_seconds=15.0,
        )
        for name, queues in WORKERS.items()
    ]


def scheduler_program() -> Program:
    """The scheduler's command."""
    return Program("scheduler", (sys.executable, "-m", "app.runtime.scheduler"), grace_seconds=3.0)
