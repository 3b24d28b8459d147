"""What happens to somebody's own account: on record, and where it matters told to the owner by message (Z-A7, Z-A8)."""

from __future__ import annotations

import secrets
from typing import Any

from flask import current_app

from app.gateways.sms import SmsTemplate
from app.models import Account
from app.profiles import load_profile
from app.services import audit
from app.services.audit import Actor
from app.services.messages import queue_message
from app.services.transaction import transactional


def area_of(account: Account | None) -> str:
    """Where an event about the account is read: its area, the region for an account that has none."""
    if account is not None and account.area_code:
        return account.area_code
    return load_profile(current_app.config["REGION"]).area_code


@transactional
def note(account: Account, action: str, *, actor: Actor | None = None, changes: dict[str, Any] | None = None) -> None:
    """The trail says that this was done to the account, by its owner where no other `actor` is named."""
    # By its number: the signed-in account comes as a proxy.
    audit.record(
        actor or Actor.of(account),
        action,
        subject=account.id,
        subject_type=Account.__tablename__,
        area_code=area_of(account),
        changes=changes,
    )


@transactional
def tell_owner(account: Account, event: str) -> None:
    """A message is on its way to the account's phone, so that a stranger's act does not stay unseen."""
    name = f"notice-{secrets.token_hex(16)}"
    queue_message(account.phone, SmsTemplate.ACCOUNT_NOTICE, {"event": event}, name, area_code=account.area_code)
