"""Texts of the domain: marked for the catalogue, and enums that carry one each."""

from dataclasses import dataclass
from enum import Enum
from typing import Self


def N_(text: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Return `text` unchanged; marks a message id where translating it now is not this layer's business."""
    return text


class Labelled(Enum):
    """An enum whose values are the Chinese texts of the manuals; the database stores the member's name."""

    @property
    def label(self) -> str:
        """The Chinese text, which is also its message id."""
        return str(self.value)

    @classmethod
    def from_label(cls, text: str) -> Self | None:
        """The member whose text is exactly `text`, or None: sheets and filters write labels, not names."""
        return next((member for member in cls if member.label == text), None)


@dataclass(frozen=True)
class Text:
    """A text that is data (of a region, of a rule), in both languages."""

    zh: str
    en: str

    def in_(self, locale: object) -> str:
        """The text for `locale` ("en", "en_GB", a Babel locale); Chinese for whatever is not English."""
        return self.en if str(locale).lower().startswith("en") else self.zh

    def __str__(self) -> str:
        return self.zh
