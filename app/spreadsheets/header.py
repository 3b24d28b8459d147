"""Finding a sheet's header by its titles, wherever operators put it and however they pad it (issue 1.4)."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.spreadsheets.columns import SheetSpec

REASON_TITLE = "退回原因"  # the column that rejected files carry in front; never data
BRACKETS = ("(", "[", "【")


@dataclass(frozen=True)
class TitleIndex:
    """Which column a normalised title names, and which a sheet must have; plain data that crosses processes."""

    keys: Mapping[str, str]
    expected: Mapping[str, str]  # key -> title as declared

    def positions(self, cells: Sequence[Any]) -> dict[str, int]:
        """Where each known column stands among these cells; of two columns of one title the first counts."""
        found: dict[str, int] = {}
        for at, cell in enumerate(cells):
            key = self.keys.get(normal_title(cell)) if isinstance(cell, str) else None
            if key is not None and key not in found:
                found[key] = at
        return found

    def missing(self, positions: Mapping[str, int]) -> list[str]:
        """The titles of the columns that a sheet must have and this one has not."""
        return [title for key, title in self.expected.items() if key not in positions]


@dataclass(frozen=True)
class Learned:
    """What somebody said of one header: which key each normalised title means; the other columns it has not."""

    titles: Mapping[str, str]


def title_index(spec: SheetSpec, learned: Learned | None = None) -> TitleIndex:
    """The titles and synonyms of a declaration, ready to be looked up; what was learned, instead of them."""
    if learned is not None:
        expected = {c.key: c.title for c in spec.columns if c.key in learned.titles.values()}
        return TitleIndex(learned.titles, expected)
    keys: dict[str, str] = {}
    for column in spec.columns:
        for title in (column.title, *column.synonyms):
            keys.setdefault(normal_title(title), column.key)
    expected = {c.key: c.title for c in spec.columns if c.is_required or c.is_expected}
    return TitleIndex(keys, expected)


def normal_title(title: str) -> str:
    """A title without padding, line breaks, full width, stars and the note in brackets behind it."""
    plain = "".join(unicodedata.normalize("NFKC", title).split()).strip("*:'\ufeff\u200b").upper()
    for bracket in BRACKETS:
        head = plain.partition(bracket)[0]
        plain = head or plain
    return plain


def header_text(cell: Any) -> str:
    """A header cell as it is shown again: without padding and line breaks."""
    return "" if cell is None else " ".join(str(cell).split())
