"""One-time codes of an authenticator app: enrolled, asked for at the sign-in, removed, reset (issue 5, RFC 6238)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import delete, func, select, update

from app import clock
from app.access import everything
from app.domain import one_time_codes
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.masking import mask_phone
from app.domain.text import clean
from app.extensions import db, redis_connection
from app.models import Account, RecoveryCode, SecondFactor
from app.models.encryption import UnreadableField, key_ring
from app.profiles import load_profile
from app.services import account_events, accounts, audit, own_password, sessions
from app.services.audit import Actor
from app.services.limits import Counter, Limit, take
from app.services.sessions import SessionInHand
from app.services.transaction import transactional

# Six digits, three of them right at a time: five tries in ten minutes leave a guesser years.
WRONG_CODE = Limit("second-factor", 5, 600, is_sliding=True)
_OFFER_SECONDS = 900
_OFFER = "second_factor.offer"


@dataclass(frozen=True)
class Offer:
    """A secret that an app is to be given, as an address for its camera and as text for its keyboard."""

    address: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True)
class Standing:
    """Since when an account has a second factor, and how many recovery codes are left."""

    enrolled_at: datetime
    codes_left: int


def is_demanded(account: Account) -> bool:
    """Whether this account has to use one: by its role, where the installation demands it (always in production)."""
    return bool(current_app.config["SECOND_FACTOR_REQUIRED"]) and account.role in one_time_codes.COMPULSORY_ROLES


def standing(account: Account) -> Standing | None:
    """Return how it stands with the account's second factor; None for none."""
    factor = db.session.get(SecondFactor, account.id)
    if factor is None:
        return None
    left = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.account_id == account.id)
    return Standing(factor.enrolled_at, db.session.execute(left).scalar_one())


def is_enrolled(account: Account) -> bool:
    """Whether a sign-in of this account has a second step."""
    query = select(SecondFactor.account_id).where(SecondFactor.account_id == account.id)
    with everything("nobody is signed in yet"):
        return db.session.execute(query).first() is not None


def offer(account: Account, session: SessionInHand) -> Offer:
    """Return the secret that waits for this account's app, the same one for a quarter of an hour, sealed in Redis.

    It is this session's alone: who has signed in elsewhere with a stolen password never sees what the owner's app takes.
    """
    secret = _offered(session)
    if secret is None:
        secret = one_time_codes.new_secret()
        redis_connection().set(_offer_key(session), key_ring().seal(secret, _OFFER), ex=_OFFER_SECONDS)
    issuer = load_profile(current_app.config["REGION"]).app_name.zh
    address = one_time_codes.enrolment_address(secret, account=mask_phone(account.phone), issuer=issuer)
    return Offer(address, one_time_codes.secret_text(secret))


def _offered(session: SessionInHand) -> bytes | None:
    sealed: Any = redis_connection().get(_offer_key(session))
    if sealed is None:
        return None
    try:
        return key_ring().unseal(sealed, _OFFER)
    except UnreadableField:  # the key it was sealed with has gone
        return None


def _offer_key(session: SessionInHand) -> str:
    return f"second-factor:offer:{session.id}"


def enrol(account: Account, *, password: str, code: str, session: SessionInHand) -> list[str]:
    """Return ten recovery codes, which are told this once; sign-ins have a second step now, other sessions have ended.

    `code` shows that the app has the secret, `password` that it is the owner's app: a session left open would else be
    enough to lock its owner out. Error codes: too_often, wrong (the password), second_code, enrolled.
    """
    own_password.check_own(account, password, field="password")
    counter = _counted(account)
    secret = _offered(session)
    step = one_time_codes.accepted_step(secret, code, moment=clock.now()) if secret else None
    if secret is None or step is None:
        raise _wrong_code()
    codes = _enrol(account, secret, step, session)
    redis_connection().delete(_offer_key(session))
    counter.clear()
    return codes


@transactional
def _enrol(account: Account, secret: bytes, step: int, session: SessionInHand) -> list[str]:
    if db.session.get(SecondFactor, account.id) is not None:
        raise DomainError(N_("动态口令已启用"), code="enrolled")
    moment = clock.now()
    db.session.add(SecondFactor(account_id=account.id, secret=secret.hex(), last_step=step, enrolled_at=moment))
    db.session.flush()
    codes = _new_recovery_codes(account)
    sessions.mark_second_factor(session, is_used=True)
    sessions.end_others(account, session)
    account_events.note(account, "enrol_second_factor")
    account_events.tell_owner(account, N_("启用动态口令"))
    return codes


def _new_recovery_codes(account: Account) -> list[str]:
    codes = one_time_codes.new_recovery_codes()
    db.session.add_all(RecoveryCode(account_id=account.id, digest=_digest(account, code)) for code in codes)
    return codes


