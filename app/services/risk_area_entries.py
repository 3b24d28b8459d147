"""Risk areas entered beside the official files (2.1): one place, a sheet of them, and areas for names in the tray."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from app import clock
from app.access import everything
from app.domain.areas import AreaLevel
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.risk import Match, PublishedArea, RiskLevel
from app.domain.text import clean
from app.extensions import db
from app.models import Account, ChangeSet, RiskArea, RiskAreaList, RiskAreaSource, RiskListState
from app.services import area_tree, audit
from app.services.audit import Actor
from app.services.risk_area_changes import region, submit_list, submit_name
from app.services.risk_area_import import check_editor, matcher
from app.services.small_sheets import read_small_sheet
from app.services.transaction import transactional
from app.spreadsheets.columns import ParsedRow
from app.spreadsheets.declarations import RISK_AREAS

MOST_ROWS = 2_000
MOST_DAYS = 366
_LONGEST_GROUND = 200


@dataclass(frozen=True, kw_only=True)
class NewRiskArea:
    """A place, its level, the days on which it counts (both included; no end: until somebody ends it), and why."""

    level: RiskLevel
    province: str
    city: str
    county: str
    places: tuple[str, ...]
    from_day: date
    until_day: date | None
    ground: str


@transactional
def enter(area_code: str, new: NewRiskArea, *, account: Account) -> RiskAreaList:
    """The list of one entry; waits for a second person. Errors: role, risk_area, risk_days, risk_ground."""
    check_editor(account)
    if not any(record.code == area_code for record in area_tree.current().records):
        raise DomainError(N_("请选择风险地区所在的区县"), code="risk_area", field="area")
    return _bring([(new, Match(area_code))], source=RiskAreaSource.MANUAL, name="", digest=None, account=account)


@transactional
def import_sheet(stream: BinaryIO, *, name: str, account: Account) -> RiskAreaList:
    """The list of a sheet's rows: all of them or, with a fault in any, none; waits for a second person.

    Errors: role, risk_rows (names the first faulty row), and what spreadsheets/limits.py says of a bad file.
    """
    check_editor(account)
    content = stream.read()
    rows = [_new_of(row) for row in _read(content)]
    match = matcher(region())
    found = [(new, match(_published(new))) for new in rows]
    digest = hashlib.sha256(content).hexdigest()
    return _bring(found, source=RiskAreaSource.SHEET, name=name, digest=digest, account=account)


def _read(content: bytes) -> Sequence[ParsedRow]:
    today = clock.local_date(clock.now(), region().zone)
    with tempfile.NamedTemporaryFile(prefix="risk-") as file:
        file.write(content)
        file.flush()
        rows = read_small_sheet(Path(file.name), RISK_AREAS, most=MOST_ROWS, today=today).rows
    for row in rows:
        if row.faults:
            fault = row.faults[0]
            raise _faulty(row.number, RISK_AREAS.column(fault.column_key).title, fault.message)
    return rows


def _faulty(number: int, title: str, problem: str) -> DomainError:
    message = N_("第 %(number)s 行「%(title)s」：%(problem)s。改正后请重新导入整个文件。")
    return DomainError(message, code="risk_rows", field="file", number=number, title=title, problem=problem)


def _new_of(row: ParsedRow) -> NewRiskArea:
    values = row.values
    level, from_day, until_day = RiskLevel.from_label(str(values["level"])), values["from_day"], values["until_day"]
    assert level is not None and isinstance(from_day, date)  # the sheet's checks saw to both
    return NewRiskArea(
        level=level,
        province=str(values["province"]),
        city=str(values["city"]),
        county=str(values["county"] or ""),
        places=(str(values["place"]),) if values["place"] else (),
        from_day=from_day,
        until_day=until_day if isinstance(until_day, date) else None,
        ground=str(values["ground"]),
    )


def _published(new: NewRiskArea) -> PublishedArea:
    return PublishedArea(level=new.level, province=new.province, city=new.city, county=new.county, places=new.places)


def _check(new: NewRiskArea) -> None:
    if new.until_day is not None and not 0 <= (new.until_day - new.from_day).days <= MOST_DAYS:
        message = N_("结束日期不能早于开始日期，也不能晚于其后 %(days)s 天")
        raise DomainError(message, code="risk_days", field="until_day", days=MOST_DAYS)
    if not clean(new.ground):
        raise DomainError(N_("请写明依据，例如通告名称和文号"), code="risk_ground", field="ground")


def _bring(
    found: Sequence[tuple[NewRiskArea, Match]],
    *,
    source: RiskAreaSource,
    name: str,
    digest: str | None,
    account: Account,
) -> RiskAreaList:
    for new, _match in found:
        _check(new)
    with everything("risk areas lie all over the country"):
        risk_list = _list_of([new for new, _match in found])
        risk_list.source, risk_list.file_name, risk_list.sha256 = source, name[-200:], digest
        risk_list.created_by_id = account.id
        db.session.add(risk_list)
        db.session.flush()
        db.session.add_all(_row(risk_list, new, match) for new, match in found)
        db.session.flush()
        audit.record(
            Actor.of(account),
            "enter_risk_areas",
            subject=risk_list,
            area_code=region().area_code,
            changes={"file": risk_list.file_name, "rows": len(found)},
        )
        submit_list(risk_list, account=account)
    return risk_list


def _list_of(areas: Sequence[NewRiskArea]) -> RiskAreaList:
    """The list of these areas, with how many it has of each level; whose it is, its caller says."""
    zone = region().zone
    return RiskAreaList(
        state=RiskListState.WAITING,
        published_at=min(clock.day_bounds(new.from_day, zone)[0] for new in areas),
        announced={},
        listed={level.name: sum(1 for new in areas if new.level is level) for level in RiskLevel},
        created_at=clock.now(),
    )


def _row(risk_list: RiskAreaList, new: NewRiskArea, match: Match) -> RiskArea:
    zone = region().zone
    return RiskArea(
        list_id=risk_list.id,
        level=new.level,
        province=new.province,
        city=new.city,
        county=new.county,
        places=list(new.places),
        matched_code=match.area_code,
        unmatched=match.reason,
        in_force_from=clock.day_bounds(new.from_day, zone)[0],
        in_force_until=clock.day_bounds(new.until_day, zone)[1] if new.until_day else None,
        ground=clean(new.ground)[:_LONGEST_GROUND],
    )


@transactional
def end(row: RiskArea, *, account: Account) -> None:
    """The entry by hand counts until today. Errors: role, risk_official (the next file ends those), risk_ended."""
    check_editor(account)
    if row.risk_list.source is RiskAreaSource.OFFICIAL:
        raise DomainError(N_("官方名单由下一份名单替换，不能单独结束"), code="risk_official")
    moment = clock.now()
    if row.in_force_until is not None and row.in_force_until <= moment:
        raise DomainError(N_("这一条已经结束"), code="risk_ended")
    with everything("risk areas lie all over the country"):
        row.in_force_until = max(moment, row.in_force_from)
        audit.record(Actor.of(account), "end_risk_area", subject=row, area_code=region().area_code)


@transactional
def assign(row: RiskArea, area_code: str, *, account: Account) -> ChangeSet:
    """What waits for a second person: from then on the row's published name means the area, in all lists.

    Errors: role, risk_area, risk_assigned.
    """
    check_editor(account)
    if row.matched_code is not None:
        raise DomainError(N_("这个名称已经有对应的地区"), code="risk_assigned", field="area")
    known = {record.code for record in area_tree.current().records if record.level is not AreaLevel.PROVINCE}
    if area_code not in known:
        raise DomainError(N_("请选择风险地区所在的区县"), code="risk_area", field="area")
    with everything("risk areas lie all over the country"):
        found = submit_name(row, area_code, account=account)
        changes = {"name": row.published_name, "area": area_code}
        audit.record(Actor.of(account), "assign_risk_area", subject=row, area_code=region().area_code, changes=changes)
    return found
