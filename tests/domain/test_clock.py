from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.clock import day_bounds, local_date, now

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_now_is_aware_and_in_utc() -> None:
    assert now().utcoffset() == timedelta(0)


def test_the_day_changes_at_midnight_of_the_region() -> None:
    before = datetime(2020, 7, 14, 15, 59, tzinfo=UTC)
    assert local_date(before, SHANGHAI) == date(2020, 7, 14)
    assert local_date(before + timedelta(minutes=1), SHANGHAI) == date(2020, 7, 15)


def test_a_moment_without_a_zone_has_no_day() -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_date(datetime(2020, 7, 14), SHANGHAI)


def test_a_day_lasts_from_midnight_to_midnight() -> None:
    start, end = day_bounds(date(2020, 7, 14), SHANGHAI)
    assert start == datetime(2020, 7, 13, 16, tzinfo=UTC)
    assert end - start == timedelta(days=1)
    assert start.tzinfo is UTC


def test_a_day_of_a_changing_clock_is_shorter() -> None:
    start, end = day_bounds(date(2020, 3, 29), ZoneInfo("Europe/Berlin"))
    assert end - start == timedelta(hours=23)


@pytest.mark.parametrize("zone", [SHANGHAI, ZoneInfo("America/New_York")])
def test_the_first_and_the_last_day_of_the_calendar_have_bounds_too(zone: ZoneInfo) -> None:
    for day in (date.min, date.max):
        start, end = day_bounds(day, zone)
        assert start < end