def renew_recovery_codes(account: Account, *, password: str, code: str) -> list[str]:
    """Return ten new recovery codes, told this once; those of before open nothing more. The app stays as it is.

    Error codes: too_often, wrong (the password), second_code.
    """
    _check_owner(account, password, code)
    return _renew_recovery_codes(account)


@transactional
def _renew_recovery_codes(account: Account) -> list[str]:
    _delete_recovery_codes(account)
    account_events.note(account, "renew_recovery_codes")
    account_events.tell_owner(account, N_("更换恢复码"))
    return _new_recovery_codes(account)


def check(account: Account, typed: str) -> None:
    """Return if `typed` is the app's code of about now, or a recovery code; either is used up by it.

    Error codes: too_often (counted before anything is compared), second_code.
    """
    counter = _counted(account)
    if not _use_up(account, typed):
        raise _wrong_code()
    counter.clear()


def _counted(account: Account) -> Counter:
    counter = Counter(WRONG_CODE, str(account.id))
    if take(counter):
        raise DomainError(N_("动态口令输错次数过多，请10分钟后再试"), code="too_often", field="second_code")
    return counter


def _wrong_code() -> DomainError:
    return DomainError(N_("动态口令不正确或已使用过，请输入新的口令"), code="second_code", field="second_code")


@transactional
def _use_up(account: Account, typed: str) -> bool:
    """Whether the code was good; of two sign-ins with one code, the second finds it used."""
    factor = db.session.get(SecondFactor, account.id, populate_existing=True)
    if factor is None:
        return False
    if one_time_codes.plain_recovery_code(typed) is not None:
        return _use_recovery_code(account, typed)
    step = one_time_codes.accepted_step(bytes.fromhex(factor.secret), typed, moment=clock.now(), after=factor.last_step)
    if step is None:
        return False
    later = update(SecondFactor).where(SecondFactor.account_id == account.id, SecondFactor.last_step < step)
    return bool(db.session.execute(later.values(last_step=step)).rowcount)


def _use_recovery_code(account: Account, typed: str) -> bool:
    used = delete(RecoveryCode).where(
        RecoveryCode.account_id == account.id, RecoveryCode.digest == _digest(account, typed)
    )
    if not db.session.execute(used).rowcount:
        return False
    account_events.note(account, "use_recovery_code")
    account_events.tell_owner(account, N_("使用恢复码登录"))
    return True


def _digest(account: Account, code: str) -> bytes:
    plain = one_time_codes.plain_recovery_code(code)
    return key_ring().blind_index("recovery_code", f"{account.id}:{plain}")


def remove(account: Account, *, password: str, code: str, session: SessionInHand) -> None:
    """The account has no second factor any more; its owner has shown both. A role that needs one enrols anew.

    Error codes: too_often, wrong (the password), second_code.
    """
    _check_owner(account, password, code)
    _remove(account, session)


def _check_owner(account: Account, password: str, code: str) -> None:
    own_password.check_own(account, password, field="password")
    check(account, code)


@transactional
def _remove(account: Account, session: SessionInHand) -> None:
    _delete(account)
    sessions.mark_second_factor(session, is_used=False)
    account_events.note(account, "remove_second_factor")
    account_events.tell_owner(account, N_("停用动态口令"))


@transactional
def reset(account: Account, *, reason: str, appointer: Account) -> None:
    """Whoever lost app and recovery codes signs in with the password alone again; all their sessions have ended.

    For the administrators who appoint this account (Z-A7). Error codes: rank, reason.
    """
    if not accounts.may_change(account, appointer):
        raise DomainError(N_("您不能任命或修改这一级的账号"), code="rank")
    given = clean(reason)
    if not given:
        raise DomainError(N_("请填写原因"), code="reason", field="reason")
    _reset(account, Actor.of(appointer), given)


@transactional
def reset_from_shell(account: Account) -> None:
    """The same by whoever has the installation's shell, for accounts that nobody appoints."""
    _reset(account, audit.SYSTEM, "")


def _reset(account: Account, actor: Actor, reason: str) -> None:
    with everything("another's second factor is in nobody's scope; the rank was checked"):
        _delete(account)
        account.session_stamp = (account.session_stamp or 0) + 1
        account_events.note(account, "reset_second_factor", actor=actor, changes={"reason": reason})
        account_events.tell_owner(account, N_("由管理员重置动态口令"))
        db.session.flush()


def _delete(account: Account) -> None:
    _delete_recovery_codes(account)
    db.session.execute(delete(SecondFactor).where(SecondFactor.account_id == account.id))


def _delete_recovery_codes(account: Account) -> None:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
