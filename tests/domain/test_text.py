import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.text import clean, digits, person_name, row_number, without_blanks


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("  何晓明\n", "何晓明"),
        ("ＡＢ１２３", "AB123"),
        ("何\u00a0晓\u3000明", "何 晓 明"),
        ("\ufeff手机\u200b号码", "手机号码"),
        ("买买提·阿不都热合曼", "买买提·阿不都热合曼"),
        ("a \t\r\n b", "a b"),
        ("nul\x00", "nul"),
        ("", ""),
    ],
)
def test_clean_text_is_what_was_meant(typed: str, meant: str) -> None:
    assert clean(typed) == meant


@pytest.mark.parametrize(
    "typed", ["138-0013-8000", "138 0013 8000", "138\u00a00013\u20118000", "１３８００１３８０００", "138—0013−8000"]
)
def test_digits_are_the_same_however_they_are_grouped(typed: str) -> None:
    assert digits(typed) == "13800138000"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("何 明", "何明"),
        (" 何　晓\u00a0明 ", "何晓明"),
        ("𠀀 明", "𠀀明"),
        ("John  Smith", "John Smith"),
        ("何明 Helen", "何明 Helen"),
        ("买买提·阿不都热合曼", "买买提·阿不都热合曼"),
    ],
)
def test_a_name_is_the_same_however_wide_it_was_made(typed: str, meant: str) -> None:
    assert person_name(typed) == meant


def test_blanks_inside_a_district_name_do_not_matter() -> None:
    assert without_blanks(" 金 水\u00a0区 ") == "金水区"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("7", 7),
        ("007", 7),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        ("²", None),
        ("１", None),
        ("-1", None),
        ("", None),
    ],
)
def test_only_what_a_row_could_have_is_a_rows_number(typed: str, meant: int | None) -> None:
    assert row_number(typed) == meant


@given(st.text())
def test_cleaning_twice_changes_nothing(typed: str) -> None:
    assert clean(clean(typed)) == clean(typed)
