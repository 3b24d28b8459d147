"""Levels of the area tree and its codes, in which a child's code starts with its parent's (Z-A1)."""

from app.domain.labels import N_, Labelled


class AreaLevel(Labelled):
    """From the province down to the community; compounds and other venues hang below the last."""

    PROVINCE = N_("省")
    CITY = N_("市")
    DISTRICT = N_("区县")
    STREET = N_("街道")
    COMMUNITY = N_("社区")

    @property
    def code_length(self) -> int:
        """How many digits an area code of this level has."""
        return CODE_LENGTHS[self]

    @property
    def parent(self) -> "AreaLevel | None":
        """The level above, None for the province."""
        levels = list(AreaLevel)
        position = levels.index(self)
        return levels[position - 1] if position else None


CODE_LENGTHS: dict[AreaLevel, int] = {
    AreaLevel.PROVINCE: 2,
    AreaLevel.CITY: 4,
    AreaLevel.DISTRICT: 6,
    AreaLevel.STREET: 9,
    AreaLevel.COMMUNITY: 12,
}
_LEVELS = {length: level for level, length in CODE_LENGTHS.items()}


def area_level(code: str) -> AreaLevel:
    """The level that the length of `code` tells. A code of any other length is a fault of the program."""
    try:
        return _LEVELS[len(code)]
    except KeyError:
        raise ValueError(f"{code!r} is no area code") from None


def parent_code(code: str) -> str | None:
    """The code of the area above `code`, None above a province."""
    above = area_level(code).parent
    return code[: above.code_length] if above else None


def code_at(code: str, level: AreaLevel) -> str | None:
    """The code of the area of `level` that `code` lies in, None where `code` is above that level."""
    return code[: level.code_length] if len(code) >= level.code_length else None


def lies_within(code: str, ancestor: str) -> bool:
    """Whether `code` is `ancestor` or below it."""
    return code.startswith(ancestor)


def code_after(code: str) -> str:
    """The smallest text after all that lie within `code`: from `code` to it is a range, in any sort order of texts.

    Nines at the end carry: below 410199 ends at 4102, for 410200 would let in the city 4102, which is no part of it.
    """
    stem = code.rstrip("9")
    # No code is all nines; in any order letters come after digits.
    return stem[:-1] + str(int(stem[-1]) + 1) if stem else "a"
