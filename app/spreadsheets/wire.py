"""What the reading process and its parent say to each other: length-prefixed plain data, nothing that could run."""

import marshal
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, BinaryIO

HEADER_BYTES = 4
DAY_PARTS, MOMENT_PARTS = 3, 6
MAX_MESSAGE = 1 << 25  # more than one row of the widest and longest can be


def write_rows(pipe: BinaryIO, rows: list[Any]) -> None:
    """Put rows on the pipe, in as many messages as keep the receiver's memory small."""
    content = marshal.dumps(("rows", rows))
    if len(content) > MAX_MESSAGE and len(rows) > 1:
        half = len(rows) // 2
        write_rows(pipe, rows[:half])
        write_rows(pipe, rows[half:])
    else:
        _write(pipe, content)


def write_message(pipe: BinaryIO, message: tuple[Any, ...]) -> None:
    """Put one message on the pipe."""
    _write(pipe, marshal.dumps(message))


def _write(pipe: BinaryIO, content: bytes) -> None:
    pipe.write(len(content).to_bytes(HEADER_BYTES, "big"))
    pipe.write(content)
    pipe.flush()


def pack_row(cells: Iterable[Any]) -> list[Any]:
    """The cells with dates as tuples of numbers; all else is plain already."""
    return [_packed_date(cell) if isinstance(cell, date) else cell for cell in cells]


def _packed_date(cell: date) -> tuple[int, ...]:
    parts = MOMENT_PARTS if isinstance(cell, datetime) else DAY_PARTS
    return tuple(cell.timetuple()[:parts])


def unpack_row(cells: list[Any]) -> list[Any]:
    """The cells with their dates again."""
    return [unpack_date(cell) if type(cell) is tuple else cell for cell in cells]


def unpack_date(parts: tuple[int, ...]) -> date:
    """A date of three numbers, a local moment of six."""
    return date(*parts) if len(parts) == DAY_PARTS else datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - sheets know no zone


def read_message(content: bytes) -> tuple[Any, ...]:
    """The message in these bytes."""
    message = marshal.loads(content)  # noqa: S302  written by our own reading process, and data only
    assert isinstance(message, tuple)
    return message
