"""Sign-in (Z-A3, Z-A5). Answers and times are the same whether an account exists."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app import clock
from app.access import everything
from app.domain.documents import check_phone
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.masking import mask_phone
from app.domain.text import clean
from app.extensions import db
from app.models import Account
from app.services import account_events, audit, limits, passwords, sessions, verification
from app.services.audit import Actor
from app.services.limits import Counter, Limit, network_of, take
from app.services.sessions import Origin
from app.services.transaction import transactional
from app.services.verification import CodeRequest, Purpose

# Z-A5: after four wrong passwords in a row, and for ten minutes after the last.
WRONG_FOR_ACCOUNT = Limit("sign-in:account", 4, 600, is_sliding=True)
# One address that goes through many accounts is asked for codes too (ours).
WRONG_FROM_ADDRESS = Limit("sign-in:address", 30, 600, is_sliding=True)
TRIES_FROM_ADDRESS = Limit("sign-in:tries", 120, 60)

_LONGEST_NAME = 20
_REASON = "nobody is signed in yet"
_STRANGER = Actor(None, N_("未登录"))


@dataclass(frozen=True)
class Attempt:
    """What was typed into the sign-in, and from where."""

    username: str
    password: str = field(repr=False)
    sms_code: str = field(repr=False, default="")
    address: str | None = None

    @property
    def name(self) -> str:
        return account_name(self.username)


def account_name(typed: str) -> str:
    """Return the user name behind what was typed: phones in one spelling, anything else as it is."""
    try:
        return check_phone(typed)
    except DomainError:
        return clean(typed)[:_LONGEST_NAME]


def wants_code(username: str, address: str | None) -> bool:
    """Whether the next sign-in as `username`, existing or not, needs an SMS code (Z-A5)."""
    return any(counter.is_full for counter in _wrong_counters(account_name(username), address))


def _wrong_counters(name: str, address: str | None) -> tuple[Counter, Counter]:
    return Counter(WRONG_FOR_ACCOUNT, name), Counter(WRONG_FROM_ADDRESS, network_of(address))


def sign_in(attempt: Attempt) -> Account:
    """Return the account of which `attempt` knows the password; a second step may follow, then `start`.

    Raises DomainError: too_often, code_needed and sms_code (before any password is looked at), wrong, and for those who
    knew the password suspended and password_expired.
    """
    limits.check(Counter(TRIES_FROM_ADDRESS, network_of(attempt.address)))
    by_account, by_address = _wrong_counters(attempt.name, attempt.address)
    # Taken before the password is looked at: a hundred tries at once still are four.
    is_proven = take(by_account, by_address) > 0
    if is_proven:
        _check_sign_in_code(attempt)
    account = _check_password(attempt)
    by_account.clear()
    if is_proven:
        verification.discard_code(attempt.name, purpose=Purpose.SIGN_IN)
    else:
        by_address.give_back()
    return account


def _check_sign_in_code(attempt: Attempt) -> None:
    if not attempt.sms_code.strip():
        raise DomainError(
            N_("密码已连续输错四次，请获取短信验证码后登录；收不到短信的，请10分钟后再试"),
            code="code_needed",
            field="sms_code",
        )
    # Kept for another try: a slip in the password should not cost another message. Five checks are all it gives.
    verification.check_code(attempt.name, attempt.sms_code, purpose=Purpose.SIGN_IN, is_used_up=False)


def _check_password(attempt: Attempt) -> Account:
    with everything(_REASON):
        account = find_account(attempt.name)
        if not passwords.is_right(account, attempt.password):
            note_failure(account, {"account": mask_phone(attempt.name)})
            raise DomainError(N_("账号或密码不正确"), code="wrong")
        assert account is not None
        if not account.active:
            raise DomainError(N_("该账号已停用，请联系上级管理员"), code="suspended")
        if passwords.has_expired(account):
            raise DomainError(N_("临时密码已过期，请点击「忘记密码」重新获取"), code="password_expired")
        return account


def find_account(name: str) -> Account | None:
    """Return the account of a user name; the caller has a scope that reaches it."""
    query = select(Account).where(Account.username == name).options(selectinload(Account.venue_links))
    return db.session.execute(query).scalar_one_or_none()


@transactional
def note_failure(account: Account | None, changes: dict[str, str]) -> None:
    """One event either way: it is wanted in the trail, and its time must not tell whether the account exists."""
    audit.record(
        _STRANGER,
        "sign_in_failed",
        subject=account.id if account is not None else 0,
        subject_type=Account.__tablename__,
        area_code=account_events.area_of(account),
        changes=changes,
    )


def start(account: Account, origin: Origin, *, has_second_factor: bool = False) -> str:
    """The sign-in is complete and on record; return the secret of its session."""
    with everything(_REASON):
        secret = _start(account, origin, has_second_factor)
        db.session.refresh(account)  # for the caller, who stands in no scope yet
        return secret


@transactional
def _start(account: Account, origin: Origin, has_second_factor: bool) -> str:
    # The framework's column holds naive times.
    account.last_login = clock.now().astimezone(UTC).replace(tzinfo=None)
    account.login_count = (account.login_count or 0) + 1
    account_events.note(account, "sign_in")
    return sessions.begin(account, origin, has_second_factor=has_second_factor)


def forget_failures(name: str) -> None:
    """The owner of the phone was here: the wrong passwords of before count no longer."""
    Counter(WRONG_FOR_ACCOUNT, name).clear()


def send_sign_in_code(username: str, address: str | None) -> None:
    """A code goes to the account's phone, if the sign-in wants one; the answer is the same if there is no account."""
    name = account_name(username)
    with everything(_REASON):
        account = find_account(name)
        is_delivered = account is not None and bool(account.active) and wants_code(name, address)
        verification.send_code(CodeRequest(name, Purpose.SIGN_IN, address, is_delivered=is_delivered))
