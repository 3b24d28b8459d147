"""Totals of entries: what venues' and areas' hours hold, however often and however late they are counted."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.access import scope_of, using_scope
from app.clock import day_bounds, hour_bounds, local_date, now
from app.domain.colors import Color
from app.domain.roles import Role
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import AreaEntryTotal, EntryHourTotal, EntryRecord, EntryRollup, Residency, Span, VenueEntryTotal
from app.profiles import load_profile
from app.services import statistics
from app.services.entry_counts import EntryCounts, entry_counts
from tests.factories import COMMUNITY, Factories

ZONE = load_profile("zhengzhou").zone


def _today() -> date:
    return local_date(now(), ZONE)


def _midnight(days_ago: int) -> datetime:
    return day_bounds(_today() - timedelta(days=days_ago), ZONE)[0]


def _noon(days_ago: int) -> datetime:
    return _midnight(days_ago) + timedelta(hours=12)


def _hours() -> dict[tuple[int, datetime], tuple[int, int]]:
    rows = db.session.execute(select(EntryHourTotal)).scalars()
    return {(row.venue_id, row.hour): (row.entries, row.abnormal) for row in rows}


def _days(venue_id: int) -> dict[int, int]:
    """The venue's totals of days that have any, by how many days ago they were."""
    query = select(VenueEntryTotal).where(VenueEntryTotal.venue_id == venue_id, VenueEntryTotal.span == Span.DAY)
    rows = db.session.execute(query.where(VenueEntryTotal.entries > 0)).scalars()
    return {(_today() - local_date(row.start, ZONE)).days: row.entries for row in rows}


def _ever(area_code: str) -> dict[VenueKind, tuple[int, int]]:
    query = select(AreaEntryTotal).where(AreaEntryTotal.area_code == area_code, AreaEntryTotal.span == Span.EVER)
    return {row.kind: (row.entries, row.abnormal) for row in db.session.execute(query).scalars() if row.entries}


@pytest.fixture
def tie(make: Factories) -> Residency:
    return make.residency()


def test_an_hour_is_counted_per_venue_with_its_red_and_yellow_entries(make: Factories, tie: Residency) -> None:
    other = make.residency()
    for color in (Color.GREEN, Color.YELLOW, Color.RED):
        make.entry(tie, at=_noon(2), color=color)
    make.entry(other, at=_noon(2) + timedelta(minutes=59))
    statistics.count_hour(_noon(2))
    assert _hours() == {(tie.venue_id, _noon(2)): (3, 2), (other.venue_id, _noon(2)): (1, 0)}


def test_every_area_that_holds_the_venue_has_the_sum_by_kind(make: Factories, tie: Residency) -> None:
    bus = make.venue(VenueKind.BUS, "4101")
    far = make.residency(venue=make.venue(area_code="410105008009"))
    make.entry(tie, at=_noon(2), color=Color.RED)
    make.entry(far, at=_noon(1))
    make.entry(tie, at=_noon(1), venue_id=bus.id, area_code="4101")
    statistics.catch_up()
    for code in (COMMUNITY, COMMUNITY[:9], COMMUNITY[:6]):
        assert _ever(code) == {VenueKind.COMPOUND: (1, 1)}
    assert _ever("4101") == {VenueKind.COMPOUND: (2, 1), VenueKind.BUS: (1, 0)}


def test_counting_an_hour_again_changes_nothing(make: Factories, tie: Residency) -> None:
    make.entry(tie, at=_noon(1))
    statistics.count_hour(_noon(1))
    before = _hours(), _days(tie.venue_id), _ever("4101")
    statistics.count_hour(_noon(1))
    statistics.catch_up()
    assert (_hours(), _days(tie.venue_id), _ever("4101")) == before


def test_a_day_is_the_region_s_calendar_day(make: Factories, tie: Residency) -> None:
    make.entry(tie, at=_midnight(1) - timedelta(seconds=1))
    make.entry(tie, at=_midnight(1))
    statistics.catch_up()
    assert _days(tie.venue_id) == {2: 1, 1: 1}
    assert set(_hours()) == {(tie.venue_id, _midnight(1) - timedelta(hours=1)), (tie.venue_id, _midnight(1))}


def test_catching_up_counts_every_hour_that_is_over_and_leaves_the_open_one(make: Factories, tie: Residency) -> None:
    moment = _noon(0) + timedelta(minutes=30)
    for at in (_noon(5), _noon(3), _noon(0) - timedelta(minutes=1), _noon(0) + timedelta(minutes=1)):
        make.entry(tie, at=at)
    statistics.catch_up(moment)
    assert sum(entries for entries, _abnormal in _hours().values()) == 3
    rollup = db.session.execute(select(EntryRollup)).scalar_one()
    assert (rollup.counted_until, rollup.finished_at) == (_noon(0), moment)


