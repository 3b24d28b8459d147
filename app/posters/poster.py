"""What stands on the poster of a venue (Z-R9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.labels import N_

COMPOUND_TITLE = N_("全市居民小区健康登记管理系统")

INSTRUCTIONS: tuple[str, ...] = (
    N_("用手机扫描上方二维码"),
    N_("填写登记信息，或选择已登记的身份"),
    N_("向值守人员出示登记结果"),
)

# Guards check the poster every day, because codes were pasted over (checklist Z45).
DAILY_CHECK = N_("请每日核对本码，谨防覆盖、涂改")

SHORT_CODE_LABEL = N_("编号")
PRINTED_ON_LABEL = N_("打印日期")


@dataclass(frozen=True, kw_only=True)
class Poster:
    """One venue's poster; area_name and kind_label stand above its name, short_code is what guards compare by eye."""

    title: str
    venue_name: str
    area_name: str
    url: str
    short_code: str
    instructions: Sequence[str] = INSTRUCTIONS
    issuer: str
    printed_on: date
    kind_label: str

    @property
    def date_text(self) -> str:
        return f"{self.printed_on.year}年{self.printed_on.month}月{self.printed_on.day}日"
