"""An operators' sheet of any size, with a known share of each fault, for tests and benchmarks."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.documents import check_character

HEADER = (
    "日期", "手机号码", "流入市", "流入县", "归属省", "归属市", "姓名", "证件号码", "证件地址", "最近滞留时间",
    "最近滞留基站", "基站归属地市", "基站归属区县", "备注",
)  # fmt: skip
DISTRICTS = (
    "中原区", "二七区", "管城回族区", "金水区", "上街区", "惠济区", "中牟县", "经开区", "高新区", "航空港区",
    "郑东新区", "巩义市", "荥阳市", "新密市", "新郑市", "登封市",
)  # fmt: skip
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴", "伟芳娜敏静丽强磊军洋勇艳杰娟涛"


@dataclass
class Truth:
    """What a check of the sheet must find."""

    new: int = 0
    duplicates: int = 0
    undispatched: int = 0
    rejected: dict[str, int] = field(default_factory=dict)


def rows(count: int, truth: Truth) -> Iterator[list[str]]:
    """The rows of a sheet; `truth` has the answer when the last one was taken."""
    earlier: list[str] = []
    for at in range(count):
        row = _row(at)
        fault = _fault(at)
        if fault == "duplicate" and earlier:
            yield earlier
            truth.duplicates += 1
            continue
        if fault in ("phone", "id_checksum", "date"):
            _spoil(row, fault)
            truth.rejected[fault] = truth.rejected.get(fault, 0) + 1
            yield row
            continue
        if fault == "elsewhere":
            row[11:13] = ["许昌市", "禹州市"]
            truth.undispatched += 1
        truth.new += 1
        earlier = row
        yield row


def _fault(at: int) -> str:
    found = {7: "phone", 17: "id_checksum", 27: "date", 37: "duplicate", 47: "duplicate"}.get(at % 100, "")
    return found or ("elsewhere" if at % 10 == 1 else "")


def _spoil(row: list[str], fault: str) -> None:
    if fault == "phone":
        row[1] = row[1][:9]
    elif fault == "date":
        row[0] = "20200431"
    else:
        row[7] = row[7][:17] + ("0" if row[7][17] != "0" else "1")


def _row(at: int) -> list[str]:
    day, minute = 1 + at % 28, at % 60
    body = f"4101{2 + at % 7:02d}{1950 + at // 336_000 % 50}{1 + at // 28_000 % 12:02d}{1 + at // 1000 % 28:02d}{at % 1000:03d}"
    # Nobody else of the day has this name and birthday: that would be a doubt to be asked about.
    name = SURNAMES[at % 10] + GIVEN[at % 15] + GIVEN[at // 30 % 15]
    stay = f"2020/04/{day:02d} {at % 24:02d}:{minute:02d}"
    return [
        f"202004{day:02d}", f"1{3 + at % 7}{at * 7919 % 1_000_000_000:09d}", "郑州市", DISTRICTS[at % 5], "河南", "郑州", name,
        body + check_character(body), f"河南省郑州市某路{at % 300}号", stay, f"某路基站-{at % 9000}", "郑州市",
        DISTRICTS[at % 16], "",
    ]  # fmt: skip


def write_csv(path: Path, count: int) -> Truth:
    """The sheet stands in `path`; the answer comes back."""
    truth = Truth()
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEADER)
        lines.writerows(rows(count, truth))
    return truth
