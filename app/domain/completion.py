"""How much of a list is done (Z-T10, checklist Z143)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Completion:
    """应排查 and 已排查 of one district, or of all."""

    total: int = 0
    screened: int = 0

    @property
    def unscreened(self) -> int:
        return self.total - self.screened

    @property
    def rate(self) -> str:
        """考核完成率 with two decimals; where nothing is to be screened all is done."""
        share = 100 * self.screened / self.total if self.total else 100.0
        return f"{share:.2f}%"

    def __add__(self, other: "Completion") -> "Completion":
        return Completion(self.total + other.total, self.screened + other.screened)
