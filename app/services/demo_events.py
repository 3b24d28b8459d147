"""What the managers of the demo city did so far, done through the services, so that 「操作日志」 has it to tell."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.quarantine import QuarantineStatus
from app.domain.roles import Role
from app.models import Account, Residency
from app.services import quarantine, residents
from app.services.audit import Actor
from app.services.demo_content import Story, story_of

_MANAGERS = frozenset(
    {Role.CITY_ADMIN, Role.DISTRICT_ADMIN, Role.STREET_ADMIN, Role.COMMUNITY_ADMIN, Role.COMPOUND_ADMIN}
)


def work_on(ties: Sequence[Residency], accounts: Sequence[Account]) -> None:
    """Everybody's status is reached step by step, each with its event; what the days ended, the system ended."""
    for number, tie in enumerate(ties):
        _play(tie, story_of(number), Actor.of(_manager_of(tie, accounts)))
    quarantine.release_finished(quarantine.today())


def _play(tie: Residency, story: Story, manager: Actor) -> None:
    if story.status is not QuarantineStatus.NOT_REQUIRED:
        tie.status = QuarantineStatus.NOT_REQUIRED
        quarantine.set_by_policy(
            tie, QuarantineStatus.PENDING, since=tie.quarantine_since, reason=tie.status_reason or ""
        )
    if story.status is QuarantineStatus.NOT_ARRIVED:
        quarantine.mark_not_arrived(tie, manager)
    elif story.has_health_certificate:
        quarantine.release(tie, reason=story.release_reason, has_health_certificate=True, actor=manager)
    elif story.status in (QuarantineStatus.CONFIRMED, QuarantineStatus.RELEASED):
        quarantine.confirm(tie, manager)
    if tie.ended_at is not None:
        ended_at, tie.ended_at = tie.ended_at, None
        residents.end_residency(tie, remark=tie.ended_remark or "", actor=manager)
        tie.ended_at = ended_at  # the event is of today, as the trail knows no other time; the story is older


def _manager_of(tie: Residency, accounts: Sequence[Account]) -> Account:
    """Whoever stands nearest: who holds the compound, else the smallest area around it."""
    near = [account for account in accounts if account.role in _MANAGERS and _reaches(account, tie)]
    return max(near, key=lambda account: (account.role is Role.COMPOUND_ADMIN, len(account.area_code or "")))


def _reaches(account: Account, tie: Residency) -> bool:
    if account.role is Role.COMPOUND_ADMIN:
        return any(link.venue_id == tie.venue_id for link in account.venue_links)
    return tie.area_code.startswith(account.area_code or "-")
