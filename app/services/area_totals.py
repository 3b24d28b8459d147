"""Totals of areas when a place moves: those above it that it left lose its entries, those that it joined gain them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, Subquery, literal, select, union_all

from app.domain.area_moves import ancestors, changed_sums
from app.models import AreaEntryTotal, EntryHourTotal, Span, VenueEntryTotal
from app.models.types import AREA_CODE, EnumByName
from app.services.statistics import add_sums

_AREAS, _HOURS, _VENUES = AreaEntryTotal.__table__, EntryHourTotal.__table__, VenueEntryTotal.__table__
_KEY = ["area_code", "span", "start", "kind"]


def shift_area(from_code: str, to_code: str) -> None:
    """The sums above an area follow its move; its own are still under `from_code`."""
    own = select(_AREAS.c.kind, _AREAS.c.span, _AREAS.c.start, _AREAS.c.entries, _AREAS.c.abnormal)
    _shift(own.where(_AREAS.c.area_code == from_code).subquery(), ancestors(from_code), ancestors(to_code))


def shift_venue(venue_id: int, from_code: str, to_code: str) -> None:
    """The sums of the areas follow a venue's move; its own totals are still under `from_code`."""
    hour = literal(Span.HOUR, EnumByName(Span)).label("span")
    # What of the hours the sums hold already: the rest comes to the new area when it is counted.
    hours = select(
        _HOURS.c.kind,
        hour,
        _HOURS.c.hour.label("start"),
        _HOURS.c.added_entries.label("entries"),
        _HOURS.c.added_abnormal.label("abnormal"),
    ).where(_HOURS.c.venue_id == venue_id, _HOURS.c.area_code == from_code)
    others = select(_VENUES.c.kind, _VENUES.c.span, _VENUES.c.start, _VENUES.c.entries, _VENUES.c.abnormal).where(
        _VENUES.c.venue_id == venue_id, _VENUES.c.area_code == from_code
    )
    places = (*ancestors(from_code), from_code), (*ancestors(to_code), to_code)
    _shift(union_all(hours, others).subquery(), *places)


def _shift(own: Subquery, left: Iterable[str], joined: Iterable[str]) -> None:
    losing, gaining = changed_sums(left, joined)
    for sign, codes in ((-1, losing), (1, gaining)):
        for code in codes:
            add_sums(_AREAS, _KEY, _signed(own, code, sign))


def _signed(own: Subquery, code: str, sign: int) -> Select[Any]:
    return select(
        literal(code, AREA_CODE).label("area_code"),
        own.c.span,
        own.c.start,
        own.c.kind,
        (own.c.entries * sign).label("entries"),
        (own.c.abnormal * sign).label("abnormal"),
    ).where(own.c.kind.is_not(None))
