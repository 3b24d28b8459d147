"""The screening lists, declared (SPEC section 6).

A list is one `ScreeningList`; its import, screen, template and command follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from app.domain.dispatch import Dispatch, by_named_district, must_screen_station, spread_evenly
from app.domain.documents import DocumentType
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.screening import ScreeningKind
from app.profiles import Profile, district_names, districts
from app.spreadsheets.checks import document_type_of
from app.spreadsheets.columns import SheetSpec
from app.spreadsheets.declarations import HEADQUARTERS, RAIL, RISK_AREA_RETURNEE, TELECOM

Values = Mapping[str, Any]
Roles = frozenset[Role]
# Where the rows of one chunk go, in their order. Chunks of new rows are full ones but for the last.
Dispatcher = Callable[[Sequence[Values]], list[Dispatch]]
DispatchRule = Callable[[Profile, str], Dispatcher]
FilterRule = Callable[[Profile], Callable[[Values], bool]]


IMPORT_LABEL = N_("导入")


def to_named_district(district_key: str, *, city_key: str | None = None) -> DispatchRule:
    """Each row goes to the district that it names (Z-T1, Z-T4)."""

    def rule(profile: Profile, _seed: str) -> Dispatcher:
        names, city = district_names(profile), profile.region_name.zh

        @lru_cache(maxsize=4096)
        def find(city_text: str | None, district_text: str | None) -> Dispatch:
            return by_named_district(city_text, district_text, names, city)

        def dispatch(rows: Sequence[Values]) -> list[Dispatch]:
            return [find(row[city_key] if city_key else None, row[district_key]) for row in rows]

        return dispatch

    return rule


def evenly(profile: Profile, seed: str) -> Dispatcher:
    """The rows are spread at random over the districts, no district more than one row ahead (Z-T2).

    The seed is the file, so that the same file is dealt out the same way again. Full chunks hold the same number of
    rows for every district (see `chunk_rows`), so that only the last one can be uneven, by one row.
    """
    codes = [record.code for record in districts(profile)]
    dealt = 0

    def dispatch(rows: Sequence[Values]) -> list[Dispatch]:
        nonlocal dealt
        dealt += 1
        return [Dispatch(code) for code in spread_evenly(len(rows), codes, f"{seed}:{dealt}")]

    return dispatch


def chunk_rows(profile: Profile, about: int = 2000) -> int:
    """How many rows are staged at a time: a multiple of the number of districts."""
    count = len(districts(profile))
    return max(1, about // count) * count


def boarded_at_listed_station(profile: Profile) -> Callable[[Values], bool]:
    """Rows of passengers from the stations of the policy enter the list (Z-T2)."""

    @lru_cache(maxsize=4096)
    def is_listed(station: str | None) -> bool:
        return must_screen_station(profile.stations, station)

    return lambda row: is_listed(row["boarding_station"])


@dataclass(frozen=True, kw_only=True)
class ScreeningList:
    """One list: its sheet, who imports, reads and edits it, how its rows are dispatched, and what its screen shows.

    `columns` are keys of the sheet; their titles are the screen's labels. `listed_on` is the column whose day the
    list is searched by.
    """

    kind: ScreeningKind
    keys: tuple[str, ...]
    sheet: SheetSpec
    importers: Roles
    readers: Roles
    editors: Roles
    dispatch: DispatchRule
    columns: tuple[str, ...]
    enters: FilterRule | None = None
    listed_on: str = "listed_on"
    import_label: str = IMPORT_LABEL
    edit_label: str = N_("编辑")
    status_label: str = N_("状态")
    screened_label: str = N_("已反馈")
    unscreened_label: str = N_("未反馈")
    lead: str = ""

    @property
    def key(self) -> str:
        """The word by which commands and addresses name this list."""
        return self.keys[0]

    @property
    def title(self) -> str:
        return self.kind.label

    @cached_property
    def particulars(self) -> tuple[str, ...]:
        """The sheet's columns that are kept together in one ciphertext."""
        return tuple(c.key for c in self.sheet.columns if c.key not in OWN_COLUMNS or c.key == "document_type")

    def document_type(self, values: Values) -> DocumentType:
        """The kind of a row's document: as its sheet names it, else by the number's look."""
        named = values.get("document_type")
        if named:
            return document_type_of(named)
        return DocumentType.OTHER if str(values["document_number"])[:1].isalpha() else DocumentType.ID_CARD

    def check_importer(self, role: Role | None) -> None:
        """Pass for a role that imports this list. Error: role."""
        if role not in self.importers:
            raise DomainError(N_("您的账号不能导入「%(list)s」"), code="role", list=self.title)


