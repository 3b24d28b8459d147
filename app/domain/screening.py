"""Screening lists: their kinds, the statuses of each, and which change of status is allowed (SPEC section 6)."""

from collections.abc import Sequence
from enum import unique

from app.domain.errors import DomainError
from app.domain.labels import N_, Labelled


class ScreeningKind(Labelled):
    """The lists, titled as the manual titles them."""

    TELECOM = N_("通管人员摸排")
    RAILWAY = N_("火车站人员摸排")
    POLICE = N_("公安摸排名单")
    HEADQUARTERS = N_("指挥部排查名单")
    RISK_AREA_RETURNEE = N_("中高风险返郑人员排查")
    FEVER = N_("发热人员名单")
    OVERSEAS_ARRIVAL_REPORT = N_("境外人员返郑上报")
    OVERSEAS_RETURNEE = N_("境外返郑人员名单")
    NUCLEIC_TEST = N_("核酸检测管理")
    PATROL_STAFF = N_("巡查人员管理")
    DISEASE_CONTROL = N_("疾控推送名单")


class DiseaseControlCategory(Labelled):
    """人员类别: whom disease control and pharmacies report (issue 2.1); ours."""

    CONFIRMED_CASE = N_("确诊病例")
    SUSPECTED_CASE = N_("疑似病例")
    CLOSE_CONTACT = N_("密切接触者")
    ANTIPYRETIC = N_("购买退烧药")


class HeadquartersCategory(Labelled):
    """所属分类 of a file for the command centre (checklist Z109); the words are those of its reporters."""

    AIRPORT = N_("机场")
    HIGH_SPEED_RAIL = N_("高铁站")
    RAILWAY = N_("火车站")
    POLICE = N_("公安")
    BORDER = N_("边检")
    OTHER = N_("其他")


class EntryOrigin(Labelled):
    """Where a row of a list came from."""

    IMPORT = N_("导入")
    MANUAL = N_("新建")
    REPORT = N_("上报")
    CHECKPOINT = N_("卡口扫码")
    CO_LOCATION = N_("同行同住排查")


@unique
class InquiryStatus(Labelled):
    """Telecom and railway lists (Z-T1, Z-T2), and disease control's.

    The manual names 待反馈 only and lets the district edit freely; the outcomes are ours.
    """

    PENDING = N_("待反馈")
    NORMAL = N_("已联系，情况正常")
    QUARANTINED = N_("已隔离")
    NOT_IN_CITY = N_("不在本市")
    UNREACHABLE = N_("联系不上")
    WRONG_NUMBER = N_("号码有误")
    OTHER = N_("其他")


@unique
class PoliceStatus(Labelled):
    """Z-T3; shown as 已核实 and the outcome once it is no longer 应核实."""

    PENDING = N_("应核实")
    CONFIRMED = N_("已确认隔离")
    NOT_REQUIRED = N_("无需隔离")
    UNREACHABLE = N_("联系不上")
    NOT_IN_COMPOUND = N_("未在本小区")


@unique
class HeadquartersStatus(Labelled):
    """Z-T4. The manual says 未排查 and 已排查 with results that it does not list; the results are ours."""

    PENDING = N_("未排查")
    CENTRALIZED = N_("集中隔离")
    HOME = N_("居家隔离")
    NOT_REQUIRED = N_("无需隔离")
    NOT_IN_AREA = N_("不在本辖区")
    UNREACHABLE = N_("联系不上")
    WRONG_DATA = N_("信息有误")
    OTHER = N_("其他")


@unique
class RiskAreaStatus(Labelled):
    """Z-T5, all twelve of the manual."""

    PENDING = N_("待处置")
    TESTED_NEGATIVE = N_("已检测阴性")
    TESTED_POSITIVE = N_("已检测阳性")
    REGISTERED_FOR_TEST = N_("已登记待检测")
    EXEMPT_BY_RESULT = N_("持有检查结果免检")
    ABSENT = N_("不在")
    UNREACHABLE = N_("联系不上")
    RESULT_AWAITED = N_("已检测未出结果")
    DENIES_RISK_AREA = N_("自述非中高风险返郑人员已提醒")
    SHORT_STAY = N_("短期停留不足3天")
    CENTRALIZED = N_("集中隔离")
    HOME = N_("居家隔离")


@unique
class FeverStatus(Labelled):
    """Z-T6; 已询问，无异常 is final."""

    PENDING = N_("未询问")
    WATCHED = N_("已询问，持续关注")
    CLEARED = N_("已询问，无异常")
    UNREACHABLE = N_("联系不上")


