"""What people and spreadsheets type, made comparable."""

import re
import unicodedata

_INVISIBLE = frozenset({"Cf", "Cc"})
# As many digits as every database holds as a whole number.
_NUMBER = re.compile("[0-9]{1,18}")
_MINUS = "\N{MINUS SIGN}"
_HAN = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BETWEEN_HAN = re.compile(f"(?<=[{_HAN}]) (?=[{_HAN}])")


def clean(value: str) -> str:
    """`value` in NFKC, trimmed, without invisible characters, each run of blanks (no-break ones too) made one."""
    text = unicodedata.normalize("NFKC", value)
    # Nearly every cell of an import is printable as it is; only the rest is worth a look at each character.
    if not text.isprintable():
        visible = (each for each in text if each.isspace() or unicodedata.category(each) not in _INVISIBLE)
        text = unicodedata.normalize("NFKC", "".join(visible))
    return " ".join(text.split())


def person_name(value: str) -> str:
    """`value` cleaned, without the blanks by which 何 明 is made as wide as 何晓明; a name in letters keeps its own."""
    text = clean(value)
    return _BETWEEN_HAN.sub("", text) if " " in text else text


def without_blanks(value: str) -> str:
    """`value` cleaned, and no blank left in it."""
    return clean(value).replace(" ", "")


def digits(value: str) -> str:
    """`value` cleaned, without blanks and without dashes of any kind, as for numbers that people group."""
    text = without_blanks(value)
    if text.isascii():
        return text.replace("-", "")
    return "".join(character for character in text if not is_dash(character))


def row_number(value: str) -> int | None:
    """The row's number that an address or a form gives; None for what is none of any row."""
    return int(value) if _NUMBER.fullmatch(value) else None


def is_dash(character: str) -> bool:
    """Whether `character` is a hyphen, a dash or a minus."""
    return character == _MINUS or unicodedata.category(character) == "Pd"