# Columns that every entry has of its own; a sheet's other columns are its particulars.
OWN_COLUMNS = frozenset({"listed_on", "name", "document_type", "document_number", "phone", "remark"})

_CITY = frozenset({Role.CITY_ADMIN})
_CITY_AND_DISTRICT = frozenset({Role.CITY_ADMIN, Role.DISTRICT_ADMIN})
_REPORTERS = frozenset({Role.DATA_REPORTER, Role.FLIGHT_TEAM, Role.HIGH_SPEED_RAIL_TEAM, Role.RAILWAY_TEAM})

LISTS: tuple[ScreeningList, ...] = (
    ScreeningList(
        kind=ScreeningKind.TELECOM,
        keys=("telecom",),
        sheet=TELECOM,
        importers=_CITY,
        readers=_CITY_AND_DISTRICT,
        editors=_CITY_AND_DISTRICT,
        dispatch=to_named_district("station_district", city_key="station_city"),
        columns=("listed_on", "phone", "name", "document_number", "home_province", "home_city", "stay_recorded_at"),
        lead=N_("由市管理员导入运营商名单，按基站归属区县下发；区县管理员排查后编辑状态。"),
    ),
    ScreeningList(
        kind=ScreeningKind.RAILWAY,
        keys=("rail", "railway"),
        sheet=RAIL,
        importers=_CITY,
        readers=_CITY_AND_DISTRICT,
        editors=_CITY_AND_DISTRICT,
        dispatch=evenly,
        enters=boarded_at_listed_station,
        columns=(
            "listed_on",
            "train_number",
            "boarding_station",
            "alighting_station",
            "name",
            "document_number",
            "phone",
        ),
        lead=N_("由市管理员导入车站名单，按上车站筛选后随机下发到各区县；区县管理员排查后编辑状态。"),
    ),
    ScreeningList(
        kind=ScreeningKind.HEADQUARTERS,
        keys=("headquarters", "command"),
        sheet=HEADQUARTERS,
        importers=_CITY | _REPORTERS,
        readers=_CITY_AND_DISTRICT,
        editors=_CITY_AND_DISTRICT,
        dispatch=to_named_district("target_district"),
        columns=("name", "document_number", "phone", "departure_country", "connection_number", "entered_at"),
        listed_on="entered_at",
        import_label=N_("边检数据导入"),
        edit_label=N_("编辑排查记录"),
        status_label=N_("排查结果"),
        screened_label=N_("已排查"),
        unscreened_label=N_("未排查"),
        lead=N_("由机场、车站和公安上报返程人员，按目的区县下发；区县管理员编辑排查记录。"),
    ),
    ScreeningList(
        kind=ScreeningKind.RISK_AREA_RETURNEE,
        keys=("risk_area",),
        sheet=RISK_AREA_RETURNEE,
        importers=_CITY,
        readers=_CITY_AND_DISTRICT,
        editors=_CITY_AND_DISTRICT,
        dispatch=to_named_district("target_district"),
        columns=("listed_on", "name", "document_number", "phone", "origin", "transport"),
        screened_label=N_("已处置"),
        unscreened_label=N_("待处置"),
        lead=N_("由市管理员导入，或来郑扫码为红码、黄码的人员自动进入；下派到区县排查处置。"),
    ),
)

_BY_KEY = {key: declared for declared in LISTS for key in declared.keys}
_BY_KIND = {declared.kind: declared for declared in LISTS}


def list_named(key: str) -> ScreeningList:
    """The list that commands call `key`. Error: kind."""
    found = _BY_KEY.get(key)
    if found is None:
        raise DomainError(N_("没有名为 %(key)s 的名单，可选：%(keys)s"), code="kind", key=key, keys="、".join(_BY_KEY))
    return found


def list_of(kind: ScreeningKind) -> ScreeningList:
    """The list of a kind."""
    return _BY_KIND[kind]
