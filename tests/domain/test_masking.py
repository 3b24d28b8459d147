import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.masking import mask_address, mask_document, mask_name, mask_network, mask_phone, mask_plate


@pytest.mark.parametrize(("name", "shown"), [("何晓明", "何*"), ("何", "何*"), ("欧阳娜娜", "欧*"), ("", "")])
def test_a_name_shows_its_first_character(name: str, shown: str) -> None:
    assert mask_name(name) == shown


def test_an_id_number_shows_its_ends() -> None:
    assert mask_document("410105199001011234") == "4101************34"


def test_a_phone_number_shows_its_ends() -> None:
    assert mask_phone("13812345678") == "138****5678"


@pytest.mark.parametrize(("plate", "shown"), [("豫A12345", "豫A****5"), ("豫AD12345", "豫A*****5"), ("", "")])
def test_a_plate_shows_where_it_is_from(plate: str, shown: str) -> None:
    assert mask_plate(plate) == shown


@given(st.text("A1", min_size=1, max_size=20))
def test_a_masked_number_keeps_its_length_and_hides_something(number: str) -> None:
    for shown in (mask_document(number), mask_phone(number)):
        assert len(shown) == len(number)
        assert "*" in shown


@given(st.text("A1", min_size=5, max_size=20))
def test_a_document_never_shows_most_of_itself(number: str) -> None:
    assert mask_document(number).count("*") * 2 >= len(number) - 1


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("金水区文化路92号院3号楼2单元501室", "金水区文化路***"),
        ("绿城百合小区三号楼二单元", "绿城百合小区***"),
        ("绿城百合小区", "绿城百***"),
        ("", ""),
    ],
)
def test_an_address_ends_before_its_first_number(address: str, shown: str) -> None:
    assert mask_address(address) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("203.0.113.77", "203.0.113.*"),
        ("2001:db8:1:2::77", "2001:0db8:0001:*"),
        ("::1", "0000:0000:0000:*"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_a_network_is_shown_without_its_last_part(address: str, shown: str) -> None:
    assert mask_network(address) == shown
