"""Personal data in full: only with a reason, always on record (issue 1.2, X10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.services import audit
from app.services.audit import Actor
from app.services.transaction import transactional

_SHORTEST_REASON = 4


@dataclass(frozen=True)
class Revealed:
    """A label (a message id) and the full value behind it."""

    label: str
    value: str


@transactional
def reveal(actor: Actor, row: Any, *, fields: list[Revealed], reason: str) -> list[Revealed]:
    """Return `fields` of `row` in full and leave an event of who saw them and why. Error: reveal_reason."""
    if len(reason.strip()) < _SHORTEST_REASON:
        raise DomainError(N_("请写明查看原因（至少 4 个字）"), code="reveal_reason", field="reason")
    names = "、".join(field.label for field in fields)
    audit.record(
        actor, "reveal", subject=row, area_code=row.area_code, changes={"reason": reason.strip(), "fields": names}
    )
    return fields
