"""Reading and parsing an operators' sheet, from the file to normalised rows, with the peaks of both processes.

python -m bench.spreadsheets_reading [rows …]     (100000 and 1000000 show that memory stays flat)
"""

import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from python_calamine import CalamineWorkbook

from app.spreadsheets.declarations import TELECOM
from app.spreadsheets.parsing import parse_rows
from app.spreadsheets.reading import open_sheet
from bench.spreadsheets_sample import write_sample

TODAY = date(2020, 5, 1)


def peak(name: str) -> int:
    """This process's memory in MB: VmRSS now, VmHWM at most."""
    return int(Path("/proc/self/status").read_text().partition(name + ":")[2].split()[0]) >> 10


def measure(path: Path, count: int) -> None:
    began, used = time.monotonic(), time.process_time()
    with open_sheet(path, spec=TELECOM) as sheet:
        opened = time.monotonic() - began
        sound = sum(1 for row in parse_rows(TELECOM, sheet, today=TODAY) if not row.faults)
    whole, own = time.monotonic() - began, time.process_time() - used
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{count:>9,} rows: {whole:6.2f} s (header after {opened:.2f} s), "
        f"{count / whole:,.0f} rows/s, {sound:,} sound, "
        f"parsing {count / own:,.0f} rows per second of its own processor time; "
        f"peak of the caller {peak('VmHWM')} MB, of the reading process {child.ru_maxrss >> 10} MB"
    )


def floor(path: Path, count: int) -> None:
    """The bare library on the same file, nothing checked."""
    began = time.monotonic()
    rows = sum(1 for _ in CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).iter_rows())
    print(f"{count:>9,} rows: {time.monotonic() - began:6.2f} s with calamine alone, unchecked ({rows:,} rows)")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for argument in sys.argv[1:] or ["100000"]:
            sample = Path(folder) / f"{argument}.xlsx"
            write_sample(sample, int(argument))
            measure(sample, int(argument))
        if len(sys.argv) < 3:
            floor(sample, int(argument))
