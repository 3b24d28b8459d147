"""Comparing a list with the people who are known here: by what, and how sure that is (Z-T12)."""

from collections.abc import Collection
from datetime import date

from app.domain.labels import N_, Labelled
from app.domain.text import without_blanks

_BIRTH_IN_NUMBER = slice(6, 14)
_NUMBER_LENGTH = 18


class ComparisonState(Labelled):
    """The life of a comparison. RUNNING is worked on by a job and ends by itself; results are kept for some days."""

    RUNNING = N_("正在比对")
    AWAITING_COLUMNS = N_("待选择列")
    DONE = N_("已完成")
    FAILED = N_("未能完成")
    EXPIRED = N_("已过期")


class MatchBasis(Labelled):
    """By what a row was recognised, the surest first."""

    DOCUMENT = N_("证件号")
    PHONE = N_("手机号")
    NAME_AND_BIRTH = N_("姓名和出生日期")


def can_compare(keys: Collection[str]) -> bool:
    """Whether columns of these keys tell who a row is about."""
    return bool({"document_number", "phone"} & set(keys)) or {"name", "birth_date"} <= set(keys)


def birth_date_in(number: str | None) -> date | None:
    """The day of birth in an identity number, even in one with a wrong digit elsewhere; None where there is none."""
    if number is None or len(number) != _NUMBER_LENGTH:
        return None
    try:
        return date.fromisoformat(number[_BIRTH_IN_NUMBER])
    except ValueError:
        return None


def is_doubtful(basis: MatchBasis, *, given: str | None, known: str) -> bool:
    """Whether a match may be somebody else: families share phones, names and birthdays meet, digits are mistyped."""
    is_same_name = given is not None and without_blanks(given) == without_blanks(known)
    if basis is MatchBasis.NAME_AND_BIRTH:
        return True
    return not is_same_name if basis is MatchBasis.PHONE else given is not None and not is_same_name
