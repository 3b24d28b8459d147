"""The demo city: made once, the same every time, with something of everything to see."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access import everything
from app.clock import local_date, now
from app.domain.colors import Color
from app.domain.documents import DocumentType, check_document, check_phone
from app.domain.quarantine import QuarantineStatus, is_in_quarantine
from app.domain.risk import RiskLevel
from app.domain.roles import Role
from app.domain.sectors import SECTORS
from app.domain.venues import VenueFamily
from app.extensions import db
from app.models import (
    Account,
    Appeal,
    AuditEvent,
    ChangeSet,
    ChangeSetState,
    EntryHourTotal,
    EntryOutcome,
    EntryRecord,
    EntrySource,
    Evidence,
    EvidenceState,
    Person,
    Residency,
    RiskArea,
    ScreeningEntry,
    Venue,
)
from app.profiles import load_profile
from app.services import attention, audit, demo, risk_areas
from app.services.demo_content import VENUES
from app.services.demo_people import DemoCity
from app.services.entry_counts import entry_counts
from app.services.lists import LISTS
from tests.conftest import empty


@pytest.fixture(scope="module")
def city(application: Flask) -> Iterator[Flask]:
    """The city, loaded once for all these tests; none of them changes it."""
    with application.app_context(), everything("a test reads what was loaded"):
        assert demo.load()
        yield application
        db.session.rollback()
        empty()
        db.session.remove()


def _today() -> date:
    return local_date(now(), load_profile("zhengzhou").zone)


def _count(*conditions: Any) -> int:
    return db.session.execute(select(func.count()).where(*conditions)).scalar_one()


def test_the_city_is_loaded_once(city: Flask) -> None:
    before = _count(Person.id > 0)
    assert not demo.load()
    assert _count(Person.id > 0) == before


def test_every_role_can_sign_in(city: Flask) -> None:
    assert {account["role"] for account in demo.accounts()} == {role.label for role in Role}
    for account in demo.accounts():
        found = city.extensions["appbuilder"].sm.auth_user_db(account["phone"], account["password"])
        assert found is not None, account["role"]


def test_a_sectors_manager_is_listed_with_the_sector(city: Flask) -> None:
    sectors = [each["sector"] for each in demo.accounts() if each["role"] == Role.SECTOR_ADMIN.label]
    assert sorted(sectors) == sorted(kind.label for kind in SECTORS)


def test_a_compound_manager_has_two_compounds_in_hand(city: Flask) -> None:
    managers = db.session.execute(select(Account).where(Account.role == Role.COMPOUND_ADMIN)).scalars()
    assert sorted(len(manager.venue_links) for manager in managers) == [1, 2]


def test_accounts_are_named_by_their_full_area(city: Flask) -> None:
    assert "郑州市中原区" in {account["area"] for account in demo.accounts()}


def test_venues_are_of_every_kind_of_the_family_and_in_three_districts(city: Flask) -> None:
    of_compounds = Venue.kind.in_(VenueFamily.COMPOUND.kinds)
    venues = db.session.execute(select(Venue).where(of_compounds)).scalars().all()
    assert {venue.kind for venue in venues} == set(VenueFamily.COMPOUND.kinds)
    assert len({venue.area_code[:6] for venue in venues}) >= 3
    assert len(venues) >= 8


def test_a_venue_is_listed_with_its_scan_address(city: Flask) -> None:
    listed = demo.venues()[0]
    venue = db.session.execute(select(Venue).where(Venue.name == listed["name"])).scalar_one()
    assert listed["url"] == f"{city.config['PUBLIC_URL']}/s/{venue.code}"


def test_everybody_has_a_valid_number_of_their_own(city: Flask) -> None:
    people = db.session.execute(select(Person)).scalars().all()
    for person in people:
        assert check_document(DocumentType.ID_CARD, person.document_number, today=_today()) == person.document_number
        assert check_phone(person.phone) == person.phone
    assert len({person.document_number for person in people}) == len(people) == 120


def test_the_first_compound_shows_every_status_and_colour(city: Flask) -> None:
    venue = db.session.execute(select(Venue).order_by(Venue.id)).scalars().first()
    assert venue is not None
    ties = db.session.execute(select(Residency).where(Residency.venue_id == venue.id)).scalars().all()
    assert {tie.status for tie in ties} == set(QuarantineStatus)
    assert {tie.color_on(_today(), load_profile("zhengzhou").quarantine) for tie in ties} == {
        Color.RED,
        Color.YELLOW,
        Color.GREEN,
    }
    assert any(not tie.is_active for tie in ties)


def test_whoever_must_isolate_has_a_first_day(city: Flask) -> None:
    ties = db.session.execute(select(Residency)).scalars().all()
    assert all(tie.quarantine_since for tie in ties if is_in_quarantine(tie.status))


@pytest.mark.parametrize("source", EntrySource)
def test_entries_came_by_scan_and_on_paper(city: Flask, source: EntrySource) -> None:
    assert _count(EntryRecord.source == source)


@pytest.mark.parametrize("outcome", EntryOutcome)
def test_some_were_let_in_and_some_refused(city: Flask, outcome: EntryOutcome) -> None:
    assert _count(EntryRecord.outcome == outcome)


def test_some_went_out_though_confirmed_in_quarantine(city: Flask) -> None:
    assert _count(EntryRecord.is_breach.is_(True))


def test_the_trail_tells_how_each_status_came_about(city: Flask) -> None:
    steps = dict(db.session.execute(select(AuditEvent.action, func.count()).group_by(AuditEvent.action)).all())
    waiting = _count(Residency.status == QuarantineStatus.PENDING)
    released = _count(Residency.status == QuarantineStatus.RELEASED)
    confirmed = _count(Residency.status == QuarantineStatus.CONFIRMED)
    missing = _count(Residency.status == QuarantineStatus.NOT_ARRIVED)
    assert steps["quarantine_by_policy"] == waiting + released + confirmed + missing
    assert steps["confirm_quarantine"] == confirmed + steps["release_finished"]
    assert steps["release_finished"] + steps["release_quarantine"] == released
    assert steps["mark_not_arrived"] == missing
    assert steps["end_residency"] == _count(Residency.ended_at.is_not(None))
    assert audit.verify() == (sum(steps.values()), None)
    texts = {str(event.changes) for event in db.session.execute(select(AuditEvent)).scalars()}
    assert not any(phone in text for (phone,) in db.session.execute(select(Account.username)) for text in texts)


def test_days_that_are_over_are_counted(city: Flask) -> None:
    assert _count(EntryHourTotal.entries > 0)
    assert entry_counts().total == _count(EntryRecord.id > 0)


def test_every_checkpoint_has_a_place_and_every_sector_codes_that_wait(city: Flask) -> None:
    listed = {(row["kind"], row["state"]) for row in demo.venues()}
    assert {(kind.label, "已激活") for kind in VenueFamily.CHECKPOINT.kinds} <= listed
    for state in ("待下发", "已下发，待激活"):
        assert {(kind.label, state) for kind in VenueFamily.SECTOR.kinds} <= listed


def test_it_is_the_same_city_every_time(city: Flask) -> None:
    def names() -> list[tuple[str, str]]:
        people = db.session.execute(select(Person).order_by(Person.id)).scalars()
        return [(person.name, person.document_number) for person in people]

    compounds = select(Venue).where(Venue.kind.in_(VenueFamily.COMPOUND.kinds)).order_by(Venue.id)
    venues = db.session.execute(compounds.limit(len(VENUES))).scalars().all()
    with db.session.no_autoflush:
        again = DemoCity(load_profile("zhengzhou"), now()).residents(
            [Venue(name=v.name, area_code=v.area_code) for v in venues]
        )
        assert [(tie.person.name, tie.person.document_number) for tie in again] == names()
    db.session.expunge_all()


def test_no_phone_number_is_given_twice(city: Flask) -> None:
    phones = [person.phone for person in db.session.execute(select(Person)).scalars()]
    assert all(one != other for one, other in itertools.pairwise(sorted(phones)))


def test_every_list_has_rows_that_wait_and_rows_that_were_worked_on(city: Flask) -> None:
    for declared in LISTS:
        rows = ScreeningEntry.kind == declared.row_kind
        assert _count(rows) > _count(rows, ScreeningEntry.worked_at.is_not(None)) >= 2, declared.title
    assert _count(ScreeningEntry.dispatched_at.is_(None)) > 0
    assert attention.count() > 0


def test_every_page_of_the_health_code_has_something_to_see_and_second_persons_decide_it(city: Flask) -> None:
    assert risk_areas.level_on("420106", _today()) is RiskLevel.HIGH
    assert _count(RiskArea.matched_code.is_(None)) == 1
    assert _count(Evidence.state == EvidenceState.IN_FORCE) >= 1
    assert _count(Evidence.state == EvidenceState.PROPOSED) == 1
    assert _count(Appeal.id > 0) == 1
    assert _count(ChangeSet.state == ChangeSetState.WAITING) == 1
    assert _count(Account.role == Role.CITY_ADMIN) == 2
