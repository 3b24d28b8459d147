"""Codes by text message: who gets one how often, and whether one is right (Z-A4, Z-A5, Z-A8)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import Enum

from flask import current_app

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.text import digits
from app.extensions import redis_connection
from app.gateways.sms import SmsTemplate
from app.services.limits import Counter, Limit, network_of, sealed, take
from app.services.message_limits import code_counter
from app.services.messages import queue_decoy, queue_message
from app.services.transaction import transactional
from config import DEMO_ENVIRONMENTS

CODE_MINUTES = 5
CODE_DIGITS = 6
MOST_CHECKS = 5
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400

# Z-A8 for one phone; the ceilings over an hour keep somebody from spending our money or another's patience (ours).
PER_MINUTE = Limit("sms:minute", 1, _MINUTE)
PER_HOUR = Limit("sms:hour", 5, _HOUR)
PER_DAY = Limit("sms:day", 10, _DAY)
PER_ADDRESS = Limit("sms:address", 60, _HOUR)

# Counts the check before it compares, so that many at once are no more than five.
_CHECK = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local checks = redis.call('HINCRBY', KEYS[1], 'checks', 1)
if checks > tonumber(ARGV[2]) then redis.call('DEL', KEYS[1]) return 0 end
local is_right = redis.call('HGET', KEYS[1], 'code') == ARGV[1]
if is_right and ARGV[3] == '1' then redis.call('DEL', KEYS[1]) end
if is_right then return 1 end
return 0
"""


class Purpose(Enum):
    """What a code is for; one for this does not do for that."""

    SIGN_IN = "sign_in"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a name
    ACTIVATION = "activation"
    HEALTH_CODE = "health_code"
    RELATIVE = "relative"
    OLD_PHONE = "old_phone"
    NEW_PHONE = "new_phone"


@dataclass(frozen=True)
class CodeRequest:
    """Who asks for a code for which phone, from where. Not delivered where the phone belongs to nobody."""

    phone: str
    purpose: Purpose
    address: str | None
    area_code: str | None = None
    is_delivered: bool = True


@transactional
def send_code(request: CodeRequest) -> None:
    """A code that lives five minutes is on its way, and the one before it is void.

    Raises DomainError (sms_too_often) when too many were asked for. Undelivered requests do all the same work, so that
    neither the answer nor its time tells whether a phone has an account.
    """
    waiting = take(
        Counter(PER_MINUTE, request.phone),
        Counter(PER_HOUR, request.phone),
        Counter(PER_DAY, request.phone),
        Counter(PER_ADDRESS, network_of(request.address)),
        code_counter(),
    )
    if waiting:
        raise _too_often(waiting)
    code = _new_code()
    key = _key(request.phone, request.purpose)
    with redis_connection().pipeline() as pipeline:
        pipeline.delete(key)
        pipeline.hset(key, mapping={"code": _digest(request.phone, request.purpose, code), "checks": 0})
        pipeline.expire(key, CODE_MINUTES * _MINUTE)
        pipeline.execute()
    if request.is_delivered:
        params = {"code": code, "minutes": str(CODE_MINUTES)}
        name = f"code-{secrets.token_hex(16)}"
        queue_message(request.phone, SmsTemplate.VERIFICATION_CODE, params, name, area_code=request.area_code)
    else:
        queue_decoy()


def _too_often(waiting: int) -> DomainError:
    if waiting <= _MINUTE:
        return DomainError(
            N_("验证码每分钟只能获取一次，请%(seconds)s秒后再试"),
            code="sms_too_often",
            field="sms_code",
            seconds=waiting,
        )
    return DomainError(
        N_("获取验证码的次数过多，请%(minutes)s分钟后再试"),
        code="sms_too_often",
        field="sms_code",
        minutes=-(-waiting // _MINUTE),
    )


def check_code(phone: str, code: str, *, purpose: Purpose, is_used_up: bool = True) -> None:
    """Return if `code` is the one that was sent, however it was typed; a fifth wrong check voids it.

    Raises DomainError (sms_code).
    """
    right = redis_connection().eval(
        _CHECK, 1, _key(phone, purpose), _digest(phone, purpose, digits(code)), MOST_CHECKS, int(is_used_up)
    )
    if not right:
        raise DomainError(N_("验证码不正确或已过期"), code="sms_code", field="sms_code")


def discard_code(phone: str, *, purpose: Purpose) -> None:
    """The code of this phone is void."""
    redis_connection().delete(_key(phone, purpose))


def _new_code() -> str:
    fixed = current_app.config["SMS_CODE_FIXED"]
    if fixed and current_app.config["ENVIRONMENT"] in DEMO_ENVIRONMENTS:
        return str(fixed)
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def _key(phone: str, purpose: Purpose) -> str:
    return f"code:{purpose.value}:{sealed(phone)}"


def _digest(phone: str, purpose: Purpose, code: str) -> str:
    """Keyed, for six digits are guessed from a plain hash at once."""
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, f"{purpose.value}:{phone}:{code}".encode(), hashlib.sha256).hexdigest()
