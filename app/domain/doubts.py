"""Rows of a list that may be one person and are not known to be: when that is asked, and what is answered (Z-T13)."""

from dataclasses import dataclass
from datetime import date

from app.domain.labels import N_, Labelled
from app.domain.text import without_blanks

_LEAST_IN_COMMON = 2


class DoubtBasis(Labelled):
    """Why two rows may be about one person."""

    PHONE = N_("手机号相同，姓名相近")
    NAME_AND_BIRTH = N_("姓名和出生日期相同")


class DoubtState(Labelled):
    """WAITING until somebody has answered; DISTINCT is remembered for the two people, whatever list they come on."""

    WAITING = N_("待核对")
    LINKED = N_("已关联")
    DISTINCT = N_("已新建")
    SKIPPED = N_("已跳过")


class DoubtAnswer(Labelled):
    """What becomes of the row that waits: part of the one that is there, a row of its own, or none."""

    LINK = N_("关联")
    NEW = N_("新建")
    SKIP = N_("跳过")

    @property
    def state(self) -> DoubtState:
        return _AFTER[self]


_AFTER = {
    DoubtAnswer.LINK: DoubtState.LINKED,
    DoubtAnswer.NEW: DoubtState.DISTINCT,
    DoubtAnswer.SKIP: DoubtState.SKIPPED,
}


@dataclass(frozen=True)
class Seen:
    """What a row tells of its person; `document` and `phone` are only compared, so that their indexes do."""

    name: str | None
    document: bytes | None = None
    phone: bytes | None = None
    birth_date: date | None = None


def doubt_between(one: Seen, other: Seen) -> DoubtBasis | None:
    """Why the two may be one person; None where they surely are (one document) or surely are not (two birthdays)."""
    if one.document is not None and one.document == other.document:
        return None
    births = {seen.birth_date for seen in (one, other) if seen.birth_date}
    is_born_alike = len(births) == 1 and None not in (one.birth_date, other.birth_date)
    if is_born_alike and _plain(one.name) and _plain(one.name) == _plain(other.name):
        return DoubtBasis.NAME_AND_BIRTH
    has_same_phone = one.phone is not None and one.phone == other.phone
    if has_same_phone and len(births) <= 1 and are_alike(one.name, other.name):
        return DoubtBasis.PHONE
    return None


def are_alike(one: str | None, other: str | None) -> bool:
    """Whether two names are equal but for one character: changed, missing or added, with two at least the same.

    So 何晓明 is like 何晓鸣, 何明 like 何晓明, and 王伟 not like 王芳. Homophones count as any other character.
    """
    short, long = sorted((_plain(one), _plain(other)), key=len)
    if not short or len(long) - len(short) > 1:
        return False
    if short == long:
        return True
    head = next((at for at, (mine, its) in enumerate(zip(short, long, strict=False)) if mine != its), len(short))
    rest = short[head + 1 :] if len(short) == len(long) else short[head:]
    return rest == long[head + 1 :] and head + len(rest) >= _LEAST_IN_COMMON


def _plain(name: str | None) -> str:
    return without_blanks(name or "").upper()
