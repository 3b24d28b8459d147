"""Which passwords are good enough, and how one is made up for somebody (Z-A4, Z-A6; the numbers are ours)."""

import secrets
from itertools import pairwise

from app.domain.errors import DomainError
from app.domain.labels import N_

SHORTEST = 10
LONGEST = 128
_FEWEST_DIFFERENT = 5
_LONGEST_RUN = 4  # 1234 or abcd inside a password is no fault, a password that is hardly more than that is

RULES = (
    N_("密码长度为10到128个字符，越长越安全。"),
    N_("不能包含本人手机号，不能使用常见密码或连续、重复的字符。"),
    N_("建议用几个不相关的词语、数字和符号组合，不要与其他系统相同。"),
)

# What is tried first everywhere, in small letters; ten characters or more, for shorter ones are refused anyway.
_COMMON = frozenset(
    {
        "1234567890", "0123456789", "12345678910", "0987654321", "1q2w3e4r5t", "1qaz2wsx3edc", "1qaz@wsx3edc",
        "qwertyuiop", "qwerty1234", "qwerty12345", "q1w2e3r4t5", "asdfghjkl1", "zxcvbnm123", "abc1234567",
        "abc@123456", "abcd123456", "abcd@1234", "abcd@12345", "admin12345", "admin123456", "admin@1234", "admin@12345",
        "administrator", "password12", "password123", "password1234", "password@123", "passw0rd123", "p@ssw0rd123",
        "p@ssword123", "woaini1314", "woaini520", "woaini1314520", "iloveyou123", "5201314520", "1314520520",
        "5201314521", "a123456789", "aa123456789", "123456789a", "123456789q", "qq123456789", "zxc123456789",
        "111222333444", "112233445566", "123123123123", "147258369", "1472583690", "7758521521", "welcome123",
        "zhengzhou123", "zhengzhou@123", "zhengzhou2020", "fangyi12345", "fangkong123", "yiqing12345", "henan123456",
        "test123456", "user123456", "root123456", "guest12345", "letmein123", "changeme123", "qazwsxedc123",
    }
)  # fmt: skip

# No letters or digits that are taken for one another when a message is typed off a phone.
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_SIGNS = _LETTERS + _LETTERS.upper().replace("O", "").replace("I", "") + "23456789"
_GROUPS, _GROUP_LENGTH = 3, 4


def check_new_password(password: str, *, phone: str, field: str = "new_password") -> None:
    """Nothing for a good one; else a refusal beside `field`. Codes: password_short, password_long, password_weak."""
    if len(password) < SHORTEST:
        raise DomainError(N_("密码至少要有%(count)s个字符"), code="password_short", field=field, count=SHORTEST)
    if len(password) > LONGEST:
        raise DomainError(N_("密码最多%(count)s个字符"), code="password_long", field=field, count=LONGEST)
    lowered = password.lower()
    if phone and phone in password:
        raise DomainError(N_("密码不能包含手机号"), code="password_weak", field=field)
    if lowered in _COMMON or _is_monotonous(lowered):
        raise DomainError(N_("这个密码太常见，容易被猜中，请换一个"), code="password_weak", field=field)


def _is_monotonous(text: str) -> bool:
    """Whether it is few characters over and over, or little beside one run like 12345678."""
    if len(set(text)) < _FEWEST_DIFFERENT:
        return True
    steps = [ord(after) - ord(before) for before, after in pairwise(text)]
    surprises = sum(step not in (-1, 0, 1) for step in steps)
    return surprises < len(text) - 1 - 2 * _LONGEST_RUN and surprises <= _LONGEST_RUN // 2


def temporary_password() -> str:
    """A password for one sign-in: twelve random characters in groups of four, easy to type off a message."""
    groups = ("".join(secrets.choice(_SIGNS) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)
