"""The process that reads one file: started by reading.py, it limits its own memory and time.

It is run as a script, by path, so that it loads the few modules it needs and not the whole application.
"""

import itertools
import json
import resource
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

if __name__ == "__main__":
    # Only the layers below are imported: a stand-in for the package keeps its __init__, the web application, out.
    root = Path(__file__).resolve().parents[1]
    package = types.ModuleType("app")
    package.__path__ = [str(root)]
    sys.modules["app"] = package

from app.domain.errors import DomainError
from app.spreadsheets.filetypes import file_kind
from app.spreadsheets.header import TitleIndex
from app.spreadsheets.limits import Limits, refusal
from app.spreadsheets.sheet_search import found_sheets
from app.spreadsheets.sources import Row, sheet_sources
from app.spreadsheets.wire import pack_row, write_message, write_rows

BATCH = 500


def main(argument: str, pipe: BinaryIO) -> None:
    """Read the file named in the argument and put its header, its rows and its end, or its refusal, on the pipe."""
    task = json.loads(argument)
    limits = Limits(**task["limits"])
    _limit_this_process(limits)
    try:
        _read(Path(task["path"]), TitleIndex(task["keys"], task["expected"]), limits, pipe)
    except DomainError as error:
        write_message(pipe, ("refused", error.code, _plain_params(error)))
    except (MemoryError, RecursionError):
        write_message(pipe, ("refused", "bomb", {}))
    except FileNotFoundError:
        raise
    except Exception:  # whatever else a hostile file provokes in a parser
        write_message(pipe, ("refused", "unreadable", {}))


def _plain_params(error: DomainError) -> dict[str, Any]:
    return {key: value if isinstance(value, int) else str(value) for key, value in error.params.items()}


def _limit_this_process(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.child_memory_bytes, limits.child_memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.child_cpu_seconds, limits.child_cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(path: Path, titles: TitleIndex, limits: Limits, pipe: BinaryIO) -> None:
    kind = file_kind(path, limits=limits)
    sources = sheet_sources(path, kind, limits=limits)
    total = 0
    for sheet in found_sheets(sources, titles, limits=limits):
        for batch in _batches(sheet.rows):
            if not total:
                header = list(sheet.header), dict(sheet.positions), sheet.about
                write_message(pipe, ("header", kind.value, sheet.name, sheet.number, *header))
            write_rows(pipe, batch)
            total += len(batch)
    if not total:
        raise refusal("no_rows")
    write_message(pipe, ("end", total))


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """The rows in lists, packed for the pipe."""
    while batch := [(number, pack_row(cells)) for number, cells in itertools.islice(rows, BATCH)]:
        yield batch


if __name__ == "__main__":
    main(sys.argv[1], sys.stdout.buffer)
