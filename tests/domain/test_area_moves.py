"""A free code is like the old one where it can be, and sums change only where the ways down differ."""

from __future__ import annotations

import pytest

from app.domain.area_moves import ancestors, changed_sums, common_area, free_code
from app.domain.errors import DomainError


def test_a_moved_street_keeps_its_end_where_that_is_free() -> None:
    assert free_code("410105", {"410105001"}, like="410102003") == "410105003"
    assert free_code("410105", {"410105003"}, like="410102003") == "410105999"


def test_a_new_area_counts_from_the_end_where_official_codes_do_not_reach() -> None:
    assert free_code("4101", {"410199", "410198"}) == "410197"
    assert free_code("410105001", set()) == "410105001999"


def test_where_no_code_is_left_it_says_so() -> None:
    with pytest.raises(DomainError, match="没有可用的代码"):
        free_code("4101", {f"4101{number:02}" for number in range(100)})


def test_only_the_areas_in_which_two_places_differ_lose_and_gain() -> None:
    left, joined = ancestors("410102001002"), ancestors("410105003009")
    assert changed_sums(left, joined) == (("410102", "410102001"), ("410105", "410105003"))
    assert changed_sums(left, ancestors("410102003001")) == (("410102001",), ("410102003",))


@pytest.mark.parametrize(
    ("codes", "area"),
    [
        (["410102001002"], "410102001002"),
        (["410102001002", "410102001003"], "410102001"),
        (["410102001002", "410105003"], "4101"),
        (["41", "410105"], "41"),
    ],
)
def test_the_smallest_area_that_holds_all(codes: list[str], area: str) -> None:
    assert common_area(codes) == area