@unique
class OverseasStatus(Labelled):
    """Z-T8: the hub teams' statuses, then the nine of the districts."""

    PENDING = N_("待反馈")
    RECEIVED = N_("已接收")
    ARRIVED = N_("已到达")
    OVERDUE = N_("超时未到")
    ARRIVED_IN_BEIJING = N_("已到达北京")
    LEFT_CITY = N_("离开")
    COLLECTED_BY_DISTRICT = N_("各区县接走")
    FEVER_TO_HOSPITAL = N_("发热送医")
    CENTRALIZED = N_("集中隔离")
    NOT_RETURNED = N_("未回")
    CREW_MEMBER = N_("机组成员")
    NEVER_LEFT_COUNTRY = N_("从未出境")
    OVER_FOURTEEN_DAYS = N_("境外返回超过十四天")
    HOME = N_("居家隔离")


@unique
class NucleicTestResult(Labelled):
    """核酸检测管理 (Z-T12): the result is the status; the words are ours."""

    PENDING = N_("待出结果")
    NEGATIVE = N_("阴性")
    POSITIVE = N_("阳性")
    INVALID = N_("结果无效，需复检")


@unique
class DutyStatus(Labelled):
    """巡查人员管理 (Z-T12); ours."""

    ON_DUTY = N_("在岗")
    OFF_DUTY = N_("离岗")


STATUSES: dict[ScreeningKind, tuple[Labelled, ...]] = {
    ScreeningKind.TELECOM: tuple(InquiryStatus),
    ScreeningKind.RAILWAY: tuple(InquiryStatus),
    ScreeningKind.POLICE: tuple(PoliceStatus),
    ScreeningKind.HEADQUARTERS: tuple(HeadquartersStatus),
    ScreeningKind.RISK_AREA_RETURNEE: tuple(RiskAreaStatus),
    ScreeningKind.FEVER: tuple(FeverStatus),
    ScreeningKind.OVERSEAS_ARRIVAL_REPORT: tuple(OverseasStatus),
    ScreeningKind.OVERSEAS_RETURNEE: tuple(OverseasStatus),
    ScreeningKind.NUCLEIC_TEST: tuple(NucleicTestResult),
    ScreeningKind.PATROL_STAFF: tuple(DutyStatus),
    ScreeningKind.DISEASE_CONTROL: tuple(InquiryStatus),
}
_FINAL: frozenset[Labelled] = frozenset({FeverStatus.CLEARED})
_SET_BY_SCAN: frozenset[Labelled] = frozenset({OverseasStatus.ARRIVED_IN_BEIJING})
# Returnees on their way: a hub team knows of them, no district has judged yet.
_NOT_JUDGED: frozenset[Labelled] = frozenset(
    {
        OverseasStatus.RECEIVED,
        OverseasStatus.ARRIVED,
        OverseasStatus.OVERDUE,
        OverseasStatus.ARRIVED_IN_BEIJING,
    }
)


def initial_status(kind: ScreeningKind) -> Labelled:
    """The status of a row on which nobody has worked."""
    return STATUSES[kind][0]


def outcomes(kind: ScreeningKind) -> tuple[Labelled, ...]:
    """The statuses that a person may choose for a row of `kind`, in the order of the drop-down."""
    return tuple(status for status in STATUSES[kind][1:] if status not in _SET_BY_SCAN)


def status_named(kind: ScreeningKind, name: str) -> Labelled:
    """The status of `kind` that the database holds as `name`. Error: outcome."""
    for status in STATUSES[kind]:
        if status.name == name:
            return status
    raise _not_an_outcome()


def is_screened(kind: ScreeningKind, status: Labelled) -> bool:
    """Whether somebody has recorded an outcome: what 已排查 and the completion rate count (Z-T4, Z-T10)."""
    return status is not initial_status(kind) and status not in _NOT_JUDGED


def screened(kind: ScreeningKind) -> tuple[Labelled, ...]:
    """The statuses under 已排查, in the order of the drop-down."""
    return tuple(status for status in STATUSES[kind] if is_screened(kind, status))


def unscreened(kind: ScreeningKind) -> tuple[Labelled, ...]:
    """The statuses under 未排查, the first of them what a new row begins with."""
    return tuple(status for status in STATUSES[kind] if not is_screened(kind, status))


def is_final(status: Labelled) -> bool:
    """Whether no button is left (Z-T6)."""
    return status in _FINAL


def check_outcome(
    kind: ScreeningKind, current: Labelled, new: Labelled, allowed: Sequence[Labelled] | None = None
) -> None:
    """Pass when a row of `kind` may go from `current` to `new`; the same again is allowed, it changes the remark.

    What was worked on does not become untouched again: a batch is taken back only while nobody worked on it.
    `allowed` are the outcomes of the one who records it, where not everybody has the same (Z-T8).
    Errors: outcome (not of this list, or back to the first), outcome_final.
    """
    if is_final(current):
        raise DomainError(N_("「%(status)s」后不能再修改"), code="outcome_final", field="status", status=current.label)
    if new is current:
        return
    if new not in (outcomes(kind) if allowed is None else allowed):
        raise _not_an_outcome()


def _not_an_outcome() -> DomainError:
    return DomainError(N_("请选择排查结果"), code="outcome", field="status")
