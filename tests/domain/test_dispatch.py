from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.dispatch import (
    Dispatch,
    DistrictNames,
    Draw,
    PlaceNames,
    StationPolicy,
    StreetNames,
    UndispatchedReason,
    by_named_district,
    by_named_street,
    by_residence,
    must_screen_station,
    spread_evenly,
)
from app.domain.errors import DomainError

NAMES = DistrictNames([("410105", "金水区", ["金水"]), ("410172", "郑州高新技术产业开发区", ["高新区"])])
CITY = "郑州市"


@pytest.mark.parametrize("text", ["金水区", " 金 水 区\u00a0", "金水"])
def test_a_row_goes_to_the_district_that_it_names(text: str) -> None:
    assert by_named_district(CITY, text, NAMES, CITY) == Dispatch("410105")


@pytest.mark.parametrize("city", ["郑州", "郑州市 ", None, ""])
def test_the_city_may_be_written_short_or_not_at_all(city: str | None) -> None:
    assert by_named_district(city, "高新区", NAMES, CITY).area_code == "410172"


@pytest.mark.parametrize(
    ("city", "district", "reason"),
    [
        ("南阳市", "桐柏县", UndispatchedReason.OTHER_CITY),
        ("南阳市", "高新区", UndispatchedReason.OTHER_CITY),
        ("郑州市", "", UndispatchedReason.NO_DISTRICT),
        (None, None, UndispatchedReason.NO_DISTRICT),
        ("郑州市", "\u3000", UndispatchedReason.NO_DISTRICT),
        ("郑州市", "桐柏县", UndispatchedReason.UNKNOWN_DISTRICT),
        ("郑州市", "金水", None),
        ("郑州市", "金水区域", UndispatchedReason.UNKNOWN_DISTRICT),
        ("郑州市", "郑州市", UndispatchedReason.UNKNOWN_DISTRICT),
    ],
)
def test_what_names_no_district_of_ours_waits_with_the_reason(
    city: str | None, district: str | None, reason: UndispatchedReason | None
) -> None:
    assert by_named_district(city, district, NAMES, CITY).reason is reason


def test_one_name_for_two_districts_is_refused() -> None:
    with pytest.raises(ValueError, match="东区"):
        DistrictNames([("410105", "金水区", ["东区"]), ("410174", "郑东新区", ["东区"])])


DISTRICTS = ["410102", "410103", "410104", "410105", "410106"]


@given(st.integers(0, 200), st.text(max_size=5))
def test_rows_are_spread_evenly(rows: int, seed: str) -> None:
    counts = Counter(spread_evenly(rows, DISTRICTS, Draw(seed)))
    assert sum(counts.values()) == rows
    shares = [counts[code] for code in DISTRICTS]
    assert max(shares) - min(shares) <= 1


def test_one_batch_is_always_spread_alike() -> None:
    assert spread_evenly(110, DISTRICTS, Draw("7")) == spread_evenly(110, list(reversed(DISTRICTS)), Draw("7"))
    assert spread_evenly(6, DISTRICTS, Draw("batch-1")) == ["410104", "410105", "410102", "410103", "410106", "410105"]


@given(st.lists(st.integers(0, 30), max_size=8))
def test_a_batch_in_pieces_is_spread_as_if_it_were_whole(pieces: list[int]) -> None:
    dealt: list[str] = []
    for rows in pieces:
        dealt += spread_evenly(rows, DISTRICTS, Draw("batch-1", dealt=len(dealt)))
    assert dealt == spread_evenly(sum(pieces), DISTRICTS, Draw("batch-1"))


def test_two_batches_are_spread_differently() -> None:
    assert spread_evenly(110, DISTRICTS, Draw("7")) != spread_evenly(110, DISTRICTS, Draw("8"))


def test_rows_are_not_dealt_in_turn() -> None:
    dealt = spread_evenly(50, DISTRICTS, Draw("1"))
    assert len({tuple(dealt[start : start + 5]) for start in range(0, 50, 5)}) > 1


def test_without_districts_nothing_is_spread() -> None:
    with pytest.raises(DomainError) as refused:
        spread_evenly(3, [], Draw("1"))
    assert refused.value.code == "no_district"


@pytest.mark.parametrize(
    ("station", "must"),
    [
        ("武汉站", True),
        ("武汉", True),
        (" 武 汉站", True),
        ("郑州东站", False),
        ("武汉东站", False),
        ("", False),
        (None, False),
    ],
)
def test_the_boarding_station_decides_who_is_screened(station: str | None, must: bool) -> None:
    assert must_screen_station(StationPolicy(must_screen=frozenset({"武汉站"})), station) is must


STREETS = StreetNames(
    [("410102001", "林山寨街道"), ("410102002", "建设路街道"), ("410105001", "建设路街道"), ("410122100", "韩寺镇")],
    DistrictNames([("410102", "中原区", ["中原"]), ("410105", "金水区", []), ("410122", "中牟县", [])]),
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("林山寨街道办事处", "410102001"),
        ("林山寨办事处", "410102001"),
        (" 林山寨 ", "410102001"),
        ("中牟县韩寺镇", "410122100"),
        ("金水区建设路街道", "410105001"),
        ("中原区某某街道", "410102"),
        ("建设路街道", None),  # two districts have one
        ("某某街道", None),
    ],
)
def test_a_row_goes_to_the_street_it_names_else_to_its_district(text: str, code: str | None) -> None:
    found = by_named_street(text, STREETS)
    assert found.area_code == code
    assert found.reason is (None if code else UndispatchedReason.UNKNOWN_STREET)


def test_a_row_that_names_no_street_says_so() -> None:
    assert by_named_street(" ", STREETS).reason is UndispatchedReason.NO_STREET


PLACES = PlaceNames([("410105001", "410105", "经八路街道"), ("410105001002", "410105001", "纬一路社区")])


def test_a_tie_tells_the_compound_whatever_the_sheet_says() -> None:
    tie = Dispatch("410102001002", venue_id=7)
    assert by_residence(tie, Dispatch("410105"), ("经八路街道", None), PLACES) == tie


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("经八路街道", "纬一路社区"), "410105001002"),
        (("经 八路街道", "别处社区"), "410105001"),
        ((None, "纬一路社区"), "410105"),
        (("别处街道", "纬一路社区"), "410105"),
    ],
)
def test_without_a_tie_a_row_goes_as_deep_as_its_names_lead(names: tuple[str | None, str | None], code: str) -> None:
    assert by_residence(None, Dispatch("410105"), names, PLACES) == Dispatch(code)


def test_without_a_tie_and_a_district_a_row_waits() -> None:
    waiting = Dispatch(None, UndispatchedReason.NO_DISTRICT)
    assert by_residence(None, waiting, ("经八路街道", None), PLACES) == waiting
