"""What a check finds, in numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from app.domain.dispatch import UndispatchedReason


@dataclass
class Counts:
    """Rows of one file by what becomes of them; every row is in exactly one of the first six.

    A rejected row counts under its first fault. `dispatched` is by area code; what is in it or undispatched is new.
    """

    new: int = 0
    already_there: int = 0
    duplicates: int = 0  # of another row of the same file
    filtered_out: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    undispatched: dict[str, int] = field(default_factory=dict)
    dispatched: dict[str, int] = field(default_factory=dict)
    # Persons by "GREEN>RED" whose colours the batch would change (X4).
    recolored: dict[str, int] = field(default_factory=dict)
    # For the progress bar: rows read of about so many, then rows staged of so many.
    done: int = 0
    total: int = 0

    @property
    def rejected_rows(self) -> int:
        return sum(self.rejected.values())

    @property
    def undispatched_rows(self) -> int:
        return sum(self.undispatched.values())

    @property
    def rows(self) -> int:
        """Rows with anything in them."""
        return self.new + self.already_there + self.duplicates + self.filtered_out + self.rejected_rows

    def add_dispatch(self, area_code: str | None, reason: str | None) -> None:
        """Count one new row by where it goes."""
        self.new += 1
        if area_code is None:
            self.undispatched[str(reason)] = self.undispatched.get(str(reason), 0) + 1
        else:
            self.dispatched[area_code] = self.dispatched.get(area_code, 0) + 1

    def hold_back(self, area_code: str | None, reason: str | None) -> None:
        """Count one new row where it waits, and no more where it would have gone."""
        place = self.dispatched if area_code is not None else self.undispatched
        key = str(area_code or reason)
        place[key] = place.get(key, 0) - 1
        if place[key] <= 0:
            del place[key]
        waits = UndispatchedReason.POSSIBLE_DUPLICATE.name
        self.undispatched[waits] = self.undispatched.get(waits, 0) + 1

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, stored: dict[str, Any] | None) -> Counts:
        """The counts that a batch keeps; all nothing for a batch whose check has not begun."""
        return cls(**(stored or {}))
