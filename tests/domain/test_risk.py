"""The official risk-area lists as published, and the areas that their names mean (2.1)."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import DomainError
from app.domain.risk import AreaNames, PublishedList, RiskLevel, Unmatched, read_official, worst
from app.profiles import load_areas, load_profile

FOLDER = Path(__file__).parents[1] / "data" / "risk_areas"
APRIL, JULY, SEPTEMBER = sorted(FOLDER.glob("*.json"))
PROFILE = load_profile("zhengzhou")
NAMES = AreaNames(
    (record.code, record.name, (*record.aliases, *PROFILE.risk_areas.names.get(record.code, ())))
    for record in load_areas(PROFILE)
)


def published(path: Path) -> PublishedList:
    return read_official(json.loads(path.read_text(encoding="utf-8")), PROFILE.risk_areas.published, PROFILE.zone)


@pytest.mark.parametrize(
    ("path", "moment", "places"),
    [
        (APRIL, datetime(2022, 4, 15, 3, tzinfo=UTC), {"HIGH": 15, "MEDIUM": 188, "LOW": 0}),
        (JULY, datetime(2022, 7, 21, 8, tzinfo=UTC), {"HIGH": 434, "MEDIUM": 660, "LOW": 121}),
        (SEPTEMBER, datetime(2022, 9, 8, 8, tzinfo=UTC), {"HIGH": 1507, "MEDIUM": 1660, "LOW": 305}),
    ],
    ids=["april", "july", "september"],
)
def test_a_list_holds_as_many_places_as_it_announces_from_its_own_time(
    path: Path, moment: datetime, places: dict[str, int]
) -> None:
    found = published(path)
    assert found.in_force_from == moment
    assert {level.name: found.places(level) for level in RiskLevel} == places
    assert all(found.places(level) == count for level, count in found.announced.items())


@pytest.mark.parametrize(
    ("path", "rows", "unmatched"),
    [
        (APRIL, 65, {"长春新区": 1, "高新区": 1, "西咸新区": 1}),
        (JULY, 276, {"大鹏新区": 3, "高新区": 4, "天府新区": 3, "万盛经开区": 2}),
        (
            SEPTEMBER,
            567,
            {
                "太白湖新区": 3, "大亚湾区": 3, "育才生态区": 3, "高新区": 9, "东部新区": 3, "经开区": 2,
                "长春新区": 2, "莲花山生态旅游度假区": 2, "信江新区": 2, "天府新区": 2,
            },
        ),
    ],
    ids=["april", "july", "september"],
)  # fmt: skip
def test_all_rows_match_but_those_of_areas_that_the_official_codes_do_not_have(
    path: Path, rows: int, unmatched: dict[str, int]
) -> None:
    areas = published(path).areas
    matches = [NAMES.match(province=area.province, city=area.city, county=area.county) for area in areas]
    assert len(areas) == rows
    assert Counter(area.county for area, match in zip(areas, matches, strict=True) if not match.area_code) == unmatched
    assert {match.reason for match in matches if not match.area_code} == {Unmatched.COUNTY}


@pytest.mark.parametrize(
    ("province", "city", "county", "code"),
    [
        ("河南省", "郑州市", "高新区", "410172"),
        ("河南省", "郑州市", "郑东新区", "410174"),
        ("北京市", "朝阳区", "酒仙桥街道", "110105"),
        ("北京市", "朝阳区", "高碑店（地区）乡", "110105"),
        ("天津市", "天津市", "滨海新区", "120116"),
        ("重庆市", "重庆市", "秀山土家族苗族自治县", "500241"),
        ("海南省", "省直辖县级行政单位", "定安县", "469021"),
        ("海南省", "儋州市", "市辖区", "460400"),
        ("广东省", "东莞市", "塘厦镇", "441900"),
        ("吉林省", "长春市", "经开区", "220171"),
        ("吉林省", "长春市", "汽车经济技术开发区", "220174"),
        ("吉林省", "长春市", "净月区", "220172"),
        ("吉林省", "吉林市", "经开区", "220271"),
        ("福建省", "平潭综合实验区", "平潭综合实验区", "350128"),
        ("新疆生产建设兵团", "新疆生产建设兵团", "石河子市", "659001"),
    ],
)
def test_a_name_means_the_area_that_it_is_published_for(province: str, city: str, county: str, code: str) -> None:
    assert NAMES.match(province=province, city=city, county=county).area_code == code


@pytest.mark.parametrize(
    ("province", "city", "county", "reason"),
    [
        ("某省", "某市", "某区", Unmatched.PROVINCE),
        ("河南省", "某市", "某区", Unmatched.CITY),
        ("陕西省", "西安市", "经开区", Unmatched.COUNTY),
        ("上海市", "上海市", "某区", Unmatched.COUNTY),
        ("辽宁省", "省直辖县级行政单位", "铁西区", Unmatched.AMBIGUOUS),
    ],
)
def test_a_name_that_nothing_matches_says_why(province: str, city: str, county: str, reason: Unmatched) -> None:
    match = NAMES.match(province=province, city=city, county=county)
    assert (match.area_code, match.reason) == (None, reason)


def test_the_rows_of_the_corps_are_told_apart_by_the_towns_in_their_places() -> None:
    corps = "新疆生产建设兵团"
    row = {
        "province": corps,
        "city": corps,
        "county": corps,
        "communitys": ["第八师石河子市26社区", "第一师阿拉尔市某团", "某地", "第八师石河子市33社区"],
    }
    found = read_official(
        {"data": {"end_update_time": "2022-09-08 16时", "highlist": [row]}}, PROFILE.risk_areas.published, PROFILE.zone
    )
    assert [(area.county, len(area.places)) for area in found.areas] == [("石河子市", 2), ("阿拉尔市", 1), (corps, 1)]


def test_names_are_kept_as_published() -> None:
    assert "南口（地区）镇" in {area.county for area in published(SEPTEMBER).areas}


@pytest.mark.parametrize(
    "data",
    [
        [],
        {"data": []},
        {"data": {"end_update_time": "2022-09-08"}},
        {"data": {"end_update_time": "2022-13-08 16时", "highlist": []}},
        {"data": {"end_update_time": "2022-09-08 16时"}},
        {"data": {"end_update_time": "2022-09-08 16时", "highlist": "河南省"}},
        {"data": {"end_update_time": "2022-09-08 16时", "highlist": [{"province": "河南省"}]}},
        {"data": {"end_update_time": "2022-09-08 16时", "highlist": [{"province": "A", "city": "B", "communitys": 1}]}},
    ],
)
def test_what_is_no_such_file_is_refused(data: Any) -> None:
    with pytest.raises(DomainError) as refusal:
        read_official(data, PROFILE.risk_areas.published, PROFILE.zone)
    assert refusal.value.code == "risk_file"


def test_the_worst_level_counts() -> None:
    assert worst([RiskLevel.LOW, RiskLevel.HIGH, RiskLevel.MEDIUM]) is RiskLevel.HIGH
    assert worst([]) is None
