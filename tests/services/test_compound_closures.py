"""A closed compound: its residents are yellow from a second person's word until it reopens (issue 2.1, X4)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.access import scope_of, using_scope
from app.domain.colors import Color
from app.domain.errors import DomainError
from app.domain.roles import Role
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import Account, ChangeSet, ChangeSetState, ClosureState, CompoundClosure, Evidence, Person, Venue
from app.services import change_sets, compound_closures, evidence, health_colors
from app.services.audit import SYSTEM
from tests.factories import Factories
from tests.health import DISTRICT

GROUND = "emergency_regulation"


@pytest.fixture
def compound(make: Factories) -> Venue:
    return make.venue()


@pytest.fixture
def district(make: Factories) -> Account:
    return make.account(Role.DISTRICT_ADMIN, DISTRICT)


def residents(make: Factories, compound: Venue, count: int = 3) -> list[Person]:
    return [make.residency(venue=compound).person for _ in range(count)]


def colors(people: list[Person]) -> set[Color]:
    return {health_colors.color_of(person.document_index, clock.now()).color for person in people}


def proposed(compound: Venue, account: Account) -> CompoundClosure:
    db.session.commit()
    with using_scope(scope_of(account)):
        return compound_closures.close(compound, ground=GROUND, text="流调报告第 3 号", account=account)


def sets(state: ChangeSetState) -> list[ChangeSet]:
    query = select(ChangeSet).where(ChangeSet.state == state).order_by(ChangeSet.id)
    return list(db.session.execute(query).scalars())


def agree(make: Factories) -> None:
    """Another account of the district agrees to what waits."""
    other = make.account(Role.DISTRICT_ADMIN, DISTRICT)
    for found in sets(ChangeSetState.WAITING):
        with using_scope(scope_of(other)):
            change_sets.approve(found.id, account=other)


def closed(make: Factories, compound: Venue, account: Account) -> CompoundClosure:
    row = proposed(compound, account)
    agree(make)
    return row


def test_the_residents_are_yellow_from_a_second_persons_word(
    app: Flask, make: Factories, compound: Venue, district: Account
) -> None:
    people, stranger = residents(make, compound), make.residency().person
    row = proposed(compound, district)
    (waiting,) = sets(ChangeSetState.WAITING)
    assert (waiting.counts, waiting.area_code, colors(people)) == ({"GREEN>YELLOW": 3}, DISTRICT, {Color.GREEN})
    with pytest.raises(DomainError) as refused:
        change_sets.approve(waiting.id, account=district)
    assert refused.value.code == "own"
    agree(make)
    assert (colors(people), colors([stranger])) == ({Color.YELLOW}, {Color.GREEN})
    assert row.state is ClosureState.CLOSED and row.closed_at is not None
    found = health_colors.color_of(people[0].document_index, clock.now())
    assert found.reasons[0].sentence.zh == "您居住的小区正在封控。" and found.changes_at is None


def test_they_are_green_again_when_the_compound_reopens(
    app: Flask, make: Factories, compound: Venue, district: Account
) -> None:
    people = residents(make, compound)
    row = closed(make, compound, district)
    compound_closures.reopen(row, account=district)
    assert (colors(people), row.state) == ({Color.GREEN}, ClosureState.REOPENED)
    assert {each.end_reason for each in db.session.execute(select(Evidence)).scalars()} == {"小区解封"}
    assert colors(people) == {Color.GREEN}
    closed(make, compound, district)
    assert colors(people) == {Color.YELLOW}


def test_a_large_compound_reopens_with_a_second_person(
    app: Flask, make: Factories, compound: Venue, district: Account
) -> None:
    people = residents(make, compound, 51)
    row = closed(make, compound, district)
    compound_closures.reopen(row, account=district)
    assert (colors(people), row.state) == ({Color.YELLOW}, ClosureState.CLOSED)
    agree(make)
    assert (colors(people), row.state) == ({Color.GREEN}, ClosureState.REOPENED)
    reopening = sets(ChangeSetState.APPLIED)[-1]
    change_sets.roll_back(reopening.id, reason="误操作", account=make.account(Role.CITY_ADMIN))
    assert (colors(people), row.state) == ({Color.YELLOW}, ClosureState.CLOSED)


def test_who_registers_later_is_not_coloured_before_somebody_agrees(
    app: Flask, make: Factories, compound: Venue, district: Account
) -> None:
    residents(make, compound)
    row = closed(make, compound, district)
    later = residents(make, compound, 1)
    assert colors(later) == {Color.GREEN}
    compound_closures.extend(row, account=district)
    assert sets(ChangeSetState.WAITING)[0].counts == {"GREEN>YELLOW": 1} and colors(later) == {Color.GREEN}
    agree(make)
    assert colors(later) == {Color.YELLOW}
    with pytest.raises(DomainError) as refused:
        compound_closures.extend(row, account=district)
    assert refused.value.code == "closure_nobody"


def test_whom_an_appeal_freed_is_not_brought_again(
    app: Flask, make: Factories, compound: Venue, district: Account
) -> None:
    people = residents(make, compound)
    row = closed(make, compound, district)
    query = select(Evidence.id).where(Evidence.document_index == people[0].document_index)
    evidence.end(db.session.execute(query).scalar_one(), reason="申诉成立", actor=SYSTEM)
    later = residents(make, compound, 1)
    compound_closures.extend(row, account=district)
    agree(make)
    assert (colors(people[:1]), colors([*people[1:], *later])) == ({Color.GREEN}, {Color.YELLOW})


def test_a_closing_taken_back_or_rejected_leaves_nobody_yellow(
    app: Flask, make: Factories, compound: Venue, district: Account
) -> None:
    people, city = residents(make, compound), make.account(Role.CITY_ADMIN)
    rejected = proposed(compound, district)
    change_sets.reject(sets(ChangeSetState.WAITING)[0].id, reason="依据不足", account=city)
    assert (rejected.state, colors(people)) == (ClosureState.REJECTED, {Color.GREEN})
    row = closed(make, compound, district)
    people += residents(make, compound, 1)
    compound_closures.extend(row, account=district)
    agree(make)
    change_sets.roll_back(sets(ChangeSetState.APPLIED)[0].id, reason="有误", account=city)
    assert (row.state, colors(people)) == (ClosureState.WITHDRAWN, {Color.GREEN})


@pytest.mark.parametrize(
    ("role", "area", "code"),
    [
        (Role.STREET_ADMIN, "410102001", "role"),
        (Role.COMPOUND_ADMIN, "410102001002", "role"),
        (Role.DISTRICT_ADMIN, "410103", "area"),
    ],
)
def test_only_the_district_and_the_city_close_a_compound(
    app: Flask, make: Factories, compound: Venue, role: Role, area: str, code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        compound_closures.close(compound, ground=GROUND, text="x", account=make.account(role, area))
    assert refused.value.code == code


def test_a_closing_needs_a_ground_a_text_and_an_open_compound(
    app: Flask, make: Factories, compound: Venue, district: Account
) -> None:
    shop = make.venue(VenueKind.RETAIL_STORE)
    db.session.commit()
    for venue, ground, text, code in (
        (compound, "because", "x", "ground"),
        (compound, GROUND, " ", "text"),
        (shop, GROUND, "x", "closure_venue"),
    ):
        with pytest.raises(DomainError) as refused:
            compound_closures.close(venue, ground=ground, text=text, account=district)
        assert refused.value.code == code
    proposed(compound, district)
    with pytest.raises(DomainError) as refused:
        compound_closures.close(compound, ground=GROUND, text="x", account=district)
    assert refused.value.code == "closure_open"
