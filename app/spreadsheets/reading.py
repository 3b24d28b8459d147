"""Reading a file that anybody may have sent: in a process of its own, row by row, in flat memory (issue 1.4)."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Self

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.spreadsheets.columns import Raw, SheetSpec
from app.spreadsheets.header import Learned, TitleIndex, title_index
from app.spreadsheets.limits import MESSAGES, Limits, refusal
from app.spreadsheets.wire import HEADER_BYTES, MAX_MESSAGE, read_message, unpack_row

CHILD = Path(__file__).with_name("reader_child.py")
OUT_OF_TIME = N_("读取文件用时过长，已停止，请拆分后分次导入")
READ_BYTES = 1 << 16
DEFAULT_LIMITS = Limits()


@dataclass
class OpenSheet:
    """A file being read: its header is known, its rows come once, leaving the `with` block ends the process."""

    kind: str
    sheet_name: str
    header_number: int
    header: Sequence[str]
    positions: Mapping[str, int]
    about_rows: int  # 0 where it cannot be known beforehand; for progress only
    _child: "_Child" = field(repr=False)

    def __iter__(self) -> Iterator[tuple[int, Raw]]:
        """The rows below the header with the sheet's own numbers; DomainError when the file turns out bad."""
        while (message := self._child.receive())[0] == "rows":
            for number, cells in message[1]:
                yield number, unpack_row(cells)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_closed(self) -> bool:
        """Whether the reading process has ended."""
        return self._child.has_ended

    def close(self) -> None:
        """Nothing of the reading is left."""
        self._child.close()


def open_sheet(
    path: Path, *, spec: SheetSpec, learned: Learned | None = None, limits: Limits = DEFAULT_LIMITS
) -> OpenSheet:
    """The sheet of this file that has the list's header, ready to be iterated.

    DomainError says what the file is instead: see limits.MESSAGES for its codes. The header is looked for among the
    first rows of every sheet, so a row above it and a sheet of explanations do no harm.
    """
    return _open(path, title_index(spec, learned), limits)


def header_of(path: Path, *, spec: SheetSpec, limits: Limits = DEFAULT_LIMITS) -> Sequence[str]:
    """The titles of the row that names most of the columns, else of the first row with something in it."""
    with _open(path, TitleIndex(title_index(spec).keys, {}), limits) as sheet:
        return sheet.header


def _open(path: Path, titles: TitleIndex, limits: Limits) -> OpenSheet:
    if path.stat().st_size > limits.file_bytes:
        raise refusal("too_large", megabytes=limits.file_bytes >> 20)
    task = {"path": str(path.resolve()), "limits": asdict(limits), "keys": titles.keys, "expected": titles.expected}
    child = _Child(json.dumps(task), limits)
    try:
        _, kind, name, number, header, positions, about = child.receive(within=limits.first_answer_seconds)
    except BaseException:
        child.close()
        raise
    return OpenSheet(kind, name, number, header, positions, about, child)


class _Child:
    """The reading process and the pipe it writes to."""

    def __init__(self, task: str, limits: Limits) -> None:
        self._limits = limits
        # No variable of this process is of use to it, and some are secrets.
        environment = {"PATH": os.environ.get("PATH", ""), "PYTHONIOENCODING": "utf-8", "LANG": "C.UTF-8"}
        self._process = subprocess.Popen(  # noqa: S603  our own script
            [sys.executable, "-P", str(CHILD), task],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd="/",
        )
        assert self._process.stdout is not None
        self._pipe: BinaryIO = self._process.stdout  # type: ignore[assignment]  # it is a pipe
        self._deadline = 0.0

    def receive(self, *, within: float | None = None) -> tuple[Any, ...]:
        """The next message; DomainError when it is a refusal, when none comes in time, or when the process died."""
        self._deadline = time.monotonic() + (within or self._limits.stall_seconds)
        size = int.from_bytes(self._exactly(HEADER_BYTES), "big")
        if size > MAX_MESSAGE:
            raise refusal("unreadable")
        message = read_message(self._exactly(size))
        if message[0] == "refused":
            raise DomainError(MESSAGES[message[1]], code=message[1], **message[2])
        return message

    def _exactly(self, count: int) -> bytes:
        pieces: list[bytes] = []
        while count:
            left = self._deadline - time.monotonic()
            if left <= 0 or not select.select([self._pipe], [], [], left)[0]:
                raise DomainError(OUT_OF_TIME, code="too_slow")
            piece = os.read(self._pipe.fileno(), min(count, READ_BYTES))
            if not piece:
                raise self._death()
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)

    def _death(self) -> DomainError:
        """What to say of a reading process that ended without a word: the kernel or an allocation stopped it."""
        status = self._process.wait(timeout=5)
        return refusal("unreadable") if status >= 0 else refusal("bomb")

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._pipe.close()
