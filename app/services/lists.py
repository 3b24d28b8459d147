"""The screening lists, declared (SPEC section 6); what a declaration says is in screening_list.py."""

from __future__ import annotations

from app.domain.errors import DomainError
from app.domain.health import EvidenceKind
from app.domain.labels import N_
from app.domain.overseas import DISTRICT_OUTCOMES, EXPLANATIONS, HUB_OUTCOMES, HUB_TEAMS, way_named
from app.domain.returns import Transport
from app.domain.roles import Role
from app.domain.screening import (
    EntryOrigin,
    HeadquartersCategory,
    NucleicTestResult,
    OverseasStatus,
    ScreeningKind,
)
from app.models import EvidenceSource
from app.services.disease_control import DISEASE_CONTROL
from app.services.list_dispatch import (
    Dispatcher,
    Values,
    boarded_at_listed_station,
    evenly,
    to_named_district,
    to_residence,
    to_residence_or_street,
)
from app.services.screening_list import IMPORT_LABEL, Category, ListEvidence, Receipt, ScreeningList
from app.spreadsheets.declarations import HEADQUARTERS, POLICE, RAIL, TELECOM
from app.spreadsheets.declarations_people import FEVER, NUCLEIC_TEST, OVERSEAS, PATROL_STAFF, RISK_AREA_RETURNEE

__all__ = [
    "IMPORT_LABEL",
    "LISTS",
    "Dispatcher",
    "ScreeningList",
    "Values",
    "list_named",
    "list_of",
]

_CITY = frozenset({Role.CITY_ADMIN})
_CITY_AND_DISTRICT = frozenset({Role.CITY_ADMIN, Role.DISTRICT_ADMIN})
_REPORTERS = frozenset({Role.DATA_REPORTER, Role.FLIGHT_TEAM, Role.HIGH_SPEED_RAIL_TEAM, Role.RAILWAY_TEAM})
_REPORTER_CATEGORIES = {
    Role.FLIGHT_TEAM: HeadquartersCategory.AIRPORT,
    Role.HIGH_SPEED_RAIL_TEAM: HeadquartersCategory.HIGH_SPEED_RAIL,
    Role.RAILWAY_TEAM: HeadquartersCategory.RAILWAY,
    Role.DATA_REPORTER: HeadquartersCategory.BORDER,
    Role.CITY_ADMIN: HeadquartersCategory.OTHER,
}
_DISTRICT = frozenset({Role.DISTRICT_ADMIN})
_COMPOUND_AND_COMMUNITY = frozenset({Role.COMPOUND_ADMIN, Role.COMMUNITY_ADMIN})
_DISTRICT_AND_BELOW = _DISTRICT | _COMPOUND_AND_COMMUNITY | {Role.STREET_ADMIN}


def _way_of(values: Values) -> Transport | None:
    return way_named(values.get("way"))


_WAYS = Category(label=N_("预计入境方式"), choices=Transport, of_row=_way_of)
_OVERSEAS_COLUMNS = (
    "created_at",
    "name",
    "document_number",
    "phone",
    "entry_port",
    "expected_at",
    "way",
    "connection_number",
)

