"""The sheets of people who return, are ill, are tested or patrol (Z-T5 to Z-T8, Z-T12)."""

from dataclasses import replace

from app.domain.labels import N_
from app.domain.returns import Transport
from app.domain.screening import DiseaseControlCategory, NucleicTestResult
from app.spreadsheets.checks import choice, phone
from app.spreadsheets.columns import AnyOf, DayOf, SheetColumn, SheetSpec
from app.spreadsheets.declarations import (
    PERSON,
    PHONE_OR_DOCUMENT,
    area_column,
    document_column,
    document_type_column,
    listed_on_column,
    moment_column,
    name_column,
    phone_column,
    text_column,
)

_REMARK = text_column("remark", N_("备注"), "说明", length=500)
_RESIDENCE = (
    area_column("target_district", N_("所属区县"), "目的区县", "区县", "现住区县", example="金水区"),
    text_column("street", N_("街道办"), "所属街道", "街道", "所属街道办事处", example="南阳路街道"),
    text_column("community", N_("所属社区"), "社区", example="农科路社区"),
    text_column("compound", N_("所属小区"), "小区", length=120, example="农科路二号院"),
    text_column("address", N_("详细地址"), "现住地址", "居住地址", "地址", length=300),
)

RISK_AREA_RETURNEE = SheetSpec(
    key="risk_area",
    title=N_("中高风险返郑人员排查"),
    columns=(
        listed_on_column(N_("来郑日期"), "日期", "返郑日期", "到达日期"),
        name_column(),
        document_type_column(),
        document_column(N_("身份证件号"), type_key="document_type"),
        phone_column(N_("手机号")),
        text_column("origin", N_("出发地"), "来源地", "始发地", "旅居地", length=200, example="河北省石家庄市藁城区"),
        text_column("transport", N_("交通方式"), "返郑方式", length=20, example="火车"),
        area_column("target_district", N_("目的区县"), "目的地区县", "所属区县", "区县", example="金水区"),
        text_column("address", N_("详细地址"), "现住地址", "居住地址", "地址", length=300),
        text_column("checkpoint", N_("登记卡口"), "卡口", length=120),
        text_column("color", N_("健康码颜色"), "码色", "颜色", length=10, example="黄码"),
        text_column("remark", N_("备注"), "说明", length=500),
    ),
    row_checks=(PHONE_OR_DOCUMENT,),
    identity=(PERSON, "listed_on"),
)


FEVER = SheetSpec(
    key="fever",
    title=N_("发热人员名单"),
    columns=(
        listed_on_column(N_("就诊日期"), "日期", "就诊时间", "登记日期"),
        name_column(),
        document_type_column(),
        document_column(N_("身份证"), type_key="document_type"),
        phone_column(N_("手机号")),
        text_column("temperature", N_("体温"), "体温℃", length=20, example="37.8"),
        text_column("symptoms", N_("症状"), "主要症状", length=200, example="发热、咳嗽"),
        text_column("institution", N_("就诊医院"), "医院", "医疗机构", "发热门诊", length=120, example="第一人民医院"),
        *_RESIDENCE,
        _REMARK,
    ),
    row_checks=(PHONE_OR_DOCUMENT,),
    identity=(PERSON, "listed_on"),
)

