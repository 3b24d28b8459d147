"""A password of one's own: changed with the old one, or set anew by whoever holds the account's phone (Z-A3, Z-A4)."""

from __future__ import annotations

from app.access import everything
from app.domain.documents import check_phone
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.passwords import check_new_password
from app.models import Account
from app.services import account_events, limits, passwords, sign_in, tickets, verification
from app.services.limits import Counter, Limit, network_of
from app.services.tickets import Errand
from app.services.transaction import transactional
from app.services.verification import CodeRequest, Purpose

WRONG_OLD_PASSWORD = Limit("password:old", 5, 600, is_sliding=True)
WRONG_RESET_CODE = Limit("password:reset", 60, 600)
_REASON = "nobody is signed in yet"


def check_own(account: Account, password: str, *, field: str, refusal: str = N_("密码不正确")) -> None:
    """Return if `password` is the account's; counted before it is looked at. Errors: too_often, wrong beside `field`."""
    counter = Counter(WRONG_OLD_PASSWORD, str(account.id))
    limits.check(counter)
    if not passwords.is_right(account, password):
        raise DomainError(refusal, code="wrong", field=field)
    counter.clear()


@transactional
def change(account: Account, *, old: str, new: str) -> None:
    """The account has a password of its owner's own, and its other sessions have ended (Z-A3).

    Raises DomainError: too_often, wrong and the refusals of a weak password, each beside its field.
    """
    check_own(account, old, field="old_password", refusal=N_("原密码不正确"))
    _check_new(account, new)
    passwords.put_own(account, new)
    account_events.note(account, "change_password")


def _check_new(account: Account, new: str) -> None:
    check_new_password(new, phone=account.phone)
    if passwords.is_right(account, new):
        raise DomainError(N_("新密码不能与原密码相同"), code="password_same", field="new_password")


def send_reset_code(phone: str, address: str | None) -> None:
    """A code for a new password goes to `phone`, if it has an account (Z-A4); the answer is the same if it has none."""
    name = check_phone(phone)
    with everything(_REASON):
        account = sign_in.find_account(name)
        is_delivered = account is not None and bool(account.active)
        verification.send_code(CodeRequest(name, Purpose.RESET_PASSWORD, address, is_delivered=is_delivered))


def prove_phone(phone: str, code: str, address: str | None) -> str:
    """Return a ticket for a new password to whoever knows the code that went to `phone` (decision 7).

    Nothing of the account has changed yet. Errors: too_often, sms_code.
    """
    name = check_phone(phone)
    limits.check(Counter(WRONG_RESET_CODE, network_of(address)))
    verification.check_code(name, code, purpose=Purpose.RESET_PASSWORD)
    with everything(_REASON):
        account = sign_in.find_account(name)
        if account is None or not account.active:  # suspended since the code was sent
            raise DomainError(N_("验证码不正确或已过期"), code="sms_code", field="sms_code")
        return tickets.issue(Errand.NEW_PASSWORD, account)


def may_set_anew(ticket: str | None) -> bool:
    """Whether the ticket still leads to a new password."""
    return tickets.holder(Errand.NEW_PASSWORD, ticket) is not None


def set_anew(ticket: str | None, new: str) -> None:
    """The ticket's account has this password; the old one and every session have ended, and its owner is told (Z-A4).

    A refused password leaves the ticket as it was. Errors: ticket, password_short, password_long, password_weak,
    password_same.
    """
    with everything(_REASON):
        account = tickets.holder(Errand.NEW_PASSWORD, ticket)
        if account is None:
            raise _no_ticket()
        name = account.phone
        _set_anew(account, new, ticket)
    sign_in.forget_failures(name)


@transactional
def _set_anew(account: Account, new: str, ticket: str | None) -> None:
    _check_new(account, new)
    if tickets.use(Errand.NEW_PASSWORD, ticket) is None:
        raise _no_ticket()
    passwords.put_own(account, new)
    account_events.note(account, "reset_password")
    account_events.tell_owner(account, N_("重新设置密码"))


def _no_ticket() -> DomainError:
    return DomainError(N_("验证已过期，请重新获取验证码"), code="ticket")
