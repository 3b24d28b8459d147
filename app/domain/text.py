"""What people and spreadsheets type, made comparable."""

import unicodedata

_INVISIBLE = frozenset({"Cf", "Cc"})
_MINUS = "\N{MINUS SIGN}"


def clean(value: str) -> str:
    """`value` in NFKC, trimmed, without invisible characters, each run of blanks (no-break ones too) made one."""
    visible = (
        character
        for character in unicodedata.normalize("NFKC", value)
        if character.isspace() or unicodedata.category(character) not in _INVISIBLE
    )
    return " ".join("".join(visible).split())


def without_blanks(value: str) -> str:
    """`value` cleaned, and no blank left in it."""
    return clean(value).replace(" ", "")


def digits(value: str) -> str:
    """`value` cleaned, without blanks and without dashes of any kind, as for numbers that people group."""
    return "".join(character for character in without_blanks(value) if not is_dash(character))


def is_dash(character: str) -> bool:
    """Whether `character` is a hyphen, a dash or a minus."""
    return character == _MINUS or unicodedata.category(character) == "Pd"