OVERSEAS = SheetSpec(
    key="overseas",
    title=N_("境外返郑人员名单"),
    columns=(
        name_column(is_required=True),
        document_type_column(),
        document_column(N_("身份证"), type_key="document_type", is_expected=False),
        phone_column(N_("境内手机号"), is_expected=False),
        text_column("overseas_phone", N_("境外手机号"), "境外电话", "国外电话", length=40),
        text_column("nationality", N_("国籍"), "国籍/地区", example="中国"),
        text_column("country", N_("来源国家"), "国家", "出发国家", "返回国家", "所在国家", example="韩国"),
        text_column("entry_port", N_("入境口岸"), "口岸", "入境城市", example="青岛"),
        SheetColumn(
            "expected_at",
            N_("预计入境时间"),
            ("入境时间", "预计入郑时间", "预计到达时间"),
            moment_column("", "").check,
            is_required=True,
            is_expected=True,
            width=20,
            example="2020/03/20 21:16",
        ),
        SheetColumn(
            "way",
            N_("预计入境方式"),
            ("返郑方式", "入境方式", "交通方式"),
            choice(*(way.label for way in Transport), synonyms={"航班": "飞机", "动车": "高铁", "列车": "火车"}),
            is_required=True,
            is_expected=True,
            example="飞机",
        ),
        text_column(
            "connection_number", N_("航班(车次/车牌)"), "航班", "车次", "车牌", "航班号", length=40, example="CZ1247"
        ),
        moment_column("arrived_at", N_("实际入郑时间"), "实际到达时间"),
        *_RESIDENCE,
        text_column("relative_name", N_("申报亲属姓名"), "亲属姓名", length=60),
        text_column("relative_relation", N_("与被报备人关系"), "亲属关系", "关系", length=20, example="父亲"),
        SheetColumn("relative_phone", N_("申报亲属手机号"), ("亲属手机号", "亲属电话"), phone(), width=16),
        _REMARK,
    ),
    row_checks=(
        AnyOf(
            ("document_number", "phone", "overseas_phone"),
            "no_phone_no_id",
            N_("证件号、境内手机号和境外手机号不能都为空"),
        ),
    ),
    identity=(("document_number", "phone", "overseas_phone"), DayOf("expected_at")),
)

NUCLEIC_TEST = SheetSpec(
    key="nucleic",
    title=N_("核酸检测管理"),
    columns=(
        listed_on_column(N_("采样日期"), "日期", "检测日期", "采样时间", "检测时间"),
        name_column(is_required=True),
        document_type_column(),
        document_column(N_("证件号"), type_key="document_type"),
        phone_column(N_("手机号")),
        text_column("site", N_("采样点"), "采样地点", "检测点", length=120),
        text_column("institution", N_("检测机构"), "检测单位", "机构", length=120, example="第一人民医院"),
        SheetColumn(
            "result",
            N_("检测结果"),
            ("结果",),
            choice(
                *(result.label for result in NucleicTestResult),
                synonyms={"-": "阴性", "+": "阳性", "阴": "阴性", "阳": "阳性", "未出结果": "待出结果"},
            ),
            is_expected=True,
            example="阴性",
        ),
        *_RESIDENCE,
        _REMARK,
    ),
    row_checks=(PHONE_OR_DOCUMENT,),
    identity=(PERSON, "listed_on", "institution"),
)

PATROL_STAFF = SheetSpec(
    key="patrol",
    title=N_("巡查人员管理"),
    columns=(
        name_column(is_required=True),
        document_type_column(),
        document_column(N_("证件号"), type_key="document_type", is_expected=False),
        SheetColumn(
            "phone", N_("手机号"), ("手机", "电话", "联系电话"), phone(), True, True, width=16, example="13800138000"
        ),
        text_column("unit", N_("所属单位"), "单位", "工作单位", length=120),
        text_column("duty", N_("巡查职责"), "职责", "职务", length=60, example="组长"),
        text_column("beat", N_("巡查范围"), "巡查区域", "责任区域", length=200),
        *_RESIDENCE[:3],
        _REMARK,
    ),
    identity=("phone",),
)

DISEASE_CONTROL = SheetSpec(
    key="disease_control",
    title=N_("疾控推送名单"),
    columns=(
        listed_on_column(N_("日期"), "推送日期", "接触日期", "购药日期", "报告日期"),
        SheetColumn(
            "category",
            N_("人员类别"),
            ("类别", "人员类型"),
            choice(
                *(category.label for category in DiseaseControlCategory),
                synonyms={"确诊": "确诊病例", "疑似": "疑似病例", "密接": "密切接触者", "购药": "购买退烧药"},
            ),
            is_required=True,
            is_expected=True,
            example="密切接触者",
        ),
        name_column(is_required=True),
        document_type_column(),
        # Who has no number cannot be told from another of the same name, and this list colours people.
        replace(document_column(N_("证件号"), type_key="document_type"), is_required=True),
        phone_column(N_("手机号")),
        text_column("institution", N_("来源单位"), "报告单位", "药店", "医院", length=120, example="市疾控中心"),
        *_RESIDENCE,
        _REMARK,
    ),
    identity=("document_number", "listed_on", "category"),
)

PEOPLE_SHEETS = {
    spec.key: spec for spec in (RISK_AREA_RETURNEE, FEVER, OVERSEAS, NUCLEIC_TEST, PATROL_STAFF, DISEASE_CONTROL)
}
