"""Suspending, restoring and renewing the accounts of those whom one appoints (Z-A7): with a reason, on record."""

from __future__ import annotations

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.text import clean
from app.gateways.sms import SmsTemplate
from app.models import Account
from app.services import audit
from app.services.accounts import check_authority, invite
from app.services.audit import Actor
from app.services.limits import Counter, Limit, take
from app.services.transaction import transactional

# Each renewal is a message to a phone and ends somebody's sessions.
RENEWALS = Limit("account:renewal", 5, 86_400)
_SHORTEST_REASON = 2
_LONGEST_REASON = 200


@transactional
def suspend(account: Account, *, reason: str, appointer: Account) -> None:
    """The account cannot be used from this moment on; its sessions have ended. Errors: rank, reason."""
    check_authority(account, appointer)
    account.active = False
    account.session_stamp = (account.session_stamp or 0) + 1
    _record(account, "suspend_account", reason, appointer)


@transactional
def resume(account: Account, *, reason: str, appointer: Account) -> None:
    """The account can be used again, with the password that it had. Errors: rank, reason."""
    check_authority(account, appointer)
    account.active = True
    _record(account, "resume_account", reason, appointer)


@transactional
def renew_password(account: Account, *, reason: str, appointer: Account) -> None:
    """A new first password is on the way to the account's phone, which nobody else reads; the old one has ended.

    Errors: rank, reason, suspended, renewed_too_often.
    """
    check_authority(account, appointer)
    if not account.active:
        raise DomainError(N_("账号已停用，请先启用再重置密码"), code="suspended")
    _record(account, "renew_password", reason, appointer)
    if take(Counter(RENEWALS, str(account.id))):
        message = N_("同一账号每天最多重置 %(most)s 次密码，请明天再试")
        raise DomainError(message, code="renewed_too_often", most=RENEWALS.most)
    invite(account, SmsTemplate.PASSWORD_RENEWED)


def _record(account: Account, action: str, reason: str, appointer: Account) -> None:
    given = clean(reason)
    if not _SHORTEST_REASON <= len(given) <= _LONGEST_REASON:
        raise DomainError(N_("请填写原因"), code="reason", field="reason")
    audit.record(
        Actor.of(appointer), action, subject=account, area_code=str(account.area_code), changes={"reason": given}
    )
