from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.documents import (
    DocumentType,
    Gender,
    age_on,
    check_character,
    check_document,
    check_phone,
    check_plate,
    is_phone_number,
    parse_id_card,
)
from app.domain.errors import DomainError

TODAY = date(2020, 7, 14)


def numbered(area: str = "410105", born: str = "19900101", serial: str = "123") -> str:
    body = area + born + serial
    return body + check_character(body)


def refusal_of(number: str) -> str:
    with pytest.raises(DomainError) as refused:
        parse_id_card(number, today=TODAY)
    assert refused.value.field == "document_number"
    return refused.value.code


valid_numbers = st.builds(
    numbered,
    area=st.integers(110000, 999999).map(str),
    born=st.dates(date(1880, 1, 1), TODAY).map(lambda born: born.strftime("%Y%m%d")),
    serial=st.integers(0, 999).map("{:03}".format),
)


@given(valid_numbers)
def test_every_sound_number_is_accepted(number: str) -> None:
    assert parse_id_card(number, today=TODAY).number == number


@given(valid_numbers, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(number: str, place: int, shift: int) -> None:
    digit = "0" if number[place] == "X" else str((int(number[place]) + shift) % 10)
    assert refusal_of(number[:place] + digit + number[place + 1 :]) == "id_checksum"


@given(valid_numbers, st.integers(0, 16))
def test_two_swapped_neighbours_are_always_noticed(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        assert refusal_of(swapped) in {"id_checksum", "id_length"}


def test_a_card_tells_birth_gender_and_area() -> None:
    card = parse_id_card("11010519491231002X", today=TODAY)
    assert (card.birth_date, card.gender, card.area_code) == (date(1949, 12, 31), Gender.FEMALE, "110105")
    assert parse_id_card(numbered(serial="121"), today=TODAY).gender is Gender.MALE


@pytest.mark.parametrize(
    "typed",
    ["11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", " 110105 19491231 002X ", "110105-19491231-002X"],
)
def test_a_number_is_the_same_however_it_is_typed(typed: str) -> None:
    assert parse_id_card(typed, today=TODAY).number == "11010519491231002X"


def test_a_number_of_fifteen_digits_becomes_one_of_eighteen() -> None:
    card = parse_id_card("110105491231002", today=TODAY)
    assert card.number == "11010519491231002X"
    assert card.birth_date == date(1949, 12, 31)


def test_an_old_number_with_an_impossible_birth_date_is_refused() -> None:
    assert refusal_of("110105490231002") == "id_birth"


@pytest.mark.parametrize("area", ["810000", "820000", "830000", "941156", "410171", "999999", "510202"])
def test_permits_and_unknown_areas_pass_by_their_checksum(area: str) -> None:
    assert parse_id_card(numbered(area), today=TODAY).area_code == area


@pytest.mark.parametrize("born", ["20200715", "18791231", "19900230", "19901301", "20190229", "00000000"])
def test_a_birth_date_that_cannot_be_is_refused(born: str) -> None:
    assert refusal_of(numbered(born=born)) == "id_birth"


@pytest.mark.parametrize("born", ["20200714", "18800101", "20200229"])
def test_birth_dates_at_the_edges_are_accepted(born: str) -> None:
    assert parse_id_card(numbered(born=born), today=TODAY)


@pytest.mark.parametrize(
    "number", ["", "4101", "4.10105E+17", "410105199001011234.0", "41010519900101123", "X10105199001011234", "何晓明"]
)
def test_what_is_not_eighteen_digits_is_refused(number: str) -> None:
    assert refusal_of(number) == "id_length"


def test_an_age_counts_full_years() -> None:
    born = date(2000, 2, 29)
    assert age_on(date(2018, 2, 28), birth_date=born) == 17
    assert age_on(date(2018, 3, 1), birth_date=born) == 18


def test_an_id_card_is_stored_in_its_eighteen_digits() -> None:
    assert check_document(DocumentType.ID_CARD, "110105491231002", today=TODAY) == "11010519491231002X"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("e12345678", "E12345678"), ("A123456（7）", "A123456(7)"), ("Ｈ 1234 5678", "H12345678"), ("ab‐123", "AB-123")],
)
def test_other_documents_are_stored_in_one_spelling(typed: str, stored: str) -> None:
    assert check_document(DocumentType.OTHER, typed, today=TODAY) == stored


@pytest.mark.parametrize("typed", ["", "A123", "A" * 21, "护照12345", "=1+12345"])
def test_other_documents_of_strange_shape_are_refused(typed: str) -> None:
    with pytest.raises(DomainError) as refused:
        check_document(DocumentType.OTHER, typed, today=TODAY)
    assert refused.value.code == "document"


@pytest.mark.parametrize(
    "typed", ["13800138000", "+8613800138000", "86 138 0013 8000", "＋86-138-0013-8000", "138\u00a00013\u00a08000"]
)
def test_a_phone_number_is_its_eleven_digits(typed: str) -> None:
    assert check_phone(typed) == "13800138000"


@pytest.mark.parametrize(
    "typed", ["", "12800138000", "1380013800", "138001380000", "+85213800138000", "1380013800a", "037112345678"]
)
def test_what_is_no_mobile_number_is_refused(typed: str) -> None:
    with pytest.raises(DomainError, match="请填写11位数字手机号") as refused:
        check_phone(typed)
    assert refused.value.code == "phone"


def test_what_can_be_called_is_a_number_and_nothing_around_it() -> None:
    assert is_phone_number("13800138000")
    assert not any(is_phone_number(text) for text in ("", "+8613800138000", "138****8000", "13800138000 转 2"))


@pytest.mark.parametrize(
    "plate",
    [
        "豫A12345",
        "豫AD12345",
        "豫AF12345",
        "豫A12345D",
        "豫A12345F",
        "豫AAD005",
        "京A00001",
        "粤BDF1234",
        "沪AD12345",
        "粤Z1234港",
        "粤Z1234澳",
        "豫A1234学",
        "豫A1234警",
        "豫A1234挂",
        "沪A1234领",
        "使123456",
        "123456使",
        "WJ豫1234T",
        "WJ12345",
        "VA12345",
    ],
)
def test_plates_of_every_kind_are_accepted(plate: str) -> None:
    assert check_plate(plate) == plate


@pytest.mark.parametrize("typed", ["豫a12345", "豫Ａ１２３４５", "豫A·12345", "豫A 123-45", "豫A•12345"])
def test_a_plate_is_stored_in_one_spelling(typed: str) -> None:
    assert check_plate(typed) == "豫A12345"


@pytest.mark.parametrize(
    "typed",
    [
        "豫AI2345",
        "豫AO2345",
        "豫1A2345",
        "A12345",
        "豫A1234",
        "豫A1234567",
        "豫AZ12345",
        "中A12345",
        "豫A12345O",
        "=cmd",
        "豫A@2345",
        "豫A·D1234F",
    ],
)
def test_what_is_no_plate_is_refused(typed: str) -> None:
    with pytest.raises(DomainError) as refused:
        check_plate(typed)
    assert refused.value.code == "plate"
