"""The lists' sheets, declared: the operators' sheet (Z-T1), the station's (Z-T2), the police's (Z-T3), the command
centre's (Z-T4). Those of people who return, are ill or are tested stand in declarations_people.py.
"""

from dataclasses import replace

from app.domain.labels import N_
from app.domain.risk import RiskLevel
from app.spreadsheets.checks import Check, choice, day, document, moment, name, phone, text
from app.spreadsheets.columns import AnyOf, SheetColumn, SheetSpec

NAME_SYNONYMS = ("人员姓名", "旅客姓名", "客户姓名", "用户姓名", "机主姓名")
PHONE_SYNONYMS = ("手机号", "手机", "电话", "联系电话", "联系方式", "手机号码/联系电话", "电话号码", "移动电话")
DOCUMENT_SYNONYMS = (
    "证件号",
    "证件号码",
    "身份证",
    "身份证号",
    "身份证号码",
    "身份证件号码",
    "居民身份证号",
    "公民身份号码",
)
DOCUMENT_TYPE_SYNONYMS = ("证件种类", "证件名称", "身份证件类型")
PHONE_OR_DOCUMENT = AnyOf(("phone", "document_number"), "no_phone_no_id", N_("手机号和证件号不能都为空"))
PERSON = ("document_number", "phone")  # who a row is about: the document, or the phone where there is none


def name_column(*, is_required: bool = False) -> SheetColumn:
    return SheetColumn("name", N_("姓名"), NAME_SYNONYMS, name(), is_required, True, width=12, example="何晓明")


def phone_column(title: str, *, is_expected: bool = True) -> SheetColumn:
    return SheetColumn("phone", title, PHONE_SYNONYMS, phone(), False, is_expected, width=16, example="13800138000")


def document_column(title: str, *, type_key: str | None = None, is_expected: bool = True) -> SheetColumn:
    check = document(type_key)
    return SheetColumn(
        "document_number", title, DOCUMENT_SYNONYMS, check, False, is_expected, width=22, example="41010519900101123X"
    )


def document_type_column() -> SheetColumn:
    return SheetColumn("document_type", N_("证件类型"), DOCUMENT_TYPE_SYNONYMS, text(30), width=12, example="身份证")


def listed_on_column(title: str, *synonyms: str) -> SheetColumn:
    return SheetColumn("listed_on", title, synonyms, day(), True, True, width=14, example="2020-04-07")


def text_column(key: str, title: str, *synonyms: str, length: int = 100, example: str = "") -> SheetColumn:
    return SheetColumn(key, title, synonyms, text(length), example=example)


def area_column(key: str, title: str, *synonyms: str, example: str) -> SheetColumn:
    """A column by which rows are dispatched: the sheet must have it, a row may leave it blank."""
    return SheetColumn(key, title, synonyms, text(60), is_expected=True, width=16, example=example)


def moment_column(key: str, title: str, *synonyms: str) -> SheetColumn:
    check: Check = moment()
    return SheetColumn(key, title, synonyms, check, width=20, example="2020/04/07 06:12")


TELECOM = SheetSpec(
    key="telecom",
    title=N_("通管人员摸排"),
    columns=(
        listed_on_column(N_("日期"), "名单日期", "数据日期", "统计日期"),
        phone_column(N_("手机号码")),
        text_column("inflow_city", N_("流入市"), "流入地市", "流入城市", example="郑州市"),
        text_column("inflow_district", N_("流入县"), "流入区县", "流入县区", example="金水区"),
        text_column("home_province", N_("归属省"), "号码归属省", "归属省份", example="河南"),
        text_column("home_city", N_("归属市"), "号码归属市", "归属地市", example="郑州"),
        name_column(),
        document_column(N_("证件号码")),
        text_column(
            "address", N_("证件地址"), "户籍地址", "地址", "身份证地址", length=300, example="河南省郑州市某路1号"
        ),
        moment_column("stay_recorded_at", N_("最近滞留时间"), "滞留时间", "最近驻留时间"),
        text_column("base_station", N_("最近滞留基站"), "滞留基站", "基站名称", "基站", length=200),
        text_column("station_city", N_("基站归属地市"), "基站归属市", "基站地市", example="郑州市"),
        area_column("station_district", N_("基站归属区县"), "基站归属县区", "基站归属县", "基站区县", example="金水区"),
        text_column("remark", N_("备注"), "说明", length=500),
    ),
    row_checks=(PHONE_OR_DOCUMENT,),
    identity=(PERSON, "listed_on"),
)

