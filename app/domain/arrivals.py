"""What the origin that a traveller declares at a checkpoint leads to (Z-S6, X3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.domain.colors import Color
from app.domain.gate import WORST_FIRST, Passage
from app.domain.labels import N_
from app.domain.risk import RiskLevel

REASONS: Mapping[RiskLevel, str] = {
    RiskLevel.HIGH: N_("出发地今日为高风险地区"),
    RiskLevel.MEDIUM: N_("出发地今日为中风险地区"),
    RiskLevel.LOW: N_("出发地今日为低风险地区"),
}
FROM_ABROAD = N_("从国外返回")
FROM_KEY_AREA = N_("从重点地区返回")
OF_RESIDENCE = N_("居住小区的隔离要求尚未解除")
NO_RISK = N_("出发地今日没有中高风险地区")


@dataclass(frozen=True, kw_only=True)
class ArrivalPolicy:
    """The colours of those who arrive: by the level of where they come from, and from abroad. From the profile."""

    by_level: Mapping[RiskLevel, Color] = field(default_factory=dict)
    abroad: Color = Color.YELLOW


@dataclass(frozen=True)
class Arrival:
    """The passage of somebody who arrives, and in one sentence (a message id) why."""

    passage: Passage
    reason: str

    @property
    def is_screened(self) -> bool:
        """Whether the person becomes a row of the returnees' list: red and yellow do (Z-T5)."""
        return self.passage.color in (Color.RED, Color.YELLOW)


def arrive(policy: ArrivalPolicy, passage: Passage, *, level: RiskLevel | None, is_from_abroad: bool) -> Arrival:
    """The worse of `passage` and what the risk-area policy says of the origin.

    Red by the origin is a person from a key area: the page flashes and sounds (Z-S9).
    """
    declared = policy.abroad if is_from_abroad else policy.by_level.get(level, Color.GREEN) if level else Color.GREEN
    if WORST_FIRST.index(declared) >= WORST_FIRST.index(passage.color):
        return Arrival(passage, _reason(passage, level, is_from_abroad=is_from_abroad))
    is_key_area = declared is Color.RED
    worse = replace(passage, color=declared, is_key_area=passage.is_key_area or is_key_area)
    return Arrival(worse, FROM_ABROAD if is_from_abroad or level is None else REASONS[level])


def _reason(passage: Passage, level: RiskLevel | None, *, is_from_abroad: bool) -> str:
    """Why a passage that the origin does not make worse is what it is."""
    if is_from_abroad:
        return FROM_ABROAD
    if passage.is_key_area:
        return FROM_KEY_AREA
    if level is not None:
        return REASONS[level]
    return NO_RISK if passage.color is Color.GREEN else OF_RESIDENCE
