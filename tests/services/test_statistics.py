"""Day totals: what a venue's closed days hold, however often and however late they are counted."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.access import scope_of, using_scope
from app.clock import day_bounds, local_date, now
from app.domain.colors import Color
from app.domain.roles import Role
from app.extensions import db
from app.models import EntryDayTotal, EntryRecord, Residency
from app.profiles import load_profile
from app.services import statistics
from tests.factories import Factories

ZONE = load_profile("zhengzhou").zone


def _today() -> date:
    return local_date(now(), ZONE)


def _noon(days_ago: int) -> datetime:
    return day_bounds(_today() - timedelta(days=days_ago), ZONE)[0] + timedelta(hours=12)


def _totals() -> dict[tuple[int, date], tuple[int, int]]:
    rows = db.session.execute(select(EntryDayTotal)).scalars()
    return {(row.venue_id, row.day): (row.entries, row.abnormal) for row in rows}


@pytest.fixture
def tie(make: Factories) -> Residency:
    return make.residency()


def test_a_day_is_counted_per_venue_with_its_abnormal_entries(make: Factories, tie: Residency) -> None:
    other = make.residency()
    for color in (Color.GREEN, Color.YELLOW, Color.RED):
        make.entry(tie, at=_noon(2), color=color)
    make.entry(other, at=_noon(2))
    day = _today() - timedelta(days=2)
    assert statistics.roll_up_day(day) == 2
    assert _totals() == {(tie.venue_id, day): (3, 2), (other.venue_id, day): (1, 0)}


def test_counting_a_day_again_changes_nothing(make: Factories, tie: Residency) -> None:
    make.entry(tie, at=_noon(1))
    day = _today() - timedelta(days=1)
    statistics.roll_up_day(day)
    before = _totals()
    statistics.roll_up_day(day)
    assert _totals() == before


def test_a_day_is_the_region_s_calendar_day(make: Factories, tie: Residency) -> None:
    start = day_bounds(_today() - timedelta(days=1), ZONE)[0]
    make.entry(tie, at=start - timedelta(seconds=1))
    make.entry(tie, at=start)
    statistics.catch_up()
    days = {day: numbers[0] for (_venue, day), numbers in _totals().items()}
    assert days == {_today() - timedelta(days=2): 1, _today() - timedelta(days=1): 1}


def test_catching_up_closes_every_day_that_is_over_and_leaves_today_open(make: Factories, tie: Residency) -> None:
    for days_ago in (5, 3, 1):
        make.entry(tie, at=_noon(days_ago))
    make.entry(tie, at=now())
    assert len(statistics.catch_up()) == 3
    assert statistics.last_closed_day() == _today() - timedelta(days=1)
    assert statistics.catch_up() == []


def test_catching_up_goes_on_after_the_last_closed_day(make: Factories, tie: Residency) -> None:
    make.entry(tie, at=_noon(4))
    statistics.roll_up_day(_today() - timedelta(days=4))
    make.entry(tie, at=_noon(2))
    assert statistics.catch_up() == [_today() - timedelta(days=2)]


def test_a_late_paper_form_counts_on_its_own_day(make: Factories, tie: Residency) -> None:
    make.entry(tie, at=_noon(1))
    statistics.catch_up()
    late = make.entry(tie, at=_noon(3))
    statistics.recount(late.venue_id, late.recorded_at)
    assert _totals()[tie.venue_id, _today() - timedelta(days=3)] == (1, 0)


def test_a_venue_whose_only_entry_was_deleted_has_no_total(make: Factories, tie: Residency) -> None:
    entry = make.entry(tie, at=_noon(1))
    make.entry(make.residency(), at=_noon(1))
    statistics.catch_up()
    db.session.delete(entry)
    statistics.recount(tie.venue_id, _noon(1))
    assert [venue for venue, _day in _totals()] != []
    assert (tie.venue_id, _today() - timedelta(days=1)) not in _totals()


def test_all_entries_are_the_closed_days_and_what_came_since(make: Factories, tie: Residency) -> None:
    for days_ago in (9, 2, 1):
        make.entry(tie, at=_noon(days_ago))
    statistics.catch_up()
    make.entry(tie, at=now())
    assert statistics.entry_counts() == statistics.EntryCounts(today=1, total=4)


def test_days_that_nobody_has_closed_yet_count_in_full(make: Factories, tie: Residency) -> None:
    make.entry(tie, at=_noon(6))
    make.entry(tie, at=_noon(1))
    assert statistics.entry_counts(venue_id=tie.venue_id).total == 2


def test_a_venue_counts_its_own_entries_only(make: Factories, tie: Residency) -> None:
    make.entry(tie, at=_noon(1))
    make.entry(make.residency(), at=_noon(1))
    statistics.catch_up()
    assert statistics.entry_counts(venue_id=tie.venue_id).total == 1


def test_a_manager_counts_the_entries_of_the_own_area_only(make: Factories, tie: Residency) -> None:
    far = make.residency(venue=make.venue(area_code="410105008009"))
    for each in (tie, far):
        make.entry(each, at=_noon(1))
        make.entry(each, at=now())
    statistics.catch_up()
    account = make.account(Role.DISTRICT_ADMIN, "410105")
    db.session.commit()
    with using_scope(scope_of(account)):
        assert statistics.entry_counts() == statistics.EntryCounts(today=1, total=2)


@pytest.mark.parametrize("closed", [True, False])
def test_the_total_is_the_number_of_rows(make: Factories, tie: Residency, closed: bool) -> None:
    for days_ago in range(8):
        make.entry(tie, at=_noon(days_ago) if days_ago else now())
    if closed:
        statistics.catch_up()
    assert statistics.entry_counts().total == len(db.session.execute(select(EntryRecord.id)).all())
