"""统一社会信用代码: the number of an organisation, checked by its last character (GB 32100-2015)."""

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.text import digits

_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_LENGTH = 18
_MODULUS = 31
_STEP = 3


def check_social_credit_code(value: str) -> str:
    """`value` as it is stored: 18 upper-case characters whose last one fits. Errors: credit_code, credit_code_check."""
    normalised = digits(value).upper()
    if len(normalised) != _LENGTH or any(character not in _CHARACTERS for character in normalised):
        raise DomainError(
            N_("统一社会信用代码应为18位数字或大写字母（不含I、O、S、V、Z）"),
            code="credit_code",
            field="social_credit_code",
        )
    if check_character(normalised[:-1]) != normalised[-1]:
        raise DomainError(
            N_("统一社会信用代码校验不通过，请核对"), code="credit_code_check", field="social_credit_code"
        )
    return normalised


def check_character(body: str) -> str:
    """The eighteenth character that belongs to the seventeen of `body`."""
    total = sum(_CHARACTERS.index(sign) * pow(_STEP, place, _MODULUS) for place, sign in enumerate(body))
    return _CHARACTERS[-total % _MODULUS]
