import pytest

from app.domain.areas import AreaLevel, area_level, code_after, code_at, lies_within, parent_code

CODES = {
    AreaLevel.PROVINCE: "41",
    AreaLevel.CITY: "4101",
    AreaLevel.DISTRICT: "410105",
    AreaLevel.STREET: "410105001",
    AreaLevel.COMMUNITY: "410105001001",
}


def test_a_code_tells_its_level_by_its_length() -> None:
    assert {area_level(code): code for code in CODES.values()} == CODES


@pytest.mark.parametrize("code", ["", "4", "41010", "4101050010010"])
def test_other_lengths_are_no_codes(code: str) -> None:
    with pytest.raises(ValueError, match="no area code"):
        area_level(code)


def test_a_code_starts_with_its_parents() -> None:
    assert [parent_code(code) for code in CODES.values()] == [None, "41", "4101", "410105", "410105001"]


def test_a_code_tells_the_areas_it_lies_in() -> None:
    assert code_at("410105001001", AreaLevel.DISTRICT) == "410105"
    assert code_at("4101", AreaLevel.DISTRICT) is None
    assert lies_within("410105001001", "410105")
    assert not lies_within("410106", "410105")


@pytest.mark.parametrize("code", ["4101", "410199", "410105999", "410109", "4199", "410102001002", "99"])
def test_what_lies_within_an_area_is_a_range(code: str) -> None:
    others = ["41", "4101", "4102", "42", "410106", "410200", "410106000", "410110", "411002", "410105", "410102001003"]
    inside = [code, *(code + end for end in ("0", "99", "001", "999"))]
    assert all(code <= other < code_after(code) for other in inside)
    assert not any(code <= other < code_after(code) for other in others if not other.startswith(code))
