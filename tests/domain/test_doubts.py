"""When two rows of a list may be one person (Z-T13)."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.doubts import DoubtAnswer, DoubtBasis, DoubtState, Seen, are_alike, doubt_between

BORN, LATER = date(1985, 6, 7), date(1985, 7, 6)
PHONE, OTHER_PHONE = b"phone", b"other phone"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("何晓明", "何晓明"),
        ("何晓明", "何 晓明"),
        ("何晓明", "何晓鸣"),
        ("何晓明", "何小明"),
        ("何晓明", "贺晓明"),
        ("何晓明", "何明"),
        ("何晓明", "晓明"),
        ("何晓", "何晓明"),
        ("王伟", "王伟"),
        ("欧阳娜娜", "欧阳娜"),
        ("何*明", "何晓明"),
        ("ANNA LI", "Anna Ly"),
        ("阿卜杜拉", "阿卜杜啦"),
    ],
)
def test_names_are_alike_but_for_one_character(one: str, other: str) -> None:
    assert are_alike(one, other) and are_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("王伟", "王芳"),
        ("何晓明", "何小鸣"),
        ("何晓明", "明晓何"),
        ("何晓明", "何"),
        ("何", "贺"),
        ("何晓明", ""),
        ("", ""),
        (None, None),
        ("何晓明", "何晓明明明"),
        ("何**", "何晓明"),
    ],
)
def test_other_names_are_not(one: str | None, other: str | None) -> None:
    assert not are_alike(one, other) and not are_alike(other, one)


def test_one_phone_and_a_like_name_is_a_doubt() -> None:
    assert doubt_between(Seen("何晓明", phone=PHONE), Seen("何晓鸣", b"a", PHONE)) is DoubtBasis.PHONE
    assert doubt_between(Seen("何晓明", phone=PHONE), Seen("王芳", phone=PHONE)) is None
    assert doubt_between(Seen("何晓明", phone=PHONE), Seen("何晓鸣", phone=OTHER_PHONE)) is None
    assert doubt_between(Seen("何晓明"), Seen("何晓明")) is None


def test_one_name_and_birthday_is_a_doubt_whatever_the_phones() -> None:
    one, other = Seen("何晓明", b"a", PHONE, BORN), Seen("何晓明 ", b"b", OTHER_PHONE, BORN)
    assert doubt_between(one, other) is doubt_between(other, one) is DoubtBasis.NAME_AND_BIRTH
    assert doubt_between(Seen("何晓明", b"a", None, BORN), Seen("何晓鸣", b"b", None, BORN)) is None


def test_one_document_is_one_person_and_two_birthdays_are_two() -> None:
    assert doubt_between(Seen("何晓明", b"a", PHONE, BORN), Seen("何晓鸣", b"a", PHONE, BORN)) is None
    assert doubt_between(Seen("何晓明", b"a", PHONE, BORN), Seen("何晓鸣", b"b", PHONE, LATER)) is None


def test_each_answer_leaves_a_state_of_its_own() -> None:
    assert {answer.state for answer in DoubtAnswer} == set(DoubtState) - {DoubtState.WAITING}
