from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import yaml

from app.domain.colors import Color
from app.domain.dispatch import must_screen_station
from app.domain.quarantine import QuarantineStatus
from app.domain.relatives import Relation
from app.domain.returns import ReturnDeclaration, assess
from app.domain.venues import VenueFamily, VenueKind
from app.profiles import Profile, ProfileError, Text, load_profile, profile_names
from app.profiles.loading import DIRECTORY, read_profile

SOURCE = (DIRECTORY / "zhengzhou.yaml").read_text(encoding="utf-8")


@pytest.fixture
def profile() -> Profile:
    return load_profile("zhengzhou")


@pytest.mark.parametrize("name", profile_names())
def test_every_shipped_profile_loads_once(name: str) -> None:
    assert load_profile(name) is load_profile(name)
    assert load_profile(name).name == name


def test_the_province_is_green_and_orange() -> None:
    province = load_profile("fujian")
    assert (province.passing_colors, province.abnormal_colors, province.worst_color) == (
        (Color.GREEN,),
        (Color.ORANGE,),
        Color.ORANGE,
    )
    assert set(province.guard_hints.by_color) == set(province.codes.hints) == {Color.GREEN, Color.ORANGE}
    assert {rule.color for rule in province.health.rules.rules} == {Color.ORANGE}
    assert province.codes.page.title.zh == "八闽健康码"


def test_the_province_alone_has_codes_for_eight_relatives() -> None:
    assert load_profile("zhengzhou").relatives is None
    policy = load_profile("fujian").relatives
    assert policy is not None and policy.most == 8 == sum(rule.most for rule in policy.relations)
    ages = {rule.relation: (rule.most, rule.from_age, rule.below_age) for rule in policy.relations}
    expected = {Relation.PARENT: (4, 55, None), Relation.CHILD: (3, None, 16), Relation.SPOUSE: (1, None, None)}
    assert ages == expected
    assert [question.is_risky for question in policy.questions] == [False, False, True, True, True]


@pytest.mark.parametrize(("key", "twice"), [("PARENT", "relations"), ("has_symptoms", "questions")])
def test_what_is_asked_about_relatives_is_given_once(tmp_path: Path, key: str, twice: str) -> None:
    path = tmp_path / "fujian.yaml"
    source = (DIRECTORY / "fujian.yaml").read_text(encoding="utf-8")
    other = {"PARENT": "SPOUSE", "has_symptoms": "has_other_trouble"}[key]
    path.write_text(source.replace(f": {other}", f": {key}"), encoding="utf-8")
    with pytest.raises(ProfileError, match=f"relatives.{twice}: {key} is given twice"):
        read_profile(path)


def texts_of(data: object) -> Iterator[dict[str, str]]:
    if isinstance(data, dict):
        if "zh" in data:
            yield data
        for value in data.values():
            yield from texts_of(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts_of(value)


def files() -> list[Path]:
    return sorted(DIRECTORY.rglob("*.yaml"))


def test_what_regions_share_names_none_of_them() -> None:
    for path in files():
        # 郑重 is a word, and no city.
        told = str(list(texts_of(yaml.safe_load(path.read_text(encoding="utf-8"))))).replace("郑重", "")
        others = {"zhengzhou": ("郑", "河南", "Zhengzhou"), "fujian": ("福建", "八闽", "Fujian")}
        named = [word for region, words in others.items() if region != path.stem for word in words if word in told]
        assert named == [], path.name


@pytest.mark.parametrize("name", profile_names())
def test_what_is_shared_is_the_same_and_what_is_said_otherwise_is_the_regions(name: str) -> None:
    shared = yaml.safe_load((DIRECTORY / "base" / "nationwide.yaml").read_text(encoding="utf-8"))
    found = load_profile(name)
    assert found.pledge.version == shared["pledge"]["version"]
    assert found.page(VenueKind.BUS).title.zh == shared["pages"]["BUS"]["title"]["zh"]
    assert found.health.mass_change_limit == shared["health"]["mass_change_limit"] == 50
    assert found.health.rules.version in ("2020-07", "2020-02")


def test_a_text_is_english_for_english_readers_and_chinese_for_all_others() -> None:
    text = Text("郑州市", "Zhengzhou")
    assert [text.in_(locale) for locale in ("en", "en_GB", "zh", "zh_CN", "fr")] == [
        "Zhengzhou",
        "Zhengzhou",
        "郑州市",
        "郑州市",
        "郑州市",
    ]


def test_only_green_passes(profile: Profile) -> None:
    assert [color for color in Color if profile.may_pass(color)] == [Color.GREEN]


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (VenueKind.COMPOUND, "全市居民小区健康登记管理系统"),
        (VenueKind.AIRPORT, "入郑健康扫码"),
        (VenueKind.FARMERS_MARKET, "农贸市场顾客健康扫码"),
        (VenueKind.MEDICAL_INSTITUTION, "医疗机构健康扫码"),
        (VenueKind.PUBLIC_SERVICE, "公共服务健康扫码"),
        (VenueKind.RETAIL_STORE, "商超顾客健康扫码"),
        (VenueKind.TAXI, "出租乘客健康扫码"),
        (VenueKind.METRO_STATION, "地铁乘客健康扫码"),
        (VenueKind.BUS, "公交乘客健康扫码"),
    ],
)
def test_a_page_has_the_title_of_the_manual(profile: Profile, kind: VenueKind, title: str) -> None:
    assert profile.page(kind).title.zh == title


