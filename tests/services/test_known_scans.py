"""The one statement of a known scan decides as the rules of the gate do (Z-S4, Z-S9), over every combination."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from psycopg.errors import LockNotAvailable
from sqlalchemy import select

from app import clock
from app.domain.colors import Color
from app.domain.gate import Tie, judge
from app.domain.quarantine import QuarantineStatus
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import EntryOutcome, EntryRecord, Person, RememberedIdentity, Venue
from app.models.entry import new_entry_id
from app.profiles import load_profile
from app.services import identities, known_scans, scan_venues
from app.services.scan_entries import Scan, ScanResult
from app.services.scan_venues import ScanVenue
from tests.factories import Factories

PHONE = b"0123456789abcdef"
STATUSES = (None, *QuarantineStatus)
DAYS = (None, 0, 7, 8)


def today() -> date:
    return clock.local_date(clock.now(), load_profile("zhengzhou").zone)


def as_seen(venue: Venue) -> ScanVenue:
    return scan_venues.of(venue)


@pytest.mark.parametrize("kind", [VenueKind.COMPOUND, VenueKind.TESTING_SITE])
def test_the_statement_and_the_rules_agree(app: Flask, make: Factories, kind: VenueKind) -> None:
    here, there = make.venue(kind), make.venue()
    policy, prepared = load_profile("zhengzhou").quarantine, []
    for status_here, status_there, days, is_key in itertools.product(STATUSES, STATUSES, DAYS, (False, True)):
        if status_here is QuarantineStatus.NOT_ARRIVED or (status_here is None and status_there is None):
            continue  # the statement leaves these to the service, see below
        since = None if days is None else today() - timedelta(days=days)
        person = make.person()
        ties = [(venue, status) for venue, status in ((here, status_here), (there, status_there)) if status]
        for venue, status in ties:
            make.residency(person, venue, status=status, since=since, is_key_area=is_key)
        known = [
            Tie(is_here=venue is here, binds=venue.kind.binds, status=status, since=since, is_key_area=is_key)
            for venue, status in ties
        ]
        prepared.append((_remembered(make, here, person), known))
    numbers, place = [(identity.id, known) for identity, known in prepared], as_seen(here)
    db.session.commit()
    db.session.expunge_all()  # or every commit below would weigh all of them
    for number, known in numbers:
        result, entry = _register(number, place)
        expected = judge(known, venue_binds=kind.binds, today=today(), policy=policy)
        seen = (result.color, result.is_refused, result.is_key_area)
        assert seen == (expected.color, expected.is_refused, expected.is_key_area)
        stored = (entry.color, entry.outcome is EntryOutcome.REFUSED, entry.is_key_area, entry.is_breach)
        assert stored == (expected.color, expected.is_refused, expected.is_key_area, expected.is_breach)


@pytest.mark.parametrize(("days", "is_key"), [(None, False), (7, False), (8, False), (0, True)])
def test_in_another_region_the_statement_goes_by_that_regions_colors(
    app: Flask, make: Factories, monkeypatch: pytest.MonkeyPatch, days: int | None, is_key: bool
) -> None:
    monkeypatch.setitem(app.config, "REGION", "fujian")
    since = None if days is None else today() - timedelta(days=days)
    here, person = make.venue(), make.person()
    make.residency(person, here, status=QuarantineStatus.PENDING, since=since, is_key_area=is_key)
    result, entry = _scan(make, here, person)
    assert (result.color, entry.color) == (Color.ORANGE, Color.ORANGE)


def _remembered(make: Factories, venue: Venue, person: Person) -> RememberedIdentity:
    """The person, as this phone remembers them."""
    moment = clock.now()
    form = make.registration(person, venue)
    identity = RememberedIdentity(
        device_index=PHONE, person_id=person.id, registration_id=form.id, created_at=moment, last_used_at=moment
    )
    db.session.add(identity)
    db.session.flush()
    return identity


def _register(identity_id: int, place: ScanVenue) -> tuple[ScanResult, EntryRecord]:
    moment = clock.now()
    scan = Scan(entry_id=new_entry_id(moment), venue=place, device_index=PHONE, moment=moment)
    result = known_scans.register_known(identity_id, scan)
    assert result is not None
    return result, db.session.get_one(EntryRecord, scan.entry_id)


def _scan(make: Factories, venue: Venue, person: Person) -> tuple[ScanResult, EntryRecord]:
    number = _remembered(make, venue, person).id
    db.session.commit()
    return _register(number, as_seen(venue))


def _record_plain(app: Flask, number: int, place: ScanVenue) -> tuple[int, ScanResult | None]:
    """Scan in a thread of one's own; return the entry's id and what the page shows."""
    with app.app_context():
        moment = clock.now()
        scan = Scan(entry_id=new_entry_id(moment), venue=place, device_index=PHONE, moment=moment)
        return scan.entry_id, known_scans.record_plain(number, scan)


def test_who_scans_at_the_same_moment_gets_their_own_answer(app: Flask, make: Factories) -> None:
    here, there = make.venue(), make.venue()
    expected: dict[int, tuple[int, Color, bool] | None] = {}
    for turn in range(30):
        person = make.person(name=f"何{turn}")
        is_red = turn % 3 == 0
        status = QuarantineStatus.CONFIRMED if is_red else QuarantineStatus.NOT_REQUIRED
        make.residency(person, there if turn % 5 == 0 else here, status=status, since=today(), is_key_area=is_red)
        color = Color.RED if is_red else Color.GREEN
        expected[_remembered(make, here, person).id] = (person.id, color, turn % 5 == 0)
    expected[10**9] = None  # nobody whom the phone knows
    place = as_seen(here)
    db.session.commit()
    with ThreadPoolExecutor(8) as threads:
        numbers = [*expected] * 4
        done = list(threads.map(lambda number: _record_plain(app, number, place), numbers))
    db.session.expire_all()
    for number, (entry_id, result) in zip(numbers, done, strict=True):
        entry = db.session.get(EntryRecord, entry_id)
        if expected[number] is None:
            assert (result, entry) == (None, None)
        else:
            assert result is not None
            assert entry is not None
            assert (entry.person_id, entry.color, entry.outcome is EntryOutcome.REFUSED) == expected[number]
            assert (result.color, result.is_refused) == (entry.color, expected[number][2])


def test_a_page_that_is_sent_several_times_at_once_is_one_entry(make: Factories, at_once: Any) -> None:
    here, person = make.venue(), make.person()
    make.residency(person, here)
    number, place = _remembered(make, here, person).id, as_seen(here)
    db.session.commit()
    moment = clock.now()
    scan = Scan(entry_id=new_entry_id(moment), venue=place, device_index=PHONE, moment=moment)
    results = at_once(lambda _turn: known_scans.register_known(number, scan), 8)
    assert [result.color for result in results] == [Color.GREEN] * 8
    assert db.session.query(EntryRecord).count() == 1


@pytest.mark.parametrize("application", ["postgresql"], indirect=True)
def test_a_row_that_somebody_changes_holds_up_nobody_else(app: Flask, make: Factories) -> None:
    here, changed, other = make.venue(), make.person(), make.person()
    make.residency(changed, here)
    make.residency(other, here)
    locked, free = _remembered(make, here, changed).id, _remembered(make, here, other).id
    place, name = as_seen(here), other.name
    db.session.commit()
    with db.engine.connect() as connection, ThreadPoolExecutor(2) as threads:
        connection.execute(select(Person.id).where(Person.id == changed.id).with_for_update())
        waiting = threads.submit(_record_plain, app, locked, place)
        beside = threads.submit(_record_plain, app, free, place)
        result = beside.result(timeout=10)[1]
        assert result is not None
        assert result.name == name
        with pytest.raises(LockNotAvailable):  # from here it goes the ordinary way, which waits
            waiting.result(timeout=10)


def test_an_ended_tie_counts_for_nothing(app: Flask, make: Factories) -> None:
    here, there, person = make.venue(), make.venue(), make.person()
    make.residency(person, there, status=QuarantineStatus.CONFIRMED, since=today(), ended_at=clock.now())
    make.residency(person, here)
    result, entry = _scan(make, here, person)
    assert (result.is_refused, entry.is_breach) == (False, False)


def test_an_identity_used_on_another_day_is_known_to_be_in_use(app: Flask, make: Factories) -> None:
    here, person = make.venue(), make.person()
    make.residency(person, here)
    long_ago = clock.now() - timedelta(days=30)
    form = make.registration(person, here)
    identity = RememberedIdentity(
        device_index=PHONE, person_id=person.id, registration_id=form.id, created_at=long_ago, last_used_at=long_ago
    )
    db.session.add(identity)
    db.session.commit()
    moment = clock.now()
    scan = Scan(entry_id=new_entry_id(moment), venue=as_seen(here), device_index=PHONE, moment=moment)
    known_scans.register_known(identity.id, scan)
    db.session.expire_all()
    assert identity.last_used_at == moment


def test_an_identity_of_another_phone_is_unknown(app: Flask, make: Factories) -> None:
    here, person = make.venue(), make.person()
    make.residency(person, here)
    _scan(make, here, person)
    number = db.session.query(RememberedIdentity.id).scalar()
    scan = Scan(
        entry_id=new_entry_id(clock.now()),
        venue=as_seen(here),
        device_index=identities.device_index("another"),
        moment=clock.now(),
    )
    assert known_scans.register_known(number, scan) is None
    assert db.session.get(EntryRecord, scan.entry_id) is None
