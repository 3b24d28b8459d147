"""Risk areas: the official list as it was published, and which area of the tree each of its names means (2.1, D17)."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from app.domain.areas import AreaLevel, area_level
from app.domain.errors import DomainError
from app.domain.labels import N_, Labelled
from app.domain.text import clean, without_blanks

MOST_PUBLISHED = 20_000
MOST_NAME = 80
_MOMENT = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\s*(\d{1,2})\s*时")
_CORPS = "新疆生产建设兵团"
_CORPS_TOWN = re.compile(r"第.{1,3}师(.+?市)")
# One functional area under its full and its short name; the longest forms first.
_SHORT_FORMS = (
    (re.compile("高新技术产业开发区|高新技术产业园区|高技术产业开发区|高新技术开发区|高新开发区"), "高新区"),
    (re.compile("经济技术开发区|经济开发区"), "经开区"),
)
_ENDINGS = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市")


class RiskLevel(Labelled):
    """How the lists grade a place, worst first."""

    HIGH = N_("高风险")
    MEDIUM = N_("中风险")
    LOW = N_("低风险")

    @property
    def tone(self) -> str:
        """The colour of its label."""
        return {"HIGH": "red", "MEDIUM": "yellow", "LOW": "green"}[self.name]


def worst(levels: Iterable[RiskLevel]) -> RiskLevel | None:
    """The worst of `levels`, None of none."""
    found = set(levels)
    return next((level for level in RiskLevel if level in found), None)


@dataclass(frozen=True)
class PublishedKey:
    """How the official file calls the rows and the announced number of places of a level; from the profile."""

    rows: str
    count: str
    level: RiskLevel


@dataclass(frozen=True, kw_only=True)
class PublishedArea:
    """One row of the file: the names as they stand there, and the places that it lists below them."""

    level: RiskLevel
    province: str
    city: str
    county: str
    places: tuple[str, ...]


@dataclass(frozen=True)
class PublishedList:
    """An official file: in force from its time until the next one. `announced` is its own count of places."""

    in_force_from: datetime
    areas: tuple[PublishedArea, ...]
    announced: Mapping[RiskLevel, int]

    def places(self, level: RiskLevel) -> int:
        """How many places of `level` stand in the file; may differ from what it announces."""
        return sum(len(area.places) for area in self.areas if area.level is level)


def read_official(data: object, keys: Sequence[PublishedKey], zone: tzinfo) -> PublishedList:
    """The official file's content (2.1). Error: risk_file, with what is wrong in `problem`."""
    body = data.get("data", data) if isinstance(data, dict) else None
    if not isinstance(body, dict):
        raise _unreadable(N_("没有 data 部分"))
    moment = _read_moment(body.get("end_update_time"), zone)
    areas = tuple(area for key in keys for row in _rows(body, key.rows) for area in _split(_read_area(row, key.level)))
    if not areas:
        raise _unreadable(N_("没有任何风险地区"))
    if len(areas) > MOST_PUBLISHED:
        raise _unreadable(N_("行数过多"))
    announced = {key.level: body[key.count] for key in keys if isinstance(body.get(key.count), int)}
    return PublishedList(moment, areas, announced)


def _unreadable(problem: str) -> DomainError:
    return DomainError(N_("无法读取风险地区文件：%(problem)s"), code="risk_file", field="file", problem=problem)


def _read_moment(value: object, zone: tzinfo) -> datetime:
    found = _MOMENT.fullmatch(clean(value)) if isinstance(value, str) else None
    try:
        year, month, day, hour = (int(part) for part in found.groups()) if found else (0, 0, 0, 0)
        return datetime(year, month, day, hour, tzinfo=zone)
    except ValueError:
        raise _unreadable(N_("end_update_time 不是「2022-07-21 16时」这样的时间")) from None


def _rows(body: Mapping[str, Any], key: str) -> list[object]:
    rows = body.get(key, [])
    if not isinstance(rows, list):
        raise _unreadable(f"{key}: {type(rows).__name__}")
    return rows


def _read_area(row: object, level: RiskLevel) -> PublishedArea:
    if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in ("province", "city")):
        raise _unreadable(N_("有一行没有写明省和市"))
    county, places = row.get("county") or "", row.get("communitys") or []
    if not isinstance(county, str) or not isinstance(places, list):
        raise _unreadable(N_("有一行的区县或地点格式不正确"))
    # As published, full-width brackets and all: only the comparison normalises.
    province, city, county = (str(text).strip()[:MOST_NAME] for text in (row["province"], row["city"], county))
    texts = tuple(str(place).strip() for place in places)
    return PublishedArea(level=level, province=province, city=city, county=county, places=texts)