def test_the_leads_are_the_manuals(profile: Profile) -> None:
    assert profile.page(VenueKind.COMPOUND).lead.zh == (
        "应疫情防控要求，请郑州返程人员进行填报登记。个人信息不会对外泄露，请如实填写。"
    )
    assert profile.page(VenueKind.AIRPORT).lead.zh == (
        "针对疫情防控战役，要求所有人进入郑州市时进行填报登记，个人信息不会对外泄露，请如实填写。"
    )
    assert "要求市内居民使用公共服务时进行填报登记。" in profile.page(VenueKind.PUBLIC_SERVICE).lead.zh


def test_a_family_shows_the_pledge_under_its_own_title(profile: Profile) -> None:
    titles = {kind.family: profile.page(kind).pledge_title.zh for kind in VenueKind}
    assert titles[VenueFamily.COMPOUND] == titles[VenueFamily.CHECKPOINT] == "承诺书"
    assert titles[VenueFamily.SECTOR] == "承诺书告知书"


def test_the_guard_reads_what_to_do(profile: Profile) -> None:
    assert profile.guard_hints.refused.zh == "非本小区人员，禁止入内"
    assert set(profile.guard_hints.by_color) == {Color.GREEN, Color.YELLOW, Color.RED}


@pytest.mark.parametrize(
    ("origin", "must"), [("420106", True), ("411502", True), ("411302", True), ("411702", True), ("411602", False)]
)
def test_hubei_and_the_first_level_areas_of_henan_are_key_areas(profile: Profile, origin: str, must: bool) -> None:
    today = date(2020, 7, 14)
    declared = ReturnDeclaration(is_returnee=True, arrival_date=today, origin_area_code=origin)
    found = assess(profile.quarantine, declared, today)
    assert (found.status is QuarantineStatus.PENDING) is must
    assert found.is_key_area is must


def test_the_stations_of_hubei_are_screened(profile: Profile) -> None:
    sheet = [
        "西安北站",
        "武汉站",
        "北京西站",
        "黄冈站",
        "长沙南站",
        "石家庄站",
        "济南西站",
        "汉口站",
        "襄阳东站",
        "武昌站",
    ]
    screened = {station for station in sheet if must_screen_station(profile.stations, station)}
    assert screened == {"武汉站", "黄冈站", "汉口站", "襄阳东站", "武昌站"}


def written(tmp_path: Path, old: str, new: str) -> Path:
    assert old in SOURCE
    path = tmp_path / "strange.yaml"
    path.write_text(SOURCE.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  days: 14\n", "  dayz: 14\n", r"strange\.yaml\.quarantine: unknown key dayz; known are days,"),
        ("  days: 14\n", "  days: yes\n", r"strange\.yaml\.quarantine\.days: expected int, found True"),
        ("  days: 14\n", "  days: 14\n  days: 7\n", r"key 'days' is given twice"),
        ("issuer:\n", "issuers:\n", r"strange\.yaml: unknown key issuers"),
        ("time_zone: Asia/Shanghai\n", "", r"strange\.yaml: missing key time_zone"),
        ("time_zone: Asia/Shanghai\n", "time_zone: Asia/Nowhere\n", r"'Asia/Nowhere' is no time zone"),
        ("passing_colors: [GREEN]", "passing_colors: [BLUE]", r"passing_colors\[0\]: 'BLUE' is none of RED, YELLOW"),
        ("passing_colors: [GREEN]", "passing_colors: GREEN", r"passing_colors: expected a list"),
        ("passing_colors: [GREEN]", "passing_colors: [ORANGE]", r"no hint for ORANGE"),
        ("{zh: 郑州市, en: Zhengzhou}", "{zh: 郑州市, en: ''}", r"region_name\.en: empty text"),
        ("{zh: 郑州市, en: Zhengzhou}", "郑州市", r"region_name: expected keys and values"),
        ('area_code: "4101"', "area_code: 4101", r"area_code: expected str, found 4101"),
        ('area_code: "4101"', 'area_code: "410105"', r"a region is a province or a city"),
        ("  VILLAGE: *compound\n", "", r"no page for VILLAGE"),
        ('    "410102": [中原]', "    410102: [中原]", r"put 410102 in quotes"),
        ("passing_colors: [GREEN]", "passing_colors: [GREEN", r"strange\.yaml: while parsing"),
        ("extends: nationwide", "extends: moon", r"strange\.yaml\.extends: moon: no such file"),
        ("extends: nationwide\n", "", r"strange\.yaml: missing key attention, pledge"),
        ("abnormal_colors: [RED, YELLOW]", "abnormal_colors: []", r"abnormal_colors: none"),
        ("        color: YELLOW\n", "        color: ORANGE\n", r"the region has no ORANGE"),
        ("  days: 14\n", "  days: 14\n  late_color: ORANGE\n", r"the region has no ORANGE"),
    ],
)
def test_a_mistake_in_a_profile_is_told_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ProfileError, match=message):
        read_profile(written(tmp_path, old, new))


def test_an_unknown_profile_is_told_with_the_known_ones() -> None:
    with pytest.raises(ProfileError, match=r"atlantis: no such profile; there are .*zhengzhou"):
        load_profile("atlantis")


def test_a_profile_cannot_make_objects(tmp_path: Path) -> None:
    path = written(tmp_path, "time_zone: Asia/Shanghai", "time_zone: !!python/object/apply:os.getcwd []")
    with pytest.raises(ProfileError):
        read_profile(path)


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_every_text_of_the_profiles_is_in_both_languages(path: Path) -> None:
    found = list(texts_of(yaml.safe_load(path.read_text(encoding="utf-8"))))
    assert len(found) > 25
    assert all(text["en"].isascii() for text in found)
