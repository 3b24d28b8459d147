"""Which returnees need somebody's attention, by the clock (Z-T9, checklist Z135 to Z138)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.labels import N_, Labelled
from app.domain.screening import OverseasStatus


@dataclass(frozen=True, kw_only=True)
class AttentionPolicy:
    """How many hours are long; from the profile. Four after arrival is the manual's, the others it leaves open."""

    pending_hours: int = 24
    followed_hours: int = 24
    arrived_hours: int = 4


class AttentionReason(Labelled):
    """Why a returnee is marked; the first that holds is shown."""

    ARRIVED = N_("已入郑仍待反馈")
    UNTOUCHED = N_("长期未反馈")
    STUCK = N_("长时间无变更")


LONG_UNTOUCHED = frozenset({OverseasStatus.PENDING, OverseasStatus.ARRIVED_IN_BEIJING})
LONG_UNCHANGED = frozenset({OverseasStatus.FEVER_TO_HOSPITAL, OverseasStatus.COLLECTED_BY_DISTRICT})


def attention(
    status: OverseasStatus,
    *,
    since: datetime,
    arrived_at: datetime | None,
    now: datetime,
    policy: AttentionPolicy,
) -> AttentionReason | None:
    """Why the returnee, in `status` since then, is marked; None for nobody to worry about."""
    arrived_before = now - timedelta(hours=policy.arrived_hours)
    if status is OverseasStatus.PENDING and arrived_at is not None and arrived_at < arrived_before:
        return AttentionReason.ARRIVED
    if status in LONG_UNTOUCHED and since < now - timedelta(hours=policy.pending_hours):
        return AttentionReason.UNTOUCHED
    if status in LONG_UNCHANGED and since < now - timedelta(hours=policy.followed_hours):
        return AttentionReason.STUCK
    return None