RAIL = SheetSpec(
    key="rail",
    title=N_("火车站人员摸排"),
    columns=(
        listed_on_column(N_("日期"), "乘车日期", "到达日期", "出行日期"),
        text_column("train_number", N_("车次"), "列车车次", "列车号", length=20, example="G601"),
        SheetColumn(
            "boarding_station",
            N_("上车站"),
            ("上车站点", "出发站", "乘车站", "始发站"),
            text(60),
            is_expected=True,
            example="武汉站",
        ),
        text_column("alighting_station", N_("下车站"), "下车站点", "到达站", "到站", example="郑州东站"),
        name_column(),
        document_type_column(),
        document_column(N_("证件号"), type_key="document_type"),
        phone_column(N_("手机号")),
        text_column("carriage", N_("车厢号"), "车厢", length=10, example="9"),
        text_column("seat", N_("座位号"), "座位", "座席号", length=20, example="17A"),
        text_column("remark", N_("备注"), "说明", length=500),
    ),
    row_checks=(PHONE_OR_DOCUMENT,),
    identity=(PERSON, "listed_on", "train_number"),
)

POLICE = SheetSpec(
    key="police",
    title=N_("公安摸排名单"),
    columns=(
        listed_on_column(N_("日期"), "推送日期", "名单日期"),
        name_column(is_required=True),
        phone_column(N_("手机号")),
        # Who has no number cannot be told from another of the same name, and this list colours people.
        replace(document_column(N_("身份证")), is_required=True),
        area_column("street", N_("所属街道办事处"), "所属街道", "街道办事处", "街道", example="林山寨街道办事处"),
        text_column("compound", N_("所属小区"), "小区", "小区名称", example="幸福小区"),
        text_column("remark", N_("备注"), "说明", length=500),
    ),
    identity=("document_number", "listed_on"),
)

HEADQUARTERS = SheetSpec(
    key="headquarters",
    title=N_("指挥部排查名单"),
    columns=(
        name_column(),
        document_type_column(),
        document_column(N_("证件号"), type_key="document_type"),
        phone_column(N_("手机号")),
        text_column("nationality", N_("国籍"), "国籍/地区", "国家地区", example="中国"),
        text_column("departure_country", N_("出发国家"), "出发国", "来源国家", "出发国家/地区", example="英国"),
        text_column(
            "connection_number", N_("航班号"), "航班", "车次", "航班/车次", "航班号/车次", length=40, example="CZ1247"
        ),
        moment_column("entered_at", N_("入境时间"), "入境日期", "入境日期时间"),
        area_column("target_district", N_("目的区县"), "目的地区县", "目的县区", "所属区县", "区县", example="金水区"),
        text_column("address", N_("详细地址"), "目的地址", "目的地详细地址", "居住地址", "地址", length=300),
        text_column("remark", N_("备注"), "说明", length=500),
    ),
    row_checks=(PHONE_OR_DOCUMENT,),
    identity=(PERSON, "entered_at"),
)

RISK_AREAS = SheetSpec(
    key="risk_areas",
    title=N_("风险地区"),
    columns=(
        SheetColumn(
            "level",
            N_("风险等级"),
            ("等级", "级别"),
            choice(*(level.label for level in RiskLevel), synonyms={"高": "高风险", "中": "中风险", "低": "低风险"}),
            is_required=True,
            is_expected=True,
            example="高风险",
        ),
        SheetColumn("province", N_("省"), ("省份",), text(80), True, True, example="河南省"),
        SheetColumn("city", N_("市"), ("城市", "地市"), text(80), True, True, example="郑州市"),
        SheetColumn("county", N_("区县"), ("县区", "县", "区"), text(80), is_expected=True, example="中原区"),
        SheetColumn("place", N_("地点"), ("具体地点", "场所", "小区"), text(200), width=40, example="某某小区3号楼"),
        SheetColumn("from_day", N_("开始日期"), ("生效日期",), day(), True, True, example="2022-07-21"),
        SheetColumn("until_day", N_("结束日期"), ("截止日期",), day(), example="2022-08-04"),
        SheetColumn(
            "ground", N_("依据"), ("文号", "通告"), text(200), True, True, width=40, example="某市2022年第12号通告"
        ),
    ),
)

SHEETS = {spec.key: spec for spec in (TELECOM, RAIL, POLICE, HEADQUARTERS)}
