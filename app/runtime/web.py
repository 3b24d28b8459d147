"""The web server: `python -m app.runtime.web --port 8080`. The application is loaded once and shared by fork."""

import argparse
import importlib
import logging
import os
import tempfile
from collections.abc import Callable
from typing import Any

from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from app.runtime.processes import die_with_parent
from app.runtime.refusal import refuse_demo

# Blocking threads a process. Level from one to twelve for pages that only compute; a scan waits for the disk to have its
# commit, and PostgreSQL writes the commits of all waiting threads at once: twelve did half as much again as four.
THREADS = 12
# Connections that wait to be taken up; those of one process at a time include the idle ones that browsers keep open.
BACKLOG = 1024
BACKPRESSURE = 512
DRAIN_SECONDS = 8
HEADER_MILLISECONDS = 10_000


def serve(load: Callable[[], Any], *, host: str, port: int, processes: int) -> None:
    """Serves until SIGTERM; requests that are being answered then are answered to their end."""
    application = load()
    refuse_demo(application)
    server_pid = os.getpid()
    _forget_connections(application)

    def in_process() -> Any:
        die_with_parent(server_pid)
        return application

    server = Server(
        "application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=THREADS,
        backlog=BACKLOG,
        backpressure=BACKPRESSURE,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
        log_level=LogLevels(os.environ.get("LOG_LEVEL", "warning").lower()),
        respawn_failed_workers=True,
        respawn_interval=0.0,
        workers_kill_timeout=DRAIN_SECONDS,
        websockets=False,
    )
    # It would warn at every start that twelve threads are many; they are meant, see THREADS.
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in str(record.msg))
    server.serve(target_loader=in_process, wrap_loader=False)


def gated(load: Callable[[], Any], gate: int | None) -> Callable[[], Any]:
    """The same factory, which waits at the gate with what it has loaded."""

    def wait_with_it() -> Any:
        application = load()
        if gate is not None:
            os.read(gate, 1)
        return application

    return wait_with_it


def _forget_connections(application: Any) -> None:
    """No connection made while loading is shared by the forked processes."""
    alchemy = getattr(application, "extensions", {}).get("sqlalchemy")
    if alchemy is not None:
        with application.app_context():
            for engine in alchemy.engines.values():
                engine.dispose()


def main() -> None:
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--application", default="app:create_app", help="module:factory")
    parser.add_argument("--gate", type=int, help="load at once, but serve when the other end of this pipe is closed")
    options = parser.parse_args()
    # What is refused for a setting is refused for the option too.
    os.environ["HOST"] = options.host
    module, _, name = options.application.partition(":")
    # Named before anything is loaded: each process counts its answers in a file there, and any of them adds them up.
    with tempfile.TemporaryDirectory(prefix="answers-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        factory = gated(getattr(importlib.import_module(module), name), options.gate)
        serve(factory, host=options.host, port=options.port, processes=max(1, options.processes))


if __name__ == "__main__":
    main()
