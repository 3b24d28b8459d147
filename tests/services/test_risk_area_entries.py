"""Risk areas by hand: one place, a sheet of them, and an area for a name that nothing matches (2.1)."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest

from app import clock
from app.domain.errors import DomainError
from app.domain.risk import RiskLevel, Unmatched
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, ChangeSet, RiskArea, RiskAreaList, RiskAreaSource, RiskListState
from app.services import change_sets, risk_area_entries, risk_areas
from app.services.risk_area_entries import NewRiskArea
from tests.factories import Factories
from tests.services.test_risk_areas import bring, listed

TITLES = ["风险等级", "省", "市", "区县", "地点", "开始日期", "结束日期", "依据"]


@pytest.fixture
def account(make: Factories) -> Account:
    return make.account(Role.CITY_ADMIN)


def new(**details: Any) -> NewRiskArea:
    values: dict[str, Any] = {
        "level": RiskLevel.HIGH,
        "province": "河南省",
        "city": "郑州市",
        "county": "中原区",
        "places": ("某小区",),
        "from_day": date(2022, 7, 1),
        "until_day": date(2022, 7, 3),
        "ground": "某市2022年第12号通告",
    }
    return NewRiskArea(**{**values, **details})


def approve(make: Factories, found: RiskAreaList | ChangeSet) -> None:
    """A second person lets it happen."""
    number = found.id if isinstance(found, ChangeSet) else found.change_set_id
    change_sets.approve(int(number or 0), account=make.account(Role.CITY_ADMIN))


def sheet(*rows: list[str]) -> io.BytesIO:
    return io.BytesIO("\n".join(",".join(row) for row in (TITLES, *rows)).encode())


def test_a_place_by_hand_counts_from_its_first_to_its_last_day(make: Factories, account: Account) -> None:
    approve(make, risk_area_entries.enter("410102", new(), account=account))
    levels = [risk_areas.level_on("410102", date(2022, 7, day)) for day in (1, 3)]
    assert levels == [RiskLevel.HIGH, RiskLevel.HIGH]
    assert risk_areas.level_on("410102", date(2022, 6, 30)) is None
    assert risk_areas.level_on("410102", date(2022, 7, 4)) is None


def test_the_next_official_list_leaves_what_was_entered_by_hand(make: Factories, account: Account) -> None:
    approve(make, risk_area_entries.enter("410102", new(until_day=None), account=account))
    bring(make, listed("2022-07-21 16时", highlist=[("河南省", "郑州市", "金水区")]))
    assert risk_areas.level_on("410102", date(2022, 8, 1)) is RiskLevel.HIGH


def test_what_one_person_entered_by_hand_counts_only_when_another_agrees(make: Factories, account: Account) -> None:
    risk_list = risk_area_entries.enter("410102", new(), account=account)
    assert risk_list.state is RiskListState.WAITING
    assert risk_areas.level_on("410102", date(2022, 7, 1)) is None
    with pytest.raises(DomainError) as refusal:
        change_sets.approve(int(risk_list.change_set_id or 0), account=account)
    assert refusal.value.code == "own"
    change_sets.reject(int(risk_list.change_set_id or 0), reason="没有文号", account=make.account(Role.CITY_ADMIN))
    assert risk_list.state is RiskListState.REJECTED
    assert risk_areas.level_on("410102", date(2022, 7, 1)) is None


def test_a_place_by_hand_ends_when_somebody_ends_it(make: Factories, account: Account) -> None:
    risk_list = risk_area_entries.enter("410102", new(until_day=None), account=account)
    approve(make, risk_list)
    row = db.session.query(RiskArea).filter_by(list_id=risk_list.id).one()
    risk_area_entries.end(row, account=account)
    assert row.in_force_until is not None and row.in_force_until <= clock.now()
    with pytest.raises(DomainError) as refusal:
        risk_area_entries.end(row, account=account)
    assert refusal.value.code == "risk_ended"


def test_an_official_row_is_ended_by_the_next_list_alone(make: Factories, account: Account) -> None:
    bring(make, listed("2022-07-21 16时", highlist=[("河南省", "郑州市", "金水区")]))
    with pytest.raises(DomainError) as refusal:
        risk_area_entries.end(db.session.query(RiskArea).one(), account=account)
    assert refusal.value.code == "risk_official"


@pytest.mark.parametrize(
    ("details", "code"),
    [
        ({"until_day": date(2022, 6, 30)}, "risk_days"),
        ({"until_day": date(2024, 7, 1)}, "risk_days"),
        ({"ground": "  "}, "risk_ground"),
    ],
)
def test_a_place_by_hand_needs_days_and_a_ground(account: Account, details: dict[str, Any], code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        risk_area_entries.enter("410102", new(**details), account=account)
    assert refusal.value.code == code


def test_a_sheet_enters_row_by_row_and_what_matches_nothing_is_kept(make: Factories, account: Account) -> None:
    risk_list = risk_area_entries.import_sheet(
        sheet(
            ["高风险", "河南省", "郑州市", "高新区", "丁楼庄园", "2022-07-21", "2022-07-28", "第1号"],
            ["中", "陕西省", "西安市", "经开区", "", "2022-07-22", "", "第2号"],
        ),
        name="risk.csv",
        account=account,
    )
    approve(make, risk_list)
    rows = {row.county: row for row in db.session.query(RiskArea).filter_by(list_id=risk_list.id)}
    assert risk_list.source is RiskAreaSource.SHEET
    assert (rows["高新区"].matched_code, rows["高新区"].places) == ("410172", ["丁楼庄园"])
    assert (rows["经开区"].matched_code, rows["经开区"].level) == (None, RiskLevel.MEDIUM)
    assert rows["经开区"].in_force_until is None
    assert risk_areas.level_on("410172", date(2022, 7, 28)) is RiskLevel.HIGH


def test_a_sheet_with_a_faulty_row_enters_nothing_and_names_the_row(account: Account) -> None:
    with pytest.raises(DomainError, match="第 3 行「风险等级」"):
        risk_area_entries.import_sheet(
            sheet(
                ["高风险", "河南省", "郑州市", "高新区", "", "2022-07-21", "", "第1号"],
                ["很高", "河南省", "郑州市", "高新区", "", "2022-07-21", "", "第1号"],
            ),
            name="risk.csv",
            account=account,
        )
    assert db.session.query(RiskArea).count() == 0


def test_a_name_assigned_by_hand_holds_for_earlier_and_later_lists(make: Factories, account: Account) -> None:
    name = ("广东省", "深圳市", "大鹏新区")
    bring(make, listed("2022-07-21 16时", highlist=[name], lowlist=[name]))
    assert risk_areas.level_on("440307", date(2022, 7, 22)) is None
    row = db.session.query(RiskArea).filter_by(level="HIGH").one()
    waiting = risk_area_entries.assign(row, "440307", account=account)
    assert risk_areas.level_on("440307", date(2022, 7, 22)) is None
    approve(make, waiting)
    assert risk_areas.level_on("440307", date(2022, 7, 22)) is RiskLevel.HIGH
    bring(make, listed("2022-07-29 16时", middlelist=[name]))
    assert risk_areas.level_on("440307", date(2022, 8, 1)) is RiskLevel.MEDIUM
    change_sets.roll_back(waiting.id, reason="对应错误", account=account)
    assert risk_areas.level_on("440307", date(2022, 8, 1)) is None
    assert {row.unmatched for row in db.session.query(RiskArea)} == {Unmatched.COUNTY}


def test_a_name_is_assigned_to_an_area_that_exists_and_once(make: Factories, account: Account) -> None:
    bring(make, listed("2022-07-21 16时", highlist=[("广东省", "深圳市", "大鹏新区")]))
    row = db.session.query(RiskArea).one()
    with pytest.raises(DomainError) as refusal:
        risk_area_entries.assign(row, "999999", account=account)
    assert refusal.value.code == "risk_area"
    waiting = risk_area_entries.assign(row, "440307", account=account)
    with pytest.raises(DomainError, match="等待另一人审批"):
        risk_area_entries.assign(row, "440306", account=account)
    approve(make, waiting)
    db.session.refresh(row)
    with pytest.raises(DomainError) as refusal:
        risk_area_entries.assign(row, "440306", account=account)
    assert refusal.value.code == "risk_assigned"


@pytest.mark.parametrize("role", [Role.DISTRICT_ADMIN, Role.AUDITOR])
def test_only_the_city_keeps_the_risk_areas(make: Factories, role: Role) -> None:
    with pytest.raises(DomainError) as refusal:
        risk_area_entries.enter("410102", new(), account=make.account(role, "410102"))
    assert refusal.value.code == "role"
