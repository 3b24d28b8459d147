"""Alarms about evidence that comes too fast: on record, and a message to whoever watches over the region (X3, 2.3)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.access import everything
from app.domain.roles import Role
from app.extensions import db
from app.gateways.sms import SmsTemplate
from app.models import Account
from app.services import audit, messages
from app.services.audit import SYSTEM, Actor
from app.services.scan_venues import ScanVenue

_WATCHERS = (Role.CITY_ADMIN, Role.SYSTEM_ADMIN, Role.AUDITOR)
_MOST_WATCHERS = 20


def about_account(account: Account, *, most: int, moment: datetime) -> None:
    """That somebody enters too much by hand is on record, and the watchers have a message, once an hour."""
    label = Actor.of(account).label
    audit.record(
        SYSTEM,
        "alarm_manual_evidence",
        subject=account.id,
        subject_type="account",
        area_code=account.area_code or "",
        changes={"account": label, "most": most},
    )
    told = {"account": label, "most": str(most)}
    _tell_watchers(SmsTemplate.MANUAL_EVIDENCE_ALARM, told, f"{account.id}-{moment:%Y%m%d%H}", besides=account.id)


def about_checkpoint(venue: ScanVenue, *, moment: datetime) -> None:
    """That forms at a checkpoint would colour more people than is plausible is on record; messages as above."""
    audit.record(SYSTEM, "alarm_declared_origins", subject=venue.id, subject_type="venue", area_code=venue.area_code)
    told = {"venue": venue.name}
    _tell_watchers(SmsTemplate.DECLARED_ORIGIN_ALARM, told, f"venue-{venue.id}-{moment:%Y%m%d%H}")


def _tell_watchers(template: SmsTemplate, told: dict[str, str], key: str, *, besides: int = 0) -> None:
    with everything("whoever watches over the region"):
        query = select(Account).where(Account.role.in_(_WATCHERS), Account.active.is_(True), Account.id != besides)
        watchers = db.session.execute(query.order_by(Account.id).limit(_MOST_WATCHERS)).scalars().all()
    for watcher in watchers:
        messages.queue_message(watcher.phone, template, told, f"evidence-alarm-{key}-{watcher.id}")
