"""What a move in the area tree does to codes: a free one below the new parent, and whose sums change (decision 1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from app.domain.areas import CODE_LENGTHS, AreaLevel, area_level
from app.domain.errors import DomainError
from app.domain.labels import N_

# What may be put under another parent; the compounds below a community move as venues.
MOVABLE = (AreaLevel.STREET, AreaLevel.COMMUNITY)
# What may be added: nodes of our own beside the official ones.
ADDABLE = (AreaLevel.DISTRICT, AreaLevel.STREET, AreaLevel.COMMUNITY)


def free_code(parent: str, taken: Collection[str], *, like: str | None = None) -> str:
    """A code below `parent` that no area has or had: ending as `like` does where that is free, else from the end.

    Official codes count from the beginning. Error: no_free_code.
    """
    levels = list(AreaLevel)
    length = levels[levels.index(area_level(parent)) + 1].code_length
    digits = length - len(parent)
    own_end = like[-digits:] if like is not None and len(like) == length else None
    ends = ([own_end] if own_end else []) + [f"{number:0{digits}d}" for number in range(10**digits - 1, 0, -1)]
    for end in ends:
        if parent + end not in taken:
            return parent + end
    raise DomainError(N_("上级区划下已没有可用的代码"), code="no_free_code", field="target")


def ancestors(code: str) -> tuple[str, ...]:
    """The codes of the areas above `code`, from the province down."""
    return tuple(code[:length] for length in CODE_LENGTHS.values() if length < len(code))


def changed_sums(left: Iterable[str], joined: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the areas above the old place and above the new one, those that lose and those that gain."""
    before, after = tuple(left), tuple(joined)
    return tuple(code for code in before if code not in after), tuple(code for code in after if code not in before)


def common_area(codes: Collection[str]) -> str:
    """The smallest area that holds all of `codes`."""
    shortest = min(codes, key=len)
    for length in sorted(CODE_LENGTHS.values(), reverse=True):
        if length <= len(shortest) and all(code.startswith(shortest[:length]) for code in codes):
            return shortest[:length]
    raise ValueError(f"no area holds {sorted(codes)}")
