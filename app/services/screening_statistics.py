"""How far the lists are screened, counted from the rows that the numbers open (Z-T4, Z-T10, Z-T12; D8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.domain.areas import AreaLevel
from app.domain.completion import Completion
from app.domain.screening import ScreeningKind, is_screened, status_named
from app.extensions import db
from app.models import ScreeningEntry
from app.services.screening import district_labels
from app.services.screening_list import ScreeningList
from app.services.tray import is_in_tray


@dataclass(frozen=True, kw_only=True)
class Search:
    """Which rows are counted: of which days, of which category."""

    since: date | None = None
    until: date | None = None
    category: str | None = None


@dataclass(frozen=True)
class Line:
    """One line of a table: a district by its code, 未下发 by None; how much is done and in which statuses."""

    district: str | None
    completion: Completion
    by_status: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Sums:
    """The same of a whole list, what waits for a district told apart."""

    kind: ScreeningKind
    completion: Completion
    undispatched: int


def by_district(kind: ScreeningKind, search: Search, within: str) -> Sequence[Line]:
    """A line for every district below `within`, in the order of their codes; one for what has none, if there is any.

    One statement counts all of it, so that the sum of the lines is the total, always (checklist Z144).
    """
    code = func.substr(ScreeningEntry.area_code, 1, AreaLevel.DISTRICT.code_length)
    waits = is_in_tray()
    query = select(code, waits, ScreeningEntry.status, func.count()).where(ScreeningEntry.kind == kind)
    query = _narrowed(query, search).group_by(code, waits, ScreeningEntry.status)
    names = [known for known in district_labels() if known.startswith(within)]
    found: dict[str | None, dict[str, int]] = {name: {} for name in names}
    for district, is_waiting, status, count in db.session.execute(query):
        statuses = found.setdefault(None if is_waiting else district, {})
        statuses[status] = statuses.get(status, 0) + count
    waiting = found.pop(None, None)
    lines = [Line(district, _completion(kind, counts.items()), counts) for district, counts in found.items()]
    return [*lines, Line(None, _completion(kind, waiting.items()), waiting)] if waiting else lines


def by_list(lists: Sequence[ScreeningList], search: Search) -> Sequence[Sums]:
    """How far each of the lists is, in their order, from one statement."""
    waits = is_in_tray()
    kinds = [declared.row_kind for declared in lists]
    query = select(ScreeningEntry.kind, waits, ScreeningEntry.status, func.count())
    query = query.where(ScreeningEntry.kind.in_([kind.name for kind in kinds]))
    query = _narrowed(query, search).group_by(ScreeningEntry.kind, waits, ScreeningEntry.status)
    counts: dict[ScreeningKind, list[tuple[str, int]]] = {kind: [] for kind in kinds}
    undispatched: dict[ScreeningKind, int] = dict.fromkeys(kinds, 0)
    for kind, is_waiting, status, count in db.session.execute(query):
        counts[kind].append((status, count))
        undispatched[kind] += count if is_waiting else 0
    return [Sums(kind, _completion(kind, counts[kind]), undispatched[kind]) for kind in kinds]


def total(lines: Iterable[Line | Sums]) -> Completion:
    """All lines together."""
    return sum((line.completion for line in lines), Completion())


def _narrowed(query: Any, search: Search) -> Any:
    if search.since:
        query = query.where(ScreeningEntry.listed_on >= search.since)
    if search.until:
        query = query.where(ScreeningEntry.listed_on <= search.until)
    return query.where(ScreeningEntry.category == search.category) if search.category else query


def _completion(kind: ScreeningKind, counts: Iterable[tuple[str, int]]) -> Completion:
    held = list(counts)
    done = sum(count for status, count in held if is_screened(kind, status_named(kind, status)))
    return Completion(sum(count for _status, count in held), done)
