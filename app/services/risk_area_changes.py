"""What changes when risk areas do goes through the guard of mass changes (X4).

What somebody enters by hand always waits for a second person, for it colours whoever comes from there (X3); an official
file does where the profile says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app
from sqlalchemy import ColumnElement, and_, select, update

from app import clock
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.risk import Unmatched
from app.extensions import db
from app.models import (
    Account,
    ChangeCause,
    ChangeSet,
    ChangeSetState,
    EvidenceState,
    RiskArea,
    RiskAreaList,
    RiskAreaName,
    RiskAreaSource,
    RiskListState,
)
from app.profiles import Profile, load_profile
from app.services import change_sets, risk_area_arrivals, risk_areas
from app.services.change_sets import Change, Handler
from app.services.risk_area_arrivals import listings_of

Names = tuple[str, str, str]


def region() -> Profile:
    """The region of this installation."""
    return load_profile(current_app.config["REGION"])


def submit_list(risk_list: RiskAreaList, *, account: Account) -> ChangeSet:
    """The list is in force with the evidence that it brings, or both wait for a second person."""
    rows = _rows(risk_list)
    change = Change(
        cause=ChangeCause.RISK_AREAS,
        cause_id=risk_list.id,
        title=risk_list.file_name or rows[0].published_name,
        brings=risk_area_arrivals.brought_by(listings_of(rows), region()),
    )
    is_official = risk_list.source is RiskAreaSource.OFFICIAL
    must_wait = region().risk_areas.must_wait or not is_official
    found = change_sets.submit(change, account=account, must_wait=must_wait)
    risk_list.change_set_id = found.id
    if found.state is ChangeSetState.APPLIED:
        risk_areas.put_in_force(risk_list)
    # Before the caller leaves the scope in which such rows may be written.
    db.session.flush()
    return found


def submit_name(row: RiskArea, area_code: str, *, account: Account) -> ChangeSet:
    """The area for the row's published name waits for a second person, with the evidence that it would bring."""
    names = (row.province, row.city, row.county)
    if db.session.get(RiskAreaName, names) is not None:
        raise DomainError(N_("这个名称的指定正在等待另一人审批"), code="risk_assigned", field="area")
    listed = listings_of(_called(names), area_code=area_code)
    change = Change(
        cause=ChangeCause.RISK_AREAS,
        title=row.published_name,
        brings=risk_area_arrivals.brought_by(listed, region()),
    )
    found = change_sets.submit(change, account=account, must_wait=True)
    db.session.add(
        RiskAreaName(
            province=row.province,
            city=row.city,
            county=row.county,
            matched_code=area_code,
            change_set_id=found.id,
            assigned_by_id=account.id,
            assigned_at=clock.now(),
        )
    )
    return found


def _rows(risk_list: RiskAreaList) -> Sequence[RiskArea]:
    return db.session.execute(select(RiskArea).where(RiskArea.list_id == risk_list.id)).scalars().all()


def _named(names: Names) -> ColumnElement[bool]:
    province, city, county = names
    return and_(RiskArea.province == province, RiskArea.city == city, RiskArea.county == county)


def _called(names: Names) -> Sequence[RiskArea]:
    """The rows of that published name which count."""
    query = select(RiskArea).join(RiskArea.risk_list).where(_named(names), RiskAreaList.state == RiskListState.IN_FORCE)
    return db.session.execute(query).scalars().all()


def _set_area(name: RiskAreaName, area_code: str | None) -> None:
    """Every row of the name, of earlier lists too, means the area; without one it is as it was published."""
    values = {"matched_code": area_code, "unmatched": None if area_code else Unmatched.COUNTY}
    rows = update(RiskArea).where(_named((name.province, name.city, name.county)))
    db.session.execute(rows.values(values), execution_options={"synchronize_session": "fetch"})


def _lists_of(found: ChangeSet) -> Sequence[RiskAreaList]:
    return db.session.execute(select(RiskAreaList).where(RiskAreaList.change_set_id == found.id)).scalars().all()


def _names_of(found: ChangeSet) -> Sequence[RiskAreaName]:
    return db.session.execute(select(RiskAreaName).where(RiskAreaName.change_set_id == found.id)).scalars().all()


def _approved(found: ChangeSet, _account: Account) -> None:
    """The lists and names of the change count, and so does the evidence about whoever came while it waited."""
    listed = []
    for risk_list in _lists_of(found):
        risk_areas.put_in_force(risk_list)
        listed += listings_of(_rows(risk_list))
    for name in _names_of(found):
        name.is_approved = True
        _set_area(name, name.matched_code)
        listed += listings_of(_called((name.province, name.city, name.county)))
    moment = clock.now()
    for new in risk_area_arrivals.brought_by(listed, region()):
        row = new.row(state=EvidenceState.WAITING, brought_by_id=found.proposed_by_id, moment=moment)
        row.change_set_id = found.id
        db.session.add(row)
    db.session.flush()
    change_sets.applied(found)


def _rejected(found: ChangeSet, _account: Account) -> None:
    for risk_list in _lists_of(found):
        risk_list.state = RiskListState.REJECTED
    for name in _names_of(found):
        db.session.delete(name)
    db.session.flush()


def _rolled_back(found: ChangeSet, _account: Account) -> None:
    """The lists of the change never counted; its names mean nothing any more."""
    for risk_list in _lists_of(found):
        risk_areas.take_out_of_force(risk_list, RiskListState.WITHDRAWN)
    for name in _names_of(found):
        _set_area(name, None)
        db.session.delete(name)
    db.session.flush()


change_sets.handle(
    ChangeCause.RISK_AREAS, Handler(is_later=True, approved=_approved, rejected=_rejected, rolled_back=_rolled_back)
)
