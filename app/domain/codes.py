"""Codes made in advance: how a batch comes about and in what form its posters are printed (Z-S7)."""

from app.domain.errors import DomainError
from app.domain.labels import N_, Labelled

MOST_AT_ONCE = 10_000
PIN_DIGITS = 4


class BatchProgress(Labelled):
    """How far a job has come with what it makes."""

    RUNNING = N_("正在生成")
    FINISHED = N_("已完成")
    FAILED = N_("未能完成")


class PrintForm(Labelled):
    """A poster for each code in one archive, or many small codes to a sheet for cutting."""

    ARCHIVE = N_("海报压缩包")
    SHEET = N_("打印拼版")

    @property
    def most(self) -> int:
        """How many codes one file holds: posters are large."""
        return {"ARCHIVE": 1_000, "SHEET": MOST_AT_ONCE}[self.name]


def check_size(size: int | None) -> int:
    """`size`, when it is a number of codes that one batch may have. Error: batch_size."""
    if size is None or not 1 <= size <= MOST_AT_ONCE:
        raise DomainError(N_("每批可生成1到%(most)s个二维码"), code="batch_size", field="size", most=MOST_AT_ONCE)
    return size
