"""Risk areas (2.1): which lists are in force when, and what a place was on a day. Questions read, nothing here colours.

Whoever was somewhere on a day was there at no known hour: a list that held at any moment of that day holds for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlalchemy.orm import contains_eager

from app import clock
from app.access import everything
from app.access.scope import AFTER_DIGITS
from app.domain.areas import AreaLevel
from app.domain.risk import RiskLevel, worst
from app.extensions import db
from app.models import RiskArea, RiskAreaList, RiskAreaSource, RiskListState
from app.profiles import load_profile


def level_on(area_code: str, day: date) -> RiskLevel | None:
    """The worst level of any place listed at, below or above this area on that day of the region; None for none.

    Lists name houses and streets, forms name districts: a district is as bad as the worst place in it, and an area
    within a listed one is as bad as that.
    """
    levels = select(RiskArea.level).join(RiskArea.risk_list).where(listed_on(day), concerns(area_code)).distinct()
    return worst(db.session.execute(levels).scalars())


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
    start, end = clock.day_bounds(day, load_profile(current_app.config["REGION"]).zone)
    return and_(
        RiskAreaList.state == RiskListState.IN_FORCE,
        RiskArea.in_force_from < end,
        or_(RiskArea.in_force_until.is_(None), RiskArea.in_force_until > start),
    )


def concerns(area_code: str) -> ColumnElement[bool]:
    """The condition that a row's area is this one, lies in it, or holds it."""
    above = [area_code[: level.code_length] for level in AreaLevel if level.code_length < len(area_code)]
    below = and_(RiskArea.matched_code >= area_code, RiskArea.matched_code < area_code + AFTER_DIGITS)
    return or_(below, RiskArea.matched_code.in_(above))


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
    query = (
        select(RiskAreaList)
        .where(RiskAreaList.state == RiskListState.IN_FORCE, RiskAreaList.source == RiskAreaSource.OFFICIAL)
        .order_by(RiskAreaList.published_at, RiskAreaList.id)
    )
    with everything("lists belong to nobody's area"):
        lists = list(db.session.execute(query).scalars())
        ends: list[datetime | None] = [*(each.published_at for each in lists[1:]), None]
        for each, end in zip(lists, ends, strict=True):
            db.session.execute(
                update(RiskArea).where(RiskArea.list_id == each.id).values(in_force_until=end),
                execution_options={"synchronize_session": "fetch"},
            )
