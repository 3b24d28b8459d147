"""Risk areas (2.1): which lists are in force when, and what a place was on a day. Questions read, nothing here colours.

Whoever was somewhere on a day was there at no known hour: a list that held at any moment of that day holds for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, update
from sqlalchemy.orm import contains_eager

from app import clock
from app.access import everything
from app.domain.areas import AreaLevel, code_after
from app.domain.risk import RiskLevel, worst
from app.extensions import db
from app.models import RiskArea, RiskAreaList, RiskAreaSource, RiskListState
from app.models.types import AREA_CODE, UtcDateTime
from app.profiles import load_profile

_AREA, _AFTER = bindparam("area", type_=AREA_CODE), bindparam("after", type_=AREA_CODE)
_START, _END = (bindparam(name, type_=UtcDateTime()) for name in ("start", "end"))
_ABOVE = [bindparam(f"above_{level.name.lower()}", type_=AREA_CODE) for level in AreaLevel]


def level_on(area_code: str, day: date) -> RiskLevel | None:
    """The worst level of any place listed at, below or above this area on that day of the region; None for none.

    Lists name houses and streets, forms name districts: a district is as bad as the worst place in it, and an area
    within a listed one is as bad as that.
    """
    return worst(db.session.execute(_LEVELS, listing_values(area_code, day)).scalars())


def is_listed() -> ColumnElement[bool]:
    """The condition that `level_on` answers with a level, for statements that take `listing_values` with them."""
    return exists().where(RiskArea.list_id == RiskAreaList.id, _listed(_START, _END), _concerns(_AREA, _AFTER, _ABOVE))


def listing_values(area_code: str, day: date) -> dict[str, Any]:
    """What `is_listed` asks for."""
    start, end = _bounds(day)
    above = dict(zip((each.key for each in _ABOVE), _holding(area_code), strict=True))
    return {"area": area_code, "after": code_after(area_code), "start": start, "end": end, **above}


def places_on(area_code: str, day: date) -> Sequence[RiskArea]:
    """The rows by which `level_on` answers, worst first."""
    query = rows_on(day).where(concerns(area_code)).order_by(RiskArea.id)
    order = list(RiskLevel)
    return sorted(db.session.execute(query).scalars(), key=lambda row: order.index(row.level))


def levels_on(area_codes: Sequence[str], day: date) -> dict[str, RiskLevel]:
    """`level_on` of each of the areas that has one, by one statement: for whole files and previews."""
    query = select(RiskArea.matched_code, RiskArea.level).join(RiskArea.risk_list).where(listed_on(day)).distinct()
    listed = [(code, level) for code, level in db.session.execute(query) if code]
    found: dict[str, RiskLevel] = {}
    for area in set(area_codes):
        level = worst(level for code, level in listed if code.startswith(area) or area.startswith(code))
        if level is not None:
            found[area] = level
    return found


def rows_on(day: date) -> Select[Any]:
    """The rows that counted on that day, with their lists."""
    return select(RiskArea).join(RiskArea.risk_list).options(contains_eager(RiskArea.risk_list)).where(listed_on(day))


def listed_on(day: date) -> ColumnElement[bool]:
    """The condition that a row counted at any moment of that day of the region."""
    return _listed(*_bounds(day))


def _bounds(day: date) -> tuple[datetime, datetime]:
    return clock.day_bounds(day, load_profile(current_app.config["REGION"]).zone)


def _listed(start: Any, end: Any) -> ColumnElement[bool]:
    return and_(
        RiskAreaList.state == RiskListState.IN_FORCE,
        RiskArea.in_force_from < end,
        or_(RiskArea.in_force_until.is_(None), RiskArea.in_force_until > start),
    )


def concerns(area_code: str) -> ColumnElement[bool]:
    """The condition that a row's area is this one, lies in it, or holds it."""
    return _concerns(area_code, code_after(area_code), _holding(area_code))


def _concerns(area: Any, after: Any, above: Sequence[Any]) -> ColumnElement[bool]:
    below = and_(RiskArea.matched_code >= area, RiskArea.matched_code < after)
    return or_(below, RiskArea.matched_code.in_(above))


def _holding(area_code: str) -> list[str]:
    """The area that holds this one at each level; the area itself below its own."""
    return [area_code[: level.code_length] for level in AreaLevel]


# Put together once: at a checkpoint that costs more than asking it.
_LEVELS = (
    select(RiskArea.level)
    .join(RiskArea.risk_list)
    .where(_listed(_START, _END), _concerns(_AREA, _AFTER, _ABOVE))
    .distinct()
)


def next_official(moment: datetime) -> datetime | None:
    """When the first official list in force after `moment` begins."""
    query = select(func.min(RiskAreaList.published_at)).where(_is_official(), RiskAreaList.published_at > moment)
    found: datetime | None = db.session.execute(query).scalar()
    return found


def _is_official() -> ColumnElement[bool]:
    return and_(RiskAreaList.state == RiskListState.IN_FORCE, RiskAreaList.source == RiskAreaSource.OFFICIAL)


def put_in_force(risk_list: RiskAreaList) -> None:
    """The list counts from its moment; an official one ends the official one before it, and is ended by the next."""
    risk_list.state = RiskListState.IN_FORCE
    _settle_ends(risk_list)


def take_out_of_force(risk_list: RiskAreaList, state: RiskListState) -> None:
    """The list never counted; the official one before it holds on until the next."""
    risk_list.state = state
    _settle_ends(risk_list)


def _settle_ends(changed: RiskAreaList) -> None:
    """Every official list ends where the next one begins, in whatever order they came."""
    if changed.source is not RiskAreaSource.OFFICIAL:
        return
    db.session.flush()
    query = select(RiskAreaList).where(_is_official()).order_by(RiskAreaList.published_at, RiskAreaList.id)
    with everything("lists belong to nobody's area"):
        lists = list(db.session.execute(query).scalars())
        for each, following in zip_longest(lists, lists[1:]):
            end = following.published_at if following else None
            db.session.execute(
                update(RiskArea).where(RiskArea.list_id == each.id).values(in_force_until=end),
                execution_options={"synchronize_session": "fetch"},
            )
