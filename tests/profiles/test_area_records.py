from dataclasses import replace

import pytest

from app.domain.areas import AreaLevel
from app.domain.dispatch import by_named_district
from app.profiles import AreaRecord, ProfileError, area_level, district_names, districts, load_areas, load_profile
from app.profiles.model import OwnArea

PROFILE = load_profile("zhengzhou")
# Every name that stands for a district in the sheets of operators, stations and headquarters.
NAMES_IN_SHEETS = {
    "中原区": "410102",
    "二七区": "410103",
    "管城回族区": "410104",
    "管城区": "410104",
    "金水区": "410105",
    "上街区": "410106",
    "惠济区": "410108",
    "中牟县": "410122",
    "经开区": "410171",
    "郑州经济技术开发区": "410171",
    "高新区": "410172",
    "高新技术开发区": "410172",
    "郑州高新技术产业开发区": "410172",
    "航空港区": "410173",
    "郑州航空港区": "410173",
    "郑州航空港经济综合实验区": "410173",
    "港区": "410173",
    "郑东": "410174",
    "郑东新区": "410174",
    "巩义市": "410181",
    "荥阳市": "410182",
    "新密市": "410183",
    "新郑市": "410184",
    "登封市": "410185",
}


@pytest.fixture(scope="module")
def areas() -> dict[str, AreaRecord]:
    return {record.code: record for record in load_areas(PROFILE)}


def test_the_tree_holds_the_country_and_the_citys_streets_and_communities(areas: dict[str, AreaRecord]) -> None:
    counts = {level: sum(record.level is level for record in areas.values()) for level in AreaLevel}
    assert counts == {
        AreaLevel.PROVINCE: 31,
        AreaLevel.CITY: 342,
        AreaLevel.DISTRICT: 2978 + 1,
        AreaLevel.STREET: 208,
        AreaLevel.COMMUNITY: 3306,
    }


def test_the_level_is_told_by_the_code(areas: dict[str, AreaRecord]) -> None:
    assert all(area_level(record.code) is record.level for record in areas.values())


def test_parents_come_first_and_start_the_codes_of_their_children() -> None:
    seen: set[str] = set()
    for record in load_areas(PROFILE):
        if record.parent_code is not None:
            assert record.parent_code in seen
            assert record.code.startswith(record.parent_code)
        seen.add(record.code)


def test_the_manuals_sixteenth_district_stands_beside_the_official_fifteen() -> None:
    names = [record.name for record in districts(PROFILE)]
    assert len(names) == 16
    assert "郑东新区" in names


def test_the_own_district_has_no_official_code(areas: dict[str, AreaRecord]) -> None:
    own = areas["410174"]
    assert (own.name, own.official_code, own.parent_code) == ("郑东新区", None, "4101")


def test_its_streets_and_communities_moved_with_codes_that_start_with_its_own(areas: dict[str, AreaRecord]) -> None:
    streets = {record.name for record in areas.values() if record.parent_code == "410174"}
    assert streets == {"如意湖街道", "博学路街道", "龙湖街道", "龙源路街道", "金光路街道"}
    community = areas["410174560001"]
    assert (community.official_code, community.parent_code) == ("410105560001", "410174560")


def test_nothing_of_them_is_left_where_the_official_codes_have_them(areas: dict[str, AreaRecord]) -> None:
    assert not [code for code in areas if code.startswith("41010556")]


def test_all_other_areas_keep_their_official_codes(areas: dict[str, AreaRecord]) -> None:
    others = [record for record in areas.values() if not record.code.startswith("410174")]
    assert all(record.code == record.official_code for record in others)


@pytest.mark.parametrize(("name", "code"), NAMES_IN_SHEETS.items())
def test_a_district_is_found_by_every_name_in_the_sheets(name: str, code: str) -> None:
    assert district_names(PROFILE).find(name) == code


def test_a_district_elsewhere_is_not_found() -> None:
    assert district_names(PROFILE).find("桐柏县") is None
    assert by_named_district("南阳市", "桐柏县", district_names(PROFILE), "郑州市").area_code is None


def test_a_street_that_does_not_exist_cannot_be_moved() -> None:
    sources = replace(PROFILE.areas, own_areas=(OwnArea("410174", "郑东新区", ("410105999",)),))
    with pytest.raises(ProfileError, match="no area has the code 410105999"):
        load_areas(replace(PROFILE, areas=sources))


def test_an_own_area_cannot_take_the_code_of_another() -> None:
    sources = replace(PROFILE.areas, own_areas=(OwnArea("410105", "郑东新区"),))
    with pytest.raises(ProfileError, match="410105 is there twice"):
        load_areas(replace(PROFILE, areas=sources))
