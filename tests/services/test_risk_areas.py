"""What a place was on a day, by the lists that were in force (2.1)."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import DomainError
from app.domain.risk import RiskLevel
from app.domain.roles import Role
from app.models import RiskAreaList, RiskListState
from app.services import change_sets, risk_areas
from app.services.risk_area_import import import_official
from tests.factories import Factories

FOLDER = Path(__file__).parents[1] / "data" / "risk_areas"


def listed(moment: str, **levels: list[tuple[str, str, str]]) -> bytes:
    """An official file with one place for each (province, city, county)."""
    rows = {
        key: [{"province": p, "city": c, "county": d, "communitys": ["一号院"]} for p, c, d in names]
        for key, names in levels.items()
    }
    return json.dumps({"data": {"end_update_time": moment, **rows}}).encode()


def bring(make: Factories, content: bytes) -> RiskAreaList:
    """The official list, in force because a second person agreed."""
    risk_list = import_official(content, name="risk.json", account=make.account(Role.CITY_ADMIN))
    change_sets.approve(int(risk_list.change_set_id or 0), account=make.account(Role.CITY_ADMIN))
    return risk_list


def test_an_area_is_as_bad_as_the_worst_place_in_it_or_above_it(make: Factories) -> None:
    bring(
        make,
        listed(
            "2022-07-21 16时",
            highlist=[("河南省", "郑州市", "中原区")],
            middlelist=[("河南省", "郑州市", "中原区"), ("河南省", "郑州市", "金水区")],
            lowlist=[("广东省", "东莞市", "塘厦镇")],
        ),
    )
    day = date(2022, 7, 22)
    found = {code: risk_areas.level_on(code, day) for code in ("410102", "410102001", "410105", "4101", "41", "410103")}
    assert found == {
        "410102": RiskLevel.HIGH,
        "410102001": RiskLevel.HIGH,
        "410105": RiskLevel.MEDIUM,
        "4101": RiskLevel.HIGH,
        "41": RiskLevel.HIGH,
        "410103": None,
    }
    assert risk_areas.level_on("441900", day) is RiskLevel.LOW
    assert [row.level for row in risk_areas.places_on("410102", day)] == [RiskLevel.HIGH, RiskLevel.MEDIUM]
    assert risk_areas.levels_on([*found, "441900"], day) == {
        **{code: level for code, level in found.items() if level},
        "441900": RiskLevel.LOW,
    }


def test_a_list_holds_from_its_day_until_the_day_of_the_next_one(make: Factories) -> None:
    bring(make, listed("2022-07-21 16时", highlist=[("河南省", "郑州市", "中原区")]))
    bring(make, listed("2022-07-25 16时", highlist=[("河南省", "郑州市", "金水区")]))
    levels = {day: risk_areas.level_on("410102", date(2022, 7, day)) for day in (20, 21, 24, 25, 26)}
    assert levels == {20: None, 21: RiskLevel.HIGH, 24: RiskLevel.HIGH, 25: RiskLevel.HIGH, 26: None}
    assert risk_areas.level_on("410105", date(2022, 7, 24)) is None
    assert risk_areas.level_on("410105", date(2022, 7, 25)) is RiskLevel.HIGH


def test_a_list_that_comes_late_takes_its_place_in_the_history(make: Factories) -> None:
    bring(make, listed("2022-07-25 16时", highlist=[("河南省", "郑州市", "金水区")]))
    bring(make, listed("2022-07-21 16时", highlist=[("河南省", "郑州市", "中原区")]))
    assert risk_areas.level_on("410102", date(2022, 7, 23)) is RiskLevel.HIGH
    assert risk_areas.level_on("410102", date(2022, 7, 27)) is None
    assert risk_areas.level_on("410105", date(2022, 7, 27)) is RiskLevel.HIGH


def test_a_list_taken_back_never_counted(make: Factories) -> None:
    bring(make, listed("2022-07-21 16时", highlist=[("河南省", "郑州市", "中原区")]))
    later = bring(make, listed("2022-07-25 16时", highlist=[("河南省", "郑州市", "金水区")]))
    risk_areas.take_out_of_force(later, RiskListState.WITHDRAWN)
    assert risk_areas.level_on("410105", date(2022, 7, 27)) is None
    assert risk_areas.level_on("410102", date(2022, 7, 27)) is RiskLevel.HIGH


def test_one_account_alone_brings_no_list_into_force(make: Factories) -> None:
    city = make.account(Role.CITY_ADMIN)
    content = listed("2022-07-21 16时", highlist=[("河南省", "郑州市", "中原区")])
    risk_list = import_official(content, name="forged.json", account=city)
    with pytest.raises(DomainError) as refusal:
        change_sets.approve(int(risk_list.change_set_id or 0), account=city)
    assert refusal.value.code == "own" and risk_list.state is RiskListState.WAITING
    assert risk_areas.level_on("410102", date(2022, 7, 22)) is None


def test_a_list_is_imported_once(make: Factories) -> None:
    content = listed("2022-07-21 16时", highlist=[("河南省", "郑州市", "中原区")])
    bring(make, content)
    with pytest.raises(DomainError, match="2022-07-21 16:00"):
        bring(make, content)


def test_nobody_but_the_city_imports_a_list(make: Factories) -> None:
    content = listed("2022-07-21 16时", highlist=[("河南省", "郑州市", "中原区")])
    with pytest.raises(DomainError) as refusal:
        import_official(content, name="risk.json", account=make.account(Role.DISTRICT_ADMIN, "410102"))
    assert refusal.value.code == "role"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 100_000, b"{}"])
def test_what_is_no_such_file_is_refused(make: Factories, content: bytes) -> None:
    with pytest.raises(DomainError) as refusal:
        bring(make, content)
    assert refusal.value.code == "risk_file"


def test_the_published_files_answer_for_their_days(make: Factories) -> None:
    for path in sorted(FOLDER.glob("*.json")):
        bring(make, path.read_bytes())
    answers: dict[Any, Any] = {
        (code, day): risk_areas.level_on(code, day)
        for code in ("410172", "310115", "460400")
        for day in (date(2022, 4, 20), date(2022, 8, 1), date(2022, 9, 9))
    }
    assert list(answers.values()) == [
        None, RiskLevel.HIGH, None,
        RiskLevel.MEDIUM, RiskLevel.HIGH, RiskLevel.HIGH,
        None, None, RiskLevel.HIGH,
    ]  # fmt: skip
