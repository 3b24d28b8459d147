"""The lists' sheets, declared: the operators' sheet (Z-T1), the station's (Z-T2), the command centre's (Z-T4)."""

from app.domain.labels import N_
from app.spreadsheets.checks import Check, day, document, moment, phone, text
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


def _name(*, is_required: bool = False) -> SheetColumn:
    return SheetColumn("name", N_("姓名"), NAME_SYNONYMS, text(60), is_required, True, width=12, example="何晓明")


def _phone(title: str) -> SheetColumn:
    return SheetColumn("phone", title, PHONE_SYNONYMS, phone(), is_expected=True, width=16, example="13800138000")


def _document(title: str, *, type_key: str | None = None) -> SheetColumn:
    check = document(type_key)
    return SheetColumn(
        "document_number", title, DOCUMENT_SYNONYMS, check, is_expected=True, width=22, example="41010519900101123X"
    )


def _document_type() -> SheetColumn:
    return SheetColumn("document_type", N_("证件类型"), DOCUMENT_TYPE_SYNONYMS, text(30), width=12, example="身份证")


def _listed_on(title: str, *synonyms: str) -> SheetColumn:
    return SheetColumn("listed_on", title, synonyms, day(), True, True, width=14, example="2020-04-07")


def _text(key: str, title: str, *synonyms: str, length: int = 100, example: str = "") -> SheetColumn:
    return SheetColumn(key, title, synonyms, text(length), example=example)


def _area(key: str, title: str, *synonyms: str, example: str) -> SheetColumn:
    """A column by which rows are dispatched: the sheet must have it, a row may leave it blank."""
    return SheetColumn(key, title, synonyms, text(60), is_expected=True, width=16, example=example)


def _moment(key: str, title: str, *synonyms: str) -> SheetColumn:
    check: Check = moment()
    return SheetColumn(key, title, synonyms, check, width=20, example="2020/04/07 06:12")


TELECOM = SheetSpec(
    key="telecom",
    title=N_("通管人员摸排"),
    columns=(
        _listed_on(N_("日期"), "名单日期", "数据日期", "统计日期"),
        _phone(N_("手机号码")),
        _text("inflow_city", N_("流入市"), "流入地市", "流入城市", example="郑州市"),
        _text("inflow_district", N_("流入县"), "流入区县", "流入县区", example="金水区"),
        _text("home_province", N_("归属省"), "号码归属省", "归属省份", example="河南"),
        _text("home_city", N_("归属市"), "号码归属市", "归属地市", example="郑州"),
        _name(),
        _document(N_("证件号码")),
        _text("address", N_("证件地址"), "户籍地址", "地址", "身份证地址", length=300, example="河南省郑州市某路1号"),
        _moment("stay_recorded_at", N_("最近滞留时间"), "滞留时间", "最近驻留时间"),
        _text("base_station", N_("最近滞留基站"), "滞留基站", "基站名称", "基站", length=200),
        _text("station_city", N_("基站归属地市"), "基站归属市", "基站地市", example="郑州市"),
        _area("station_district", N_("基站归属区县"), "基站归属县区", "基站归属县", "基站区县", example="金水区"),
        _text("remark", N_("备注"), "说明", length=500),
    ),
    row_checks=(PHONE_OR_DOCUMENT,),
    identity=(PERSON, "listed_on"),
)

RAIL = SheetSpec(
    key="rail",
    title=N_("火车站人员摸排"),
    columns=(
        _listed_on(N_("日期"), "乘车日期", "到达日期", "出行日期"),
        _text("train_number", N_("车次"), "列车车次", "列车号", length=20, example="G601"),
        SheetColumn(
            "boarding_station",
            N_("上车站"),
            ("上车站点", "出发站", "乘车站", "始发站"),
            text(60),
            is_expected=True,
            example="武汉站",
        ),
        _text("alighting_station", N_("下车站"), "下车站点", "到达站", "到站", example="郑州东站"),
        _name(),
        _document_type(),
        _document(N_("证件号"), type_key="document_type"),
        _phone(N_("手机号")),
        _text("carriage", N_("车厢号"), "车厢", length=10, example="9"),
        _text("seat", N_("座位号"), "座位", "座席号", length=20, example="17A"),
        _text("remark", N_("备注"), "说明", length=500),
    ),
    row_checks=(PHONE_OR_DOCUMENT,),
    identity=(PERSON, "listed_on", "train_number"),
)

HEADQUARTERS = SheetSpec(
    key="headquarters",
    title=N_("指挥部排查名单"),
    columns=(
        _name(),
        _document_type(),
        _document(N_("证件号"), type_key="document_type"),
        _phone(N_("手机号")),
        _text("nationality", N_("国籍"), "国籍/地区", "国家地区", example="中国"),
        _text("departure_country", N_("出发国家"), "出发国", "来源国家", "出发国家/地区", example="英国"),
        _text(
            "connection_number", N_("航班号"), "航班", "车次", "航班/车次", "航班号/车次", length=40, example="CZ1247"
        ),
        _moment("entered_at", N_("入境时间"), "入境日期", "入境日期时间"),
        _area("target_district", N_("目的区县"), "目的地区县", "目的县区", "所属区县", "区县", example="金水区"),
        _text("address", N_("详细地址"), "目的地址", "目的地详细地址", "居住地址", "地址", length=300),
        _text("remark", N_("备注"), "说明", length=500),
    ),
    row_checks=(PHONE_OR_DOCUMENT,),
    identity=(PERSON, "entered_at"),
)

RISK_AREA_RETURNEE = SheetSpec(
    key="risk_area",
    title=N_("中高风险返郑人员排查"),
    columns=(
        _listed_on(N_("来郑日期"), "日期", "返郑日期", "到达日期"),
        _name(),
        _document_type(),
        _document(N_("身份证件号"), type_key="document_type"),
        _phone(N_("手机号")),
        _text("origin", N_("出发地"), "来源地", "始发地", "旅居地", length=200, example="河北省石家庄市藁城区"),
        _text("transport", N_("交通方式"), "返郑方式", length=20, example="火车"),
        _area("target_district", N_("目的区县"), "目的地区县", "所属区县", "区县", example="金水区"),
        _text("address", N_("详细地址"), "现住地址", "居住地址", "地址", length=300),
        _text("checkpoint", N_("登记卡口"), "卡口", length=120),
        _text("color", N_("健康码颜色"), "码色", "颜色", length=10, example="黄码"),
        _text("remark", N_("备注"), "说明", length=500),
    ),
    row_checks=(PHONE_OR_DOCUMENT,),
    identity=(PERSON, "listed_on"),
)

SHEETS = {spec.key: spec for spec in (TELECOM, RAIL, HEADQUARTERS, RISK_AREA_RETURNEE)}
