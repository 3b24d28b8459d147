"""How much a file may be before it is refused, and the messages of refusal.

The figures follow what was measured on hostile workbooks: a 5 kB file can claim 549 GB, so nothing
is believed before it was counted.
"""

from dataclasses import dataclass
from typing import Any

from app.domain.errors import DomainError
from app.domain.labels import N_

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one file may cost; the defaults let 1,000,000 rows of the operators' sheet pass."""

    file_bytes: int = 150 * MEGABYTE
    members: int = 500
    inflated_bytes: int = 1500 * MEGABYTE
    ratio: int = 200
    ratio_from_bytes: int = 20 * MEGABYTE  # below this no ratio hurts
    large_ratio: int = 50  # lists of any size pack to a tenth; from here on even looking takes seconds
    large_from_bytes: int = 200 * MEGABYTE
    rows: int = 1_048_576
    columns: int = 200  # of cells with content; blank formatted ones may lie beyond
    far_cells: int = 500_000  # cells beyond column Z, blank or not
    header_rows: int = 20
    sheets: int = 50
    cell_characters: int = 32_767  # Excel's own limit
    in_memory_bytes: int = 128 * MEGABYTE  # more inflated XML than this is read by the streaming reader
    in_memory_cells: int = 3_000_000
    child_memory_bytes: int = 420 * MEGABYTE
    child_cpu_seconds: int = 600
    first_answer_seconds: float = 90.0
    stall_seconds: float = 60.0


MESSAGES: dict[str, str] = {
    "not_a_sheet": N_("不是可以导入的表格文件，请使用 .xlsx、.xls 或 .csv 文件"),
    "wrong_kind": N_("文件内容是%(kind)s，不是表格，请另存为 .xlsx 后重试"),
    "encrypted": N_("文件已加密，请取消密码后重新上传"),
    "macro": N_("文件含有宏，请另存为不含宏的 .xlsx 后重试"),
    "too_large": N_("文件过大，无法读取，请拆分后分次导入（单个文件不超过 %(megabytes)s MB）"),
    "too_many_rows": N_("表格超过 %(rows)s 行，请拆分后分次导入"),
    "too_wide": N_("表格在%(cell)s处有内容，超出了允许的 %(columns)s 列，请删除多余的列后重试"),
    "cell_too_long": N_("第%(row)s行有超过 %(characters)s 字的单元格，请删减后重试"),
    "bomb": N_("文件压缩得不正常，解开后会过大，已拒绝读取"),
    "unreadable": N_("文件已损坏或格式不正确，无法读取，请重新导出后重试"),
    "no_header": N_("没有找到表头，缺少这些列：%(missing)s"),
    "empty": N_("文件里没有数据"),
    "no_rows": N_("表头下面没有数据行"),
    "several_headers": N_("工作表“%(sheet)s”的列与“%(first)s”不一致，请合并到一个工作表后再导入"),
}


def refusal(code: str, **params: Any) -> DomainError:
    """The error that says why a file is refused; `code` is a key of MESSAGES."""
    return DomainError(MESSAGES[code], code=code, **params)
