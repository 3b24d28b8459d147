"""Writes an operators' sheet of any size, with the columns and spellings of the real ones."""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

from app.spreadsheets.declarations import TELECOM
from app.spreadsheets.xlsx_writer import Style, XlsxWriter

TITLES = [column.title for column in TELECOM.columns]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
DISTRICTS = [
    "中原区",
    "二七区",
    "管城回族区",
    "金水区",
    "上街区",
    "惠济区",
    "中牟县",
    "巩义市",
    "荥阳市",
    "新密市",
    "新郑市",
    "登封市",
    "高新区",
    "经开区",
]


def id_number(source: random.Random) -> str:
    body = f"4101{source.randint(2, 85):02d}{source.randint(1940, 2012)}{source.randint(1, 12):02d}"
    body += f"{source.randint(1, 28):02d}{source.randint(0, 999):03d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def sample_rows(count: int) -> Iterator[list[str | float]]:
    source = random.Random(20200408)
    for at in range(count):
        district = source.choice(DISTRICTS)
        number = 13000000000 + source.randrange(6_000_000_000)
        day = source.randint(1, 28)
        phone = float(number) if at % 17 == 0 else str(number)
        listed = float(20200400 + day) if at % 3 == 0 else f"2020-04-{day:02d}"
        stay = f"2020/04/{day:02d} {source.randint(0, 23):02d}:{source.randint(0, 59):02d}"
        name = "".join(
            source.choice("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗明丽强磊军洋勇艳杰娟涛敏静") for _ in range(3)
        )
        yield [listed, phone, "郑州市", district, "河南", "郑州", name, id_number(source),
               f"河南省郑州市{district}某路{source.randint(1, 400)}号", stay, f"某路基站-{source.randint(1, 9999)}",
               "郑州市", district, ""]  # fmt: skip


def write_sample(path: Path, count: int) -> None:
    """A workbook with a title row, the header and so many sound rows."""
    styles, widths = [Style.TEXT] * len(TITLES), [14.0] * len(TITLES)
    with XlsxWriter(path, titles=TITLES, widths=widths, watermark="重点人员流入名单") as book:
        for row in sample_rows(count):
            book.write_row(row, styles)


if __name__ == "__main__":
    write_sample(Path(sys.argv[1]), int(sys.argv[2]))
