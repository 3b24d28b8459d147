"""Who comes back from elsewhere, and whether that person must quarantine (Z-S2, Z-R2, Z-R3)."""

from dataclasses import dataclass
from datetime import date

from app.domain.colors import Color
from app.domain.errors import DomainError
from app.domain.labels import N_, Labelled
from app.domain.quarantine import QUARANTINE_DAYS, RED_AFTER_DAYS, QuarantineStatus, days_left, quarantine_color


class Transport(Labelled):
    """交通方式: how one came."""

    PLANE = N_("飞机")
    HIGH_SPEED_RAIL = N_("高铁")
    TRAIN = N_("火车")
    COACH = N_("大巴")
    SELF_DRIVE = N_("自驾")
    OTHER = N_("其他")


class QuarantineMethod(Labelled):
    """隔离方式, as the resident declares it; what must be is decided by `assess`."""

    HOME = N_("居家隔离")
    CENTRALIZED = N_("集中隔离")
    NONE = N_("无需隔离")


@dataclass(frozen=True, kw_only=True)
class ReturnDeclaration:
    """What a form says about a return. Not a returnee: the rest may stay empty (D10)."""

    is_returnee: bool = False
    arrival_date: date | None = None
    transport: Transport | None = None
    is_from_abroad: bool = False
    origin_area_code: str | None = None
    origin_country: str | None = None
    quarantine_method: QuarantineMethod | None = None

    @property
    def has_return(self) -> bool:
        """Whether either of the two questions was answered 是."""
        return self.is_returnee or self.is_from_abroad


@dataclass(frozen=True, kw_only=True)
class QuarantinePolicy:
    """The region's rules, from its profile. `key_areas` are area codes; all below them are meant.

    Up to `red_after_days` somebody in quarantine is of the early colour, after them, or from a key area, of the late.
    """

    days: int = QUARANTINE_DAYS
    red_after_days: int = RED_AFTER_DAYS
    key_areas: tuple[str, ...] = ()
    is_abroad_quarantined: bool = True
    is_abroad_key_area: bool = False
    has_auto_release: bool = True
    early_color: Color = Color.YELLOW
    late_color: Color = Color.RED

    def color_of(self, status: QuarantineStatus, since: date | None, today: date) -> Color:
        """The colour of somebody with `status` since then (Z-R1, D1)."""
        colors = (self.early_color, self.late_color)
        return quarantine_color(status, since, today, red_after_days=self.red_after_days, colors=colors)

    def covers(self, area_code: str | None) -> bool:
        """Whether `area_code` lies in a key area."""
        return area_code is not None and area_code.startswith(self.key_areas)


@dataclass(frozen=True)
class Assessment:
    """The status a declaration leads to, the day it counts from, and one sentence why (a message id)."""

    status: QuarantineStatus
    since: date | None
    is_key_area: bool
    reason: str


def assess(policy: QuarantinePolicy, declaration: ReturnDeclaration, today: date) -> Assessment:
    """Whether `declaration` obliges to quarantine: from abroad or a key area, and the days not over yet.

    Whoever gave no date counts from today. `is_key_area` holds only while the days run: it sounds the alarm
    at the gate (Z-S9) and bars an early release (Z-R3).
    """
    if not declaration.has_return:
        return _not_required(N_("非外地返回，无需隔离"))
    is_abroad = declaration.is_from_abroad
    is_key_area = policy.is_abroad_key_area if is_abroad else policy.covers(declaration.origin_area_code)
    must_quarantine = policy.is_abroad_quarantined if is_abroad else is_key_area
    if not must_quarantine:
        return _not_required(N_("不是从国外或重点地区返回，无需隔离"))
    since = declaration.arrival_date or today
    if days_left(since, today, days=policy.days) == 0:
        return _not_required(N_("返回已满隔离期，无需隔离"))
    reason = N_("从国外返回，需要隔离") if is_abroad else N_("从重点地区返回，需要隔离")
    return Assessment(QuarantineStatus.PENDING, since, is_key_area, reason)


def _not_required(reason: str) -> Assessment:
    return Assessment(QuarantineStatus.NOT_REQUIRED, None, False, reason)


def declaration_errors(declaration: ReturnDeclaration, today: date) -> tuple[DomainError, ...]:
    """Every fault of `declaration`, one for a field, for forms that show them all (Z-S10, D10).

    Codes: arrival_date_required, arrival_date_future, transport_required, origin_required, country_required,
    quarantine_method_required. A form without transport or method drops what it does not ask.
    """
    if not declaration.has_return:
        return ()
    is_abroad = declaration.is_from_abroad
    arrival = declaration.arrival_date
    checks = (
        (arrival is None, N_("请选择来郑日期"), "arrival_date_required", "arrival_date"),
        (arrival is not None and arrival > today, N_("日期不能晚于今天"), "arrival_date_future", "arrival_date"),
        (declaration.transport is None, N_("请选择交通方式"), "transport_required", "transport"),
        (
            not is_abroad and not declaration.origin_area_code,
            N_("请选择出发地"),
            "origin_required",
            "origin_area_code",
        ),
        (
            is_abroad and not declaration.origin_country,
            N_("请选择返回国家"),
            "country_required",
            "origin_country",
        ),
        (
            declaration.quarantine_method is None,
            N_("请选择隔离方式"),
            "quarantine_method_required",
            "quarantine_method",
        ),
    )
    return tuple(DomainError(message, code=code, field=field) for failed, message, code, field in checks if failed)
