"""What tells that a row is somebody known, and how sure that is (Z-T12)."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.comparison import MatchBasis, birth_date_in, can_compare, is_doubtful


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("document_number",), True),
        (("name", "phone"), True),
        (("name", "birth_date"), True),
        (("name",), False),
        (("birth_date",), False),
        ((), False),
    ],
)
def test_a_number_a_phone_or_a_name_with_a_birthday_tell_a_person(keys: tuple[str, ...], expected: bool) -> None:
    assert can_compare(keys) is expected


@pytest.mark.parametrize(
    ("number", "birth"),
    [
        ("410102199001010010", date(1990, 1, 1)),
        ("410102199013010010", None),
        ("4101021990", None),
        ("E12345678", None),
        ("41010２abcdefgh0010", None),
        (None, None),
    ],
)
def test_a_number_with_a_wrong_digit_still_tells_the_day_of_birth(number: str | None, birth: date | None) -> None:
    assert birth_date_in(number) == birth


@pytest.mark.parametrize(
    ("basis", "given", "doubtful"),
    [
        (MatchBasis.DOCUMENT, "何晓明", False),
        (MatchBasis.DOCUMENT, "何 晓明", False),
        (MatchBasis.DOCUMENT, None, False),
        (MatchBasis.DOCUMENT, "王芳", True),
        (MatchBasis.PHONE, "何晓明", False),
        (MatchBasis.PHONE, "王芳", True),
        (MatchBasis.PHONE, None, True),
        (MatchBasis.NAME_AND_BIRTH, "何晓明", True),
    ],
)
def test_another_name_is_a_reason_to_doubt(basis: MatchBasis, given: str | None, doubtful: bool) -> None:
    assert is_doubtful(basis, given=given, known="何晓明") is doubtful
