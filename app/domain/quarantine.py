"""A resident's quarantine: statuses, what may be done in each, days and colours (Z-R1 to Z-R5, Z-R11)."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.colors import Color
from app.domain.errors import DomainError
from app.domain.labels import N_, Labelled

__all__ = [
    "Color",
    "QuarantineAction",
    "QuarantineStatus",
    "Release",
    "allowed_actions",
    "began_on",
    "check_action",
    "check_release",
    "days_in_quarantine",
    "days_left",
    "is_breach",
    "is_due_for_release",
    "is_in_quarantine",
    "last_day",
    "quarantine_color",
    "status_after_scan",
]

QUARANTINE_DAYS = 14
RED_AFTER_DAYS = 7


class QuarantineStatus(Labelled):
    """The five statuses of the manual (Z-R2); 应隔离 is another word for the first (D5)."""

    PENDING = N_("待确认隔离")
    CONFIRMED = N_("已确认隔离")
    RELEASED = N_("已解除隔离")
    NOT_REQUIRED = N_("无需隔离")
    NOT_ARRIVED = N_("未到本小区")


class QuarantineAction(Labelled):
    """What a manager may do to a status. Ending the tie to the compound (未在本小区) is not one of them (D6)."""

    CONFIRM = N_("确认隔离")
    RELEASE = N_("解除隔离")
    MARK_NOT_ARRIVED = N_("未到本小区")


_ACTIONS: dict[QuarantineStatus, frozenset[QuarantineAction]] = {
    QuarantineStatus.PENDING: frozenset(QuarantineAction),
    QuarantineStatus.CONFIRMED: frozenset({QuarantineAction.RELEASE}),
}
_RESULTS: dict[QuarantineAction, QuarantineStatus] = {
    QuarantineAction.CONFIRM: QuarantineStatus.CONFIRMED,
    QuarantineAction.RELEASE: QuarantineStatus.RELEASED,
    QuarantineAction.MARK_NOT_ARRIVED: QuarantineStatus.NOT_ARRIVED,
}
_UNDER_OBLIGATION = frozenset({QuarantineStatus.PENDING, QuarantineStatus.CONFIRMED, QuarantineStatus.NOT_ARRIVED})


def allowed_actions(status: QuarantineStatus) -> frozenset[QuarantineAction]:
    """The buttons of a resident with `status` (checklist Z80; D2 gives release to both)."""
    return _ACTIONS.get(status, frozenset())


def check_action(status: QuarantineStatus, action: QuarantineAction) -> QuarantineStatus:
    """The status that `action` leads to. Error: quarantine_action where `status` does not allow it."""
    if action not in allowed_actions(status):
        raise DomainError(
            N_("当前状态为「%(status)s」，不能「%(action)s」"),
            code="quarantine_action",
            status=status.label,
            action=action.label,
        )
    return _RESULTS[action]


def is_in_quarantine(status: QuarantineStatus) -> bool:
    """Whether the person is isolated or ought to be: pending, confirmed, or not found yet."""
    return status in _UNDER_OBLIGATION


def is_breach(status: QuarantineStatus) -> bool:
    """Whether a passage at the gate is an outing during quarantine, for 异常信息 (Z-R7).

    Pending does not count: the scan that registers a returnee is itself the first passage.
    """
    return status is QuarantineStatus.CONFIRMED


def status_after_scan(status: QuarantineStatus) -> QuarantineStatus:
    """The status of a resident who was just seen at the compound's gate.

    Ours: 未到本小区 becomes 待确认隔离 again, else nobody could ever confirm the quarantine of someone who came
    later (the manual has no button for it). All others stay; the colour is the same before and after (X3).
    """
    return QuarantineStatus.PENDING if status is QuarantineStatus.NOT_ARRIVED else status


def days_in_quarantine(since: date | None, today: date) -> int:
    """Full days since the day of arrival, which is day 0 (D14); 0 where it is unknown or still to come."""
    return max((today - since).days, 0) if since else 0


def days_left(since: date | None, today: date, *, days: int = QUARANTINE_DAYS) -> int:
    """Days until `days` are over; 0 from then on, all of them where the start is unknown."""
    return max(days - days_in_quarantine(since, today), 0)


def last_day(since: date, *, days: int = QUARANTINE_DAYS) -> date:
    """The day on which `days` are over."""
    return since + timedelta(days=days)


def began_on(last: date, *, days: int = QUARANTINE_DAYS) -> date:
    """The day on which a quarantine began whose `days` are over on `last`."""
    return last - timedelta(days=days)


def quarantine_color(
    status: QuarantineStatus,
    since: date | None,
    today: date,
    *,
    red_after_days: int = RED_AFTER_DAYS,
    colors: tuple[Color, Color] = (Color.YELLOW, Color.RED),
) -> Color:
    """Green without an obligation, yellow up to and including seven days of it, red beyond (Z-R1, D1); `colors` are
    what another region has for these two."""
    if not is_in_quarantine(status):
        return Color.GREEN
    early, late = colors
    return late if days_in_quarantine(since, today) > red_after_days else early


def is_due_for_release(
    status: QuarantineStatus, since: date | None, today: date, *, days: int = QUARANTINE_DAYS
) -> bool:
    """Whether a confirmed quarantine has run its days, so that the system ends it (Z-R11)."""
    return status is QuarantineStatus.CONFIRMED and since is not None and days_left(since, today, days=days) == 0


@dataclass(frozen=True, kw_only=True)
class Release:
    """A manager's wish to release someone: who (status, origin, start) and on what ground.

    From a key area and without a start, nobody is ever released: the start has to be recorded first.
    """

    status: QuarantineStatus
    since: date | None
    is_key_area: bool
    reason: str
    has_health_certificate: bool


def check_release(release: Release, today: date, *, days: int = QUARANTINE_DAYS) -> QuarantineStatus:
    """已解除隔离, when the release is in order (Z-R3, D2: the same for pending and confirmed).

    Errors: quarantine_action, key_area_days (with days and days_left), release_reason, health_certificate.
    """
    result = check_action(release.status, QuarantineAction.RELEASE)
    remaining = days_left(release.since, today, days=days)
    if release.is_key_area and remaining:
        raise DomainError(
            N_("此人隔离期 %(days)s 天，还剩 %(days_left)s 天，期满前不能解除隔离"),
            code="key_area_days",
            days=days,
            days_left=remaining,
        )
    if not release.reason.strip():
        raise DomainError(N_("请填写解除隔离原因"), code="release_reason", field="reason")
    if not release.has_health_certificate:
        raise DomainError(N_("请确认是否已提交健康证明"), code="health_certificate", field="has_health_certificate")
    return result
