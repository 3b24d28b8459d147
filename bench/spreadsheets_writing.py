"""Export of 100,000 x 12 against xlsxwriter in constant_memory mode writing the same cells, each in its own process.

python -m bench.spreadsheets_writing [rows]
"""

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import xlsxwriter

from app.spreadsheets.writer import TableColumn, write_table

TITLES = [
    "姓名",
    "证件类型",
    "证件号码",
    "手机号",
    "小区",
    "楼栋",
    "隔离状态",
    "来源地",
    "交通方式",
    "登记时间",
    "颜色",
    "备注",
]
PASSES = 2


def cells(count: int) -> Iterator[list[str]]:
    for at in range(count):
        number = f"4101051990{at % 1232:04d}{at % 9973:04d}"
        home = [f"某某花园{at % 700}号院", f"{at % 40}号楼{at % 3}单元"]
        stay = ["已确认隔离", "湖北省武汉市", "自驾", "2020-04-07 06:12:00", "黄", f"=A{at}"]
        yield [f"何晓明{at}", "身份证", number, f"138{at:08d}", *home, *stay]


def ours(path: Path, count: int) -> None:
    write_table(path, columns=[TableColumn(title) for title in TITLES], rows=cells(count), watermark="导出人：何*")


def ours_csv(path: Path, count: int) -> None:
    write_table(path, columns=[TableColumn(title) for title in TITLES], rows=cells(count), fmt="csv")


def theirs(path: Path, count: int) -> None:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    for at, title in enumerate(TITLES):
        sheet.write_string(0, at, title)
    for number, row in enumerate(cells(count), start=1):
        for at, cell in enumerate(row):
            sheet.write_string(number, at, cell)
    book.close()


def timed(write: Callable[[Path, int], None], count: int) -> tuple[float, int]:
    """Seconds of processor time and peak MB of a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (write, count))


def _measured(write: Callable[[Path, int], None], count: int) -> tuple[float, int]:
    with tempfile.TemporaryDirectory() as folder:
        used = time.process_time()
        write(Path(folder) / "out", count)
        seconds = time.process_time() - used
    return seconds, int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) >> 10


if __name__ == "__main__":
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    best = {write: min(timed(write, rows) for _ in range(PASSES)) for write in (theirs, ours, ours_csv)}
    for write, (seconds, megabytes) in best.items():
        print(f"{write.__name__:>8}: {seconds:6.2f} s, {megabytes} MB, ratio {seconds / best[theirs][0]:.2f}")
