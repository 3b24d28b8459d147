"""Identity documents, phone numbers and plates: normalised, or refused (Z-S10)."""

import re
from dataclasses import dataclass
from datetime import date
from operator import mul

from app.domain.errors import DomainError
from app.domain.labels import N_, Labelled
from app.domain.text import digits, is_dash, without_blanks

FIRST_BIRTH_YEAR = 1880
_CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_NEW_LENGTH = 18
_NEW_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
_OLD_NUMBER = re.compile(r"[0-9]{15}")
_OTHER_NUMBER = re.compile(r"[A-Z0-9()-]{5,20}")
_PHONE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")


class DocumentType(Labelled):
    """The two choices of every form (Z-S2)."""

    ID_CARD = N_("身份证")
    OTHER = N_("其他")


class Gender(Labelled):
    """As the number of an ID card tells it."""

    MALE = N_("男")
    FEMALE = N_("女")


@dataclass(frozen=True)
class IdCard:
    """What an 18-digit number says. `area_code` is where it was first issued and need not exist any more."""

    number: str
    birth_date: date
    gender: Gender
    area_code: str


def parse_id_card(number: str, *, today: date) -> IdCard:
    """The card behind `number`: 18 digits, or 15 of the old kind made 18.

    Residence permits (81, 82, 83) and permanent residence cards (9…) are built alike and pass. The area code is
    not looked up: areas are renumbered, and whoever was born in an abolished county is no error.
    Errors: id_length, id_checksum, id_birth.
    """
    normalised = digits(number).upper()
    if _OLD_NUMBER.fullmatch(normalised):
        body = normalised[:6] + "19" + normalised[6:]
        normalised = body + check_character(body)
    if not _NEW_NUMBER.fullmatch(normalised):
        raise DomainError(N_("身份证号应为18位，末位可以是X"), code="id_length", field="document_number")
    if check_character(normalised[:-1]) != normalised[-1]:
        raise DomainError(N_("身份证号校验不通过，请核对"), code="id_checksum", field="document_number")
    return IdCard(
        number=normalised,
        birth_date=_birth_date(normalised, today),
        gender=Gender.MALE if int(normalised[16]) % 2 else Gender.FEMALE,
        area_code=normalised[:6],
    )


def check_character(body: str) -> str:
    """The eighteenth character that belongs to the seventeen digits of `body` (ISO 7064 MOD 11-2)."""
    total = sum(map(mul, map(int, body), _CHECK_WEIGHTS))
    return _CHECK_CHARACTERS[total % 11]


def _birth_date(number: str, today: date) -> date:
    birth: date | None
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        birth = None
    if birth is None or birth.year < FIRST_BIRTH_YEAR or birth > today:
        raise DomainError(N_("身份证号中的出生日期不正确"), code="id_birth", field="document_number")
    return birth


def age_on(day: date, *, birth_date: date) -> int:
    """Full years of age on `day`; born on 29 February, a year is full on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def check_document(document_type: DocumentType, number: str, *, today: date) -> str:
    """`number` as it is stored: one spelling for one document.

    Errors: those of `parse_id_card`, or document for other papers.
    """
    if document_type is DocumentType.ID_CARD:
        return parse_id_card(number, today=today).number
    upper = without_blanks(number).upper()
    normalised = "".join("-" if is_dash(character) else character for character in upper)
    if not _OTHER_NUMBER.fullmatch(normalised):
        raise DomainError(N_("证件号应为5到20位字母、数字、括号或短横"), code="document", field="document_number")
    return normalised


def check_phone(value: str) -> str:
    """The eleven digits of a mainland mobile number; a leading +86 or 86 is dropped. Error: phone."""
    found = _PHONE.fullmatch(digits(value))
    if not found:
        raise DomainError(N_("请填写11位数字手机号"), code="phone", field="phone_number")
    return found[1]


def is_phone_number(value: str) -> bool:
    """Whether `value` is a mainland mobile number as check_phone returns it."""
    found = _PHONE.fullmatch(value)
    return found is not None and found[1] == value


_PROVINCE = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
_OFFICE = "[A-HJ-NP-Z]"  # I and O are never used: they look like 1 and 0
_SIGN = "[0-9A-HJ-NP-Z]"
_NEW_ENERGY = "[A-HJK]"
_PLATE = re.compile(
    "|".join(
        (
            rf"{_PROVINCE}{_OFFICE}{_SIGN}{{4}}(?:{_SIGN}|[挂学警港澳领试超])",
            rf"{_PROVINCE}{_OFFICE}{_NEW_ENERGY}{_SIGN}[0-9]{{4}}",  # small new-energy vehicles
            rf"{_PROVINCE}{_OFFICE}[0-9]{{5}}{_NEW_ENERGY}",  # large new-energy vehicles
            r"使[0-9]{6}|[0-9]{6}使",
            rf"WJ{_PROVINCE}?{_SIGN}{{4,5}}[0-9TDSHBXJ]",  # armed police
            r"[VZKHEBSLNGJC][A-Z][0-9]{5}",  # armed forces
        )
    )
)
_PLATE_SEPARATORS = re.compile(r"[·•.・]")


def check_plate(value: str) -> str:
    """`value` as a plate of 7 or 8 characters (WJ up to 9), upper-case, without its dot. Error: plate."""
    normalised = _PLATE_SEPARATORS.sub("", digits(value)).upper()
    if not _PLATE.fullmatch(normalised):
        raise DomainError(N_("车牌号格式不正确"), code="plate", field="plate_number")
    return normalised