LISTS: tuple[ScreeningList, ...] = (
    ScreeningList(
        kind=ScreeningKind.TELECOM,
        keys=("telecom",),
        sheet=TELECOM,
        importers=_CITY,
        readers=_CITY_AND_DISTRICT,
        editors=_CITY_AND_DISTRICT,
        dispatch=to_named_district("station_district", city_key="station_city"),
        place_key="station_district",
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
        kind=ScreeningKind.POLICE,
        keys=("police",),
        sheet=POLICE,
        importers=_CITY | frozenset({Role.DATA_REPORTER}),
        readers=_DISTRICT_AND_BELOW,
        editors=_DISTRICT_AND_BELOW,
        tray=_CITY,
        dispatch=to_residence_or_street,
        evidence=ListEvidence(EvidenceKind.POLICE_KEY_PERSON),
        place_key="street",
        columns=("listed_on", "name", "phone", "document_number"),
        by_area=True,
        shows_residency=True,
        is_two_part=True,
        screened_label=N_("已核实"),
        unscreened_label=N_("应核实"),
        lead=N_(
            "由公安推送重点人员，按住处下发到所属小区；先在小区人员管理中查询，再核实状态。名单中的人员会被赋码，人数较多时须另一人批准。"
        ),
    ),
    ScreeningList(
        kind=ScreeningKind.HEADQUARTERS,
        keys=("headquarters", "command"),
        sheet=HEADQUARTERS,
        importers=_CITY | _REPORTERS,
        readers=_CITY_AND_DISTRICT,
        editors=_CITY_AND_DISTRICT,
        dispatch=to_named_district("target_district"),
        place_key="target_district",
        columns=("name", "document_number", "phone", "departure_country", "connection_number", "entered_at"),
        category=Category(label=N_("类别"), choices=HeadquartersCategory, of_reporter=_REPORTER_CATEGORIES),
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
        keys=("risk_returnee", "risk_area"),
        sheet=RISK_AREA_RETURNEE,
        importers=_CITY,
        readers=_CITY_AND_DISTRICT,
        editors=_CITY_AND_DISTRICT,
        dispatch=to_named_district("target_district"),
        place_key="target_district",
        columns=("listed_on", "name", "document_number", "phone", "origin", "transport"),
        searched_by=("name", "phone", "document_number"),
        screened_label=N_("已处置"),
        unscreened_label=N_("待处置"),
        lead=N_("由市管理员导入，或来郑扫码颜色异常的人员自动进入；下派到区县排查处置。"),
    ),
    ScreeningList(
        kind=ScreeningKind.FEVER,
        keys=("fever",),
        sheet=FEVER,
        importers=frozenset({Role.MEDICAL_INSTITUTION}),
        readers=_DISTRICT_AND_BELOW,
        editors=_DISTRICT_AND_BELOW,
        dispatch=to_residence,
        evidence=ListEvidence(EvidenceKind.FEVER_CLINIC, source=EvidenceSource.CLINIC_VISIT),
        place_key="target_district",
        columns=("listed_on", "name", "document_number", "phone", "temperature", "institution"),
        shows_risk=True,
        by_area=True,
        clear_label=N_("清空"),
        # Clinics do not see the list; their way to it is this word in the menu.
        import_label=N_("发热人员导入"),
        screened_label=N_("已询问"),
        unscreened_label=N_("未询问"),
        lead=N_(
            "由管理区域内的医院发热门诊上报，按住处下发到所属小区；询问后编辑状态。名单中的人员会被赋码，人数较多时须另一人批准。"
        ),
    ),
    ScreeningList(
        kind=ScreeningKind.OVERSEAS_ARRIVAL_REPORT,
        rows_of=ScreeningKind.OVERSEAS_RETURNEE,
        keys=("overseas_report",),
        sheet=OVERSEAS,
        readers=_COMPOUND_AND_COMMUNITY,
        editors=frozenset(),
        creators=_COMPOUND_AND_COMMUNITY,
        created_as=EntryOrigin.REPORT,
        dispatch=to_residence,
        columns=_OVERSEAS_COLUMNS,
        listed_on="expected_at",
        category=_WAYS,
        arrived_key="arrived_at",
        is_inquiry=False,
        lead=N_(
            "境外返郑人员及亲属，必须“双报告”，牢记“四个凡是”。由小区和社区管理员上报，乘飞机、高铁、火车返郑的自动同步到对应专班。"
        ),
    ),
    ScreeningList(
        kind=ScreeningKind.OVERSEAS_RETURNEE,
        keys=("overseas",),
        sheet=OVERSEAS,
        importers=_CITY,
        readers=_CITY_AND_DISTRICT | HUB_TEAMS,
        editors=_DISTRICT | HUB_TEAMS,
        dispatch=to_residence,
        place_key="target_district",
        columns=_OVERSEAS_COLUMNS,
        listed_on="expected_at",
        category=_WAYS,
        arrived_key="arrived_at",
        receipt=Receipt(label=N_("已接收"), roles=HUB_TEAMS, status=OverseasStatus.RECEIVED),
        outcomes_of={**dict.fromkeys(HUB_TEAMS, HUB_OUTCOMES), Role.DISTRICT_ADMIN: DISTRICT_OUTCOMES},
        explanations=EXPLANATIONS,
        has_attention=True,
        edit_label=N_("编辑状态"),
        screened_label=N_("已排查"),
        unscreened_label=N_("未排查"),
        lead=N_("由小区、社区上报或市管理员导入；枢纽专班接收处置，区县管理员摸排处置，市管理员统筹。"),
    ),
    ScreeningList(
        kind=ScreeningKind.NUCLEIC_TEST,
        keys=("nucleic",),
        sheet=NUCLEIC_TEST,
        importers=_CITY_AND_DISTRICT | {Role.MEDICAL_INSTITUTION},
        readers=_CITY_AND_DISTRICT,
        editors=_CITY_AND_DISTRICT,
        dispatch=to_residence,
        place_key="target_district",
        columns=("listed_on", "name", "document_number", "phone", "site", "institution"),
        evidence=ListEvidence(
            EvidenceKind.POSITIVE_TEST,
            status=NucleicTestResult.POSITIVE,
            disproves=NucleicTestResult.NEGATIVE,
            source=EvidenceSource.TEST,
        ),
        status_key="result",
        status_label=N_("检测结果"),
        screened_label=N_("已出结果"),
        unscreened_label=N_("待出结果"),
        lead=N_(
            "由市、区县管理员或医疗机构导入检测结果，按住处下发；结果未出的可在此登记。阳性的人员会被赋码，手工登记的须另一人批准；阴性会结束可由其排除的赋码依据。"
        ),
    ),
    ScreeningList(
        kind=ScreeningKind.PATROL_STAFF,
        keys=("patrol",),
        sheet=PATROL_STAFF,
        importers=_CITY_AND_DISTRICT,
        readers=_CITY_AND_DISTRICT,
        editors=_CITY_AND_DISTRICT,
        creators=_CITY_AND_DISTRICT,
        dispatch=to_residence,
        place_key="target_district",
        columns=("name", "document_number", "phone", "unit", "duty", "beat"),
        is_inquiry=False,
        edit_label=N_("编辑状态"),
        screened_label=N_("离岗"),
        unscreened_label=N_("在岗"),
        lead=N_("巡查人员的名册：新建、编辑、导入和导出。"),
    ),
    DISEASE_CONTROL,
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