def test_a_scan_that_came_after_its_hour_was_counted_is_in_the_next_turn(make: Factories, tie: Residency) -> None:
    make.entry(tie, at=_noon(0))
    statistics.catch_up(_noon(0) + timedelta(minutes=63))
    make.entry(tie, at=_noon(0) + timedelta(minutes=59))
    statistics.catch_up(_noon(0) + timedelta(minutes=123))
    assert _days(tie.venue_id) == {0: 2}


def test_a_late_paper_form_counts_in_its_own_hour(make: Factories, tie: Residency) -> None:
    make.entry(tie, at=_noon(1))
    statistics.catch_up()
    late = make.entry(tie, at=_noon(3))
    statistics.recount(late.venue_id, late.recorded_at)
    assert _days(tie.venue_id) == {3: 1, 1: 1}
    assert _ever("4101") == {VenueKind.COMPOUND: (2, 0)}


def test_a_deleted_entry_leaves_all_totals(make: Factories, tie: Residency) -> None:
    entry = make.entry(tie, at=_noon(1), color=Color.RED)
    make.entry(make.residency(), at=_noon(1))
    statistics.catch_up()
    db.session.delete(entry)
    statistics.recount(tie.venue_id, _noon(1))
    assert (tie.venue_id, _noon(1)) not in _hours()
    assert _days(tie.venue_id) == {}
    assert _ever("4101") == {VenueKind.COMPOUND: (1, 0)}


def test_what_is_not_counted_yet_is_not_counted_twice_by_a_paper_form(make: Factories, tie: Residency) -> None:
    make.entry(tie, at=_noon(0))
    statistics.catch_up(_noon(0))
    statistics.recount(tie.venue_id, _noon(0))
    assert _hours() == {}


def test_entries_stay_with_the_area_in_which_they_were_made(make: Factories, tie: Residency) -> None:
    make.entry(tie, at=_noon(2))
    make.entry(tie, at=_noon(1), area_code="410105008009")
    statistics.catch_up()
    assert (_ever("410102"), _ever("410105")) == ({VenueKind.COMPOUND: (1, 0)}, {VenueKind.COMPOUND: (1, 0)})


def test_all_entries_are_the_totals_and_what_came_since(make: Factories, tie: Residency) -> None:
    for days_ago in (9, 2, 1):
        make.entry(tie, at=_noon(days_ago))
    statistics.catch_up()
    make.entry(tie, at=now())
    assert entry_counts() == EntryCounts(today=1, total=4)


def test_what_nobody_has_counted_yet_counts_in_full(make: Factories, tie: Residency) -> None:
    make.entry(tie, at=_noon(6))
    make.entry(tie, at=_noon(1))
    assert entry_counts(venue_id=tie.venue_id) == EntryCounts(today=0, total=2)


def test_after_a_stop_over_midnight_today_starts_at_midnight(make: Factories, tie: Residency) -> None:
    statistics.catch_up(_noon(1))
    make.entry(tie, at=_midnight(0) - timedelta(hours=2))
    make.entry(tie, at=_midnight(0))
    assert entry_counts(moment=_noon(0)) == EntryCounts(today=1, total=2)


def test_a_venue_counts_its_own_entries_only(make: Factories, tie: Residency) -> None:
    make.entry(tie, at=_noon(1))
    make.entry(make.residency(), at=_noon(1))
    statistics.catch_up()
    assert entry_counts(venue_id=tie.venue_id).total == 1


def test_a_manager_counts_the_entries_of_the_own_area_only(make: Factories, tie: Residency) -> None:
    far = make.residency(venue=make.venue(area_code="410105008009"))
    for each in (tie, far):
        make.entry(each, at=_noon(1))
        make.entry(each, at=now())
    statistics.catch_up()
    account = make.account(Role.DISTRICT_ADMIN, "410105")
    db.session.commit()
    with using_scope(scope_of(account)):
        assert entry_counts() == EntryCounts(today=1, total=2)


def test_a_sector_s_manager_counts_the_entries_of_the_own_kind_only(make: Factories, tie: Residency) -> None:
    bus = make.venue(VenueKind.BUS)
    for at in (_noon(1), now()):
        make.entry(tie, at=at)
        make.entry(tie, at=at, venue_id=bus.id)
    statistics.catch_up()
    account = make.account(Role.SECTOR_ADMIN, "4101", venue_kind=VenueKind.BUS)
    db.session.commit()
    with using_scope(scope_of(account)):
        assert entry_counts() == EntryCounts(today=1, total=2)


@pytest.mark.parametrize("counted", [True, False])
def test_the_total_is_the_number_of_rows(make: Factories, tie: Residency, counted: bool) -> None:
    for days_ago in range(8):
        make.entry(tie, at=_noon(days_ago) if days_ago else now())
    if counted:
        statistics.catch_up()
    assert entry_counts().total == db.session.execute(select(func.count(EntryRecord.id))).scalar_one()


def test_hours_and_days_share_their_bounds_in_the_region_s_zone() -> None:
    moment = _midnight(1) - timedelta(microseconds=1)
    assert hour_bounds(moment, ZONE) == (_midnight(1) - timedelta(hours=1), _midnight(1))
