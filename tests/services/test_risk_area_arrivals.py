"""What a risk-area list does to those who said at a checkpoint that they came from there (2.1, X3, X4)."""

from __future__ import annotations

from typing import Any

import pytest

from app import clock
from app.domain.colors import Color
from app.domain.health import EvidenceKind
from app.domain.risk import RiskLevel
from app.domain.roles import Role
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import (
    Account,
    ChangeSet,
    ChangeSetState,
    EntryOutcome,
    EntryRecord,
    EntrySource,
    Evidence,
    Person,
    RiskListState,
)
from app.models.entry import new_entry_id
from app.profiles import load_profile
from app.services import change_sets, evidence, health_colors, risk_areas
from app.services.audit import SYSTEM
from app.services.risk_area_import import import_official
from tests.factories import Factories
from tests.services.test_risk_areas import listed

TODAY = clock.local_date(clock.now(), load_profile("zhengzhou").zone)
WUCHANG = "420106"
IN_WUCHANG = ("湖北省", "武汉市", "武昌区")


@pytest.fixture
def account(make: Factories) -> Account:
    return make.account(Role.CITY_ADMIN)


def arrive(make: Factories, *, kind: VenueKind = VenueKind.AIRPORT, sent: Any = None, **details: Any) -> Person:
    """Somebody who declared today at such a place to come from there; `sent` is about the entry."""
    person, moment = make.person(), clock.now()
    values = {"origin_area_code": WUCHANG, "arrival_date": TODAY, "is_returnee": True, **details}
    form = make.registration(person, make.venue(kind), created_at=moment, **values)
    entry = {"source": EntrySource.SCAN, "outcome": EntryOutcome.ADMITTED, "color": Color.GREEN, **(sent or {})}
    places = {"venue_id": form.venue_id, "area_code": form.area_code, "registration_id": form.id}
    db.session.add(EntryRecord(id=new_entry_id(moment), recorded_at=moment, person_id=person.id, **places, **entry))
    db.session.flush()
    return person


def bring(account: Account, hour: str = "00", **levels: Any) -> ChangeSet:
    content = listed(f"{TODAY.isoformat()} {hour}时", **levels)
    risk_list = import_official(content, name="risk.json", account=account)
    return db.session.get_one(ChangeSet, risk_list.change_set_id)


def agreed(make: Factories, account: Account, hour: str = "00", **levels: Any) -> ChangeSet:
    """The same with a second person's word."""
    return change_sets.approve(bring(account, hour, **levels).id, account=make.account(Role.CITY_ADMIN))


def color(person: Person) -> Color:
    return health_colors.color_of(person.document_index, clock.now()).color


def test_whoever_came_from_there_on_a_day_of_the_list_takes_its_colour(make: Factories, account: Account) -> None:
    red, elsewhere = arrive(make), arrive(make, origin_area_code="310115")
    found = bring(account, highlist=[IN_WUCHANG])
    assert (found.state, found.counts) == (ChangeSetState.WAITING, {"GREEN>RED": 1})
    assert (color(red), color(elsewhere)) == (Color.GREEN, Color.GREEN)
    change_sets.approve(found.id, account=make.account(Role.CITY_ADMIN))
    assert (color(red), color(elsewhere)) == (Color.RED, Color.GREEN)
    row = Evidence.query.one()
    assert (row.kind, row.level, row.area_code) == (EvidenceKind.RISK_AREA_ARRIVAL, RiskLevel.HIGH, "410102")


def test_the_district_where_somebody_lives_answers_for_it(make: Factories, account: Account) -> None:
    person = arrive(make)
    make.residency(person, make.venue(area_code="410105003001"))
    agreed(make, account, highlist=[IN_WUCHANG])
    assert Evidence.query.one().area_code == "410105"


def test_what_is_typed_behind_a_poster_colours_nobody(make: Factories, account: Account) -> None:
    person = arrive(make, kind=VenueKind.COMPOUND)
    assert agreed(make, account, highlist=[IN_WUCHANG]).counts == {}
    assert color(person) is Color.GREEN


@pytest.mark.parametrize(
    "details",
    [{"sent": {"is_remote": True}}, {"sent": {"source": EntrySource.MANUAL}}, {"name": "别的人"}],
    ids=["from afar", "typed in at a desk", "another name than the document's"],
)
def test_a_form_that_proves_nothing_colours_nobody(make: Factories, account: Account, details: dict[str, Any]) -> None:
    person = arrive(make, **details)
    assert agreed(make, account, highlist=[IN_WUCHANG]).counts == {}
    assert color(person) is Color.GREEN


def test_a_low_risk_place_colours_nobody(make: Factories, account: Account) -> None:
    arrive(make)
    assert agreed(make, account, lowlist=[IN_WUCHANG]).counts == {}
    assert Evidence.query.count() == 0


def test_a_later_list_adds_what_is_worse_and_takes_nothing_away(make: Factories, account: Account) -> None:
    person = arrive(make)
    agreed(make, account, middlelist=[IN_WUCHANG])
    assert color(person) is Color.YELLOW
    agreed(make, account, "01", highlist=[IN_WUCHANG])
    assert color(person) is Color.RED
    agreed(make, account, "02", highlist=[("上海市", "上海市", "浦东新区")])
    assert color(person) is Color.RED
    assert Evidence.query.count() == 2


def test_what_an_appeal_ended_does_not_come_again_with_the_next_list(make: Factories, account: Account) -> None:
    person = arrive(make)
    agreed(make, account, highlist=[IN_WUCHANG])
    evidence.end(Evidence.query.one().id, reason="申诉成立", actor=SYSTEM)
    agreed(make, account, "01", highlist=[IN_WUCHANG])
    assert color(person) is Color.GREEN


def test_a_list_that_would_recolour_many_waits_and_can_be_rolled_back(make: Factories, account: Account) -> None:
    people = [arrive(make) for _ in range(51)]
    found = bring(account, highlist=[IN_WUCHANG])
    assert (found.state, found.counts) == (ChangeSetState.WAITING, {"GREEN>RED": 51})
    assert {color(person) for person in people} == {Color.GREEN}
    assert risk_areas.level_on(WUCHANG, TODAY) is None
    late = arrive(make)
    second = make.account(Role.CITY_ADMIN)
    change_sets.approve(found.id, account=second)
    assert {color(person) for person in (*people, late)} == {Color.RED}
    assert risk_areas.level_on(WUCHANG, TODAY) is RiskLevel.HIGH
    change_sets.roll_back(found.id, reason="名单有误", account=second)
    assert {color(person) for person in (*people, late)} == {Color.GREEN}
    assert risk_areas.level_on(WUCHANG, TODAY) is None
    assert RiskListState.WITHDRAWN in {row.state for row in db.session.query(risk_areas.RiskAreaList)}
