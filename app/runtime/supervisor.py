"""One parent that starts programs, starts them again when they die, and ends them in order."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.runtime.processes import die_with_parent

FIRST_DELAY_SECONDS = 0.25
LONGEST_DELAY_SECONDS = 30.0
# Who ran this long starts again with the first delay.
STEADY_SECONDS = 60.0
INSIST_SECONDS = 4.0
POLL_SECONDS = 0.05
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequestedError(Exception):
    """Ctrl-C or SIGTERM arrived while something was being started."""


@dataclass(frozen=True)
class Program:
    """What to run. After grace_seconds the end is asked for a second time, then it is forced."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    grace_seconds: float = 10.0
    death_signal: int = signal.SIGKILL
    is_ready: Callable[[], bool] | None = None
    pass_fds: tuple[int, ...] = ()


@dataclass
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    started: float
    deaths: int = 0
    restart_at: float | None = None


class Supervisor:
    """Keeps programs running. Each has a session of its own, so that Ctrl-C reaches this process only."""

    def __init__(self) -> None:
        self._children: dict[str, _Child] = {}
        self._stops = 0
        self._wake, self._wake_write = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(self._wake_write, False)

    def install_signal_handlers(self) -> None:
        """Ctrl-C, SIGTERM and a closed terminal ask for the end; a second one shortens the waiting."""
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _on_stop(self, *_: object) -> None:
        self._stops += 1

    @property
    def is_stopping(self) -> bool:
        return self._stops > 0

    def pid(self, name: str) -> int:
        """The process number of a running program."""
        return self._children[name].process.pid

    def start(self, program: Program) -> None:
        """Starts the program; see wait_until_ready for when it can be used."""
        self._children[program.name] = _Child(program, _spawn(program), time.monotonic())

    def wait_until_ready(self, name: str, *, timeout_seconds: float) -> bool:
        """True when the program says so; False when it ended or the time is over. StopRequestedError on Ctrl-C."""
        child = self._children[name]
        is_ready = child.program.is_ready
        deadline = time.monotonic() + timeout_seconds
        while is_ready is not None and not is_ready():
            if self.is_stopping:
                raise StopRequestedError
            if child.process.poll() is not None or time.monotonic() > deadline:
                return False
            self._sleep(POLL_SECONDS)
        return True

    def run_once(self, program: Program) -> int:
        """Runs a program to its end and returns its exit status. StopRequestedError on Ctrl-C, after ending it."""
        process = _spawn(program)
        while (status := process.poll()) is None:
            if self.is_stopping:
                _signal(process, signal.SIGTERM)
                _end(process, grace_seconds=program.grace_seconds, is_hurried=lambda: self._stops > 1)
                raise StopRequestedError
            self._sleep(1.0)
        return status

    def supervise(self) -> None:
        """Returns when the end was asked for; until then whoever dies is started again."""
        while not self.is_stopping:
            now = time.monotonic()
            for child in self._children.values():
                self._look_after(child, now)
            due = [child.restart_at for child in self._children.values() if child.restart_at is not None]
            self._sleep(min([1.0, *(max(0.0, moment - now) for moment in due)]))

    def stop(self, order: Sequence[Sequence[str]]) -> None:
        """Ends the named programs, group by group, and then all the others; nobody is left when it returns."""
        named = {name for group in order for name in group}
        for group in [*order, [name for name in self._children if name not in named]]:
            children = [self._children[name] for name in group if name in self._children]
            for child in children:
                _signal(child.process, signal.SIGTERM)
            for child in children:
                grace = child.program.grace_seconds
                _end(child.process, grace_seconds=grace, is_hurried=lambda: self._stops > 1)
                del self._children[child.program.name]

    def end(self, name: str) -> None:
        """Ends one program that nobody needs any more, at once."""
        child = self._children.pop(name)
        _signal(child.process, signal.SIGKILL, is_group=True)
        child.process.wait()

    def _look_after(self, child: _Child, now: float) -> None:
        if child.restart_at is None:
            status = child.process.poll()
            if status is None:
                return
            child.deaths = 1 if now - child.started > STEADY_SECONDS else child.deaths + 1
            delay = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** (child.deaths - 1))
            print(f"{child.program.name} ended ({status}); starting it again in {delay:g} s", file=sys.stderr)
            child.restart_at = now + delay
        elif now >= child.restart_at:
            child.process, child.started, child.restart_at = _spawn(child.program), now, None

    def _sleep(self, seconds: float) -> None:
        """Waits, but not longer than until the next signal; a child's end is one."""
        if select.select([self._wake], [], [], seconds)[0]:
            while True:
                try:
                    if not os.read(self._wake, 512):
                        return
                except BlockingIOError:
                    return


def _spawn(program: Program) -> subprocess.Popen[bytes]:
    """Starts the program in a session of its own, to end with this process."""
    parent = os.getpid()

    def in_child() -> None:
        for number in (*STOP_SIGNALS, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        die_with_parent(parent, program.death_signal)

    return subprocess.Popen(  # noqa: S603 - commands are our own
        program.command,
        env={**os.environ, **program.environment},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=in_child,
        pass_fds=program.pass_fds,
    )


def _signal(process: subprocess.Popen[bytes], number: int, *, is_group: bool = False) -> None:
    if process.poll() is None:
        (os.killpg if is_group else os.kill)(process.pid, number)


def _end(process: subprocess.Popen[bytes], *, grace_seconds: float, is_hurried: Callable[[], bool]) -> None:
    """Waits for a program that was asked to end, asks again after the grace, then ends it and its group by force."""
    deadline = time.monotonic() + grace_seconds
    while process.poll() is None and time.monotonic() < deadline and not is_hurried():
        time.sleep(POLL_SECONDS / 2)
    _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + INSIST_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS / 2)
    _signal(process, signal.SIGKILL, is_group=True)
    process.wait()
