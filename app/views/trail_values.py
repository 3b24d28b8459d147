"""What the audit trail's values are called: they are kept as names and keys of ours, and read in words (X5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext

from app.domain.errors import DomainError
from app.domain.health import EvidenceKind
from app.domain.labels import Labelled
from app.domain.quarantine import QuarantineStatus
from app.domain.roles import Role
from app.domain.sectors import CodeState
from app.domain.venues import VenueKind
from app.models import ChangeCause, EvidenceState
from app.services.lists import list_named
from app.views.format import label_text
from app.views.health_cells import change_text, ground_choices


def value_text(key: str, value: Any) -> str:
    """Return a value of the field `key` in the reader's language; what nobody knows as it was kept."""
    if value in (None, ""):
        return "—"
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, dict):
        return gettext("、").join(f"{value_text(key, name)} {count}" for name, count in value.items())
    told = _WORDS[key](str(value)) if key in _WORDS else ""
    return told or gettext(str(value))


def _one_of(*enums: type[Labelled]) -> Callable[[str], str]:
    def word(name: str) -> str:
        return next((label_text(enum[name]) for enum in enums if name in enum.__members__), "")

    return word


def _list(key: str) -> str:
    try:
        return gettext(list_named(key).title)
    except DomainError:  # a list of an older version
        return ""


_WORDS: Mapping[str, Callable[[str], str]] = {
    "status": _one_of(QuarantineStatus),
    "role": _one_of(Role),
    "kind": _one_of(EvidenceKind, VenueKind),
    "state": _one_of(EvidenceState, CodeState),
    "cause": _one_of(ChangeCause),
    "counts": lambda name: change_text(name) if ">" in name else "",
    "ground": lambda key: dict(ground_choices()).get(key, ""),
    "list": _list,
    "fields": lambda names: gettext("、").join(gettext(name) for name in names.split("、")),
}
