"""Who is alive on this machine, and how a process ends with the one that started it."""

import ctypes
import os
import signal
import socket
from functools import cache
from pathlib import Path

PR_SET_PDEATHSIG = 1
# Fields of /proc/PID/stat after the command's closing bracket: state is the first, the start time the twentieth.
STATE_FIELD, START_FIELD = 0, 19


def die_with_parent(parent_pid: int, death_signal: int = signal.SIGKILL) -> None:
    """The kernel sends death_signal to this process as soon as its parent is gone, however the parent ended.

    To be called in the child. The parent may have died before the call, so its number is compared once more.
    """
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), death_signal)


@cache
def machine() -> str:
    """A short key of this machine and process namespace: two processes with the same key see each other's numbers."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]
        namespace = Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        return socket.gethostname().replace(".", "_")
    return f"{boot}{namespace}"


def _stat(pid: int) -> list[str] | None:
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return line.rpartition(")")[2].split()


def identity(pid: int | None = None) -> str:
    """A name that no other process ever has: machine, number and start time, for a number is used again later."""
    pid = pid or os.getpid()
    fields = _stat(pid)
    return f"{machine()}-{pid}-{fields[START_FIELD] if fields else 0}"


def is_known_dead(name: str) -> bool:
    """Whether the process of that identity was of this machine and is gone; False where nobody here can tell."""
    parts = name.split("-")
    if parts[0] != machine() or not all(part.isdigit() for part in parts[1:3]) or len(parts) < 3:  # noqa: PLR2004 - its three parts
        return False
    fields = _stat(int(parts[1]))
    return fields is None or fields[STATE_FIELD] in "ZX" or fields[START_FIELD] != parts[2]