def _split(area: PublishedArea) -> Iterator[PublishedArea]:
    """`area`, or one for each town: the corps' rows name it in their places alone (第八师石河子市…)."""
    if area.county != _CORPS:
        yield area
        return
    by_town: dict[str, list[str]] = {}
    for place in area.places:
        found = _CORPS_TOWN.search(place)
        by_town.setdefault(found[1] if found else area.county, []).append(place)
    for town, places in by_town.items():
        yield replace(area, county=town, places=tuple(places))


class Unmatched(Labelled):
    """Why a published row stands for no area of the tree yet."""

    PROVINCE = N_("省份名称无法识别")
    CITY = N_("城市名称无法识别")
    COUNTY = N_("区县名称无法识别")
    AMBIGUOUS = N_("有多个同名区县")


@dataclass(frozen=True)
class Match:
    """The area that a published row lies in, or None and the reason."""

    area_code: str | None
    reason: Unmatched | None = None


class AreaNames:
    """The names of the tree's areas down to districts, as the official lists write them. Nothing is guessed.

    A functional area goes by its full or short name, with or without its city's (长春经济技术开发区, 经开区).
    """

    def __init__(self, areas: Iterable[tuple[str, str, Iterable[str]]]) -> None:
        """Take (code, name, other names) of each area; codes below districts are passed over."""
        self._provinces: dict[str, str] = {}
        self._cities: dict[str, dict[str, str]] = {}
        self._districts: dict[str, dict[str, set[str]]] = {}
        self._names: dict[str, str] = {}
        for code, name, others in sorted(areas, key=lambda each: (len(each[0]), each[0])):
            self._add(code, [without_blanks(text) for text in (name, *others)])

    def _add(self, code: str, names: Sequence[str]) -> None:
        level, province, city = area_level(code), code[:2], code[:4]
        if level is AreaLevel.PROVINCE:
            self._provinces.update(dict.fromkeys(names, code))
        elif level is AreaLevel.CITY:
            self._cities.setdefault(province, {}).update(dict.fromkeys(names, code))
        elif level is AreaLevel.DISTRICT:
            own = self._districts.setdefault(city, {})
            for name in names:
                for form in {name, self._short(name, city)}:
                    own.setdefault(form, set()).add(code)
        else:
            return
        self._names[code] = names[0]

    def _short(self, name: str, city: str) -> str:
        """`name` without the names of its province and city before it, functional areas by their short words."""
        bare = name
        for above in (self._names.get(city[:2], ""), self._names.get(city, "")):
            ending = next((end for end in _ENDINGS if above.endswith(end)), "")
            for start in (above, above.removesuffix(ending)):
                bare = bare.removeprefix(start) if start else bare
        for pattern, short in _SHORT_FORMS:
            bare = pattern.sub(short, bare)
        return bare or name

    def match(self, *, province: str, city: str, county: str) -> Match:
        """The area of a published row.

        Municipalities put the district in the city's column and a street in the county's; counties without a city
        stand under a word for that; a city without districts is meant as a whole.
        """
        if province == _CORPS:
            return self._in_corps(county)
        within = self._provinces.get(without_blanks(province))
        if within is None:
            return Match(None, Unmatched.PROVINCE)
        found = self._cities.get(within, {}).get(without_blanks(city))
        if found is not None:
            return self._one_of([found], county) or self._undivided(found) or Match(None, Unmatched.COUNTY)
        cities = [code for code in self._districts if code.startswith(within)]
        # The city's column first: a street of the county's column may be called like a district elsewhere.
        return self._one_of(cities, city) or self._one_of(cities, county) or Match(None, self._what_fails(cities, city))

    def _undivided(self, city: str) -> Match | None:
        """The city as a whole where the tree divides it no further: its one district bears its own name (东莞市)."""
        districts = self._districts.get(city, {})
        if not districts:
            return Match(city)
        return self._one_of([city], self._names[city]) if len(set().union(*districts.values())) == 1 else None

    def _what_fails(self, cities: Sequence[str], city: str) -> Unmatched:
        is_province = any(self._names.get(code[:2]) == without_blanks(city) for code in cities)
        return Unmatched.COUNTY if is_province or "直辖" in city else Unmatched.CITY

    def _in_corps(self, town: str) -> Match:
        cities = [code for code in self._districts if self._names[code[:2]].startswith("新疆")]
        return self._one_of(cities, town) or Match(None, Unmatched.COUNTY)

    def _one_of(self, cities: Sequence[str], name: str) -> Match | None:
        """The one district of `cities` called `name`; a match that says so when there are several; None for none."""
        text = without_blanks(name)
        found: set[str] = set()
        for city in cities:
            own = self._districts[city]
            found |= own.get(text) or own.get(self._short(text, city)) or set()
        if not found:
            return None
        return Match(found.pop()) if len(found) == 1 else Match(None, Unmatched.AMBIGUOUS)
