"""Versions of the rules: proposed with what they change, in force by a second person's word, taken back (X4, X12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.domain.colors import Color
from app.domain.errors import DomainError
from app.domain.health import EvidenceKind
from app.domain.roles import Role
from app.extensions import db
from app.models import ChangeSet, ChangeSetState, ColorChange, HealthState, RuleState
from app.profiles.health import RuleFile
from app.services import change_sets, evidence, health_colors, health_rules, rule_changes, simulation
from app.services.audit import SYSTEM
from tests.factories import Factories
from tests.health import known


def stricter(version: str, **changes: Any) -> RuleFile:
    """The profile's rules, but a visit to a fever clinic is red."""
    own = health_rules.policy().rules
    rules = tuple(
        replace(rule, color=Color.RED) if rule.kind is EvidenceKind.FEVER_CLINIC else rule for rule in own.rules
    )
    return replace(own, version=version, rules=rules, **changes)


def visits(count: int = 3) -> list[bytes]:
    return [evidence.bring(known(EvidenceKind.FEVER_CLINIC), actor=SYSTEM).document_index for _ in range(count)]


def colors(people: list[bytes]) -> set[Color]:
    return set(health_colors.colors_of(people, clock.now()).values())


def states() -> list[Any]:
    columns = [column for column in HealthState.__table__.c if column.name != "evaluated_at"]
    return [tuple(row) for row in db.session.execute(select(*columns).order_by(columns[0]))]


def test_a_version_changes_nothing_until_a_second_person_agrees_and_is_taken_back_exactly(
    app: Flask, make: Factories
) -> None:
    people, before = visits(), states()
    before = states()
    city = make.account(Role.CITY_ADMIN)
    row = rule_changes.propose(stricter("t-agree"), account=city)
    found = db.session.get_one(ChangeSet, row.change_set_id)
    assert (found.state, found.counts) == (ChangeSetState.WAITING, {"YELLOW>RED": 3})
    assert found.sample[0]["rule"] == "fever_clinic" and found.sample[0]["name"] == "何*"
    rule_changes.follow()
    assert states() == before
    with pytest.raises(DomainError) as refused:
        change_sets.approve(found.id, account=city)
    assert refused.value.code == "own"
    change_sets.approve(found.id, account=make.account(Role.CITY_ADMIN))
    assert sum(rule_changes.follow().values()) == 3 and not rule_changes.follow()
    assert colors(people) == {Color.RED} and found.state is ChangeSetState.APPLIED
    told = health_colors.color_of(people[0], clock.now())
    assert (told.rules_version, told.reasons[0].version) == ("t-agree", "t-agree")
    change_sets.roll_back(found.id, reason="规则有误", account=city)
    rule_changes.follow()
    assert states() == before


def test_new_evidence_goes_by_the_version_in_force_at_its_moment(app: Flask, make: Factories) -> None:
    tomorrow = (clock.now() + timedelta(days=2)).date()
    row = rule_changes.propose(stricter("t-later", in_force_from=tomorrow), account=make.account(Role.CITY_ADMIN))
    change_sets.approve(int(row.change_set_id or 0), account=make.account(Role.CITY_ADMIN))
    rule_changes.follow()
    people = visits(1)
    assert colors(people) == {Color.YELLOW}
    assert simulation.color_on(people[0], row.in_force_from).color is Color.RED
    assert simulation.color_on(people[0], row.in_force_from, version="2020-07").color is Color.YELLOW
    assert simulation.color_on(people[0], clock.now(), version="t-later").color is Color.RED
    assert db.session.get_one(ChangeSet, row.change_set_id).state is ChangeSetState.APPROVED


def test_a_rejected_version_never_comes_into_force(app: Flask, make: Factories) -> None:
    people = visits(1)
    row = rule_changes.propose(stricter("t-no"), account=make.account(Role.CITY_ADMIN))
    change_sets.reject(int(row.change_set_id or 0), reason="不妥", account=make.account(Role.CITY_ADMIN))
    rule_changes.follow()
    assert row.state is RuleState.REJECTED and colors(people) == {Color.YELLOW}


@pytest.mark.parametrize(("role", "area"), [(Role.DISTRICT_ADMIN, "410102"), (Role.SYSTEM_ADMIN, "4101")])
def test_only_the_city_proposes_rules(app: Flask, make: Factories, role: Role, area: str) -> None:
    with pytest.raises(DomainError) as refused:
        rule_changes.propose(stricter("t-role"), account=make.account(role, area))
    assert refused.value.code == "role"


def test_a_version_is_never_overwritten(app: Flask, make: Factories) -> None:
    for version in ("2020-07", "t-twice", "t-twice"):
        try:
            rule_changes.propose(stricter(version), account=make.account(Role.CITY_ADMIN))
        except DomainError as fault:
            assert fault.code == "version"
        else:
            assert version == "t-twice"
    assert db.session.execute(select(ChangeSet)).scalars().one().title == "t-twice"


def test_the_history_tells_what_expired_and_what_changed(app: Flask) -> None:
    new = known(EvidenceKind.FEVER_CLINIC, ends_at=clock.now() + timedelta(hours=1))
    evidence.bring(new, actor=SYSTEM)
    later = clock.now() + timedelta(hours=2)
    assert [health_colors.settle_expired(later) for _ in range(2)] == [1, 0]
    found = db.session.execute(select(ColorChange).order_by(ColorChange.id)).scalars().all()
    told = [(change.from_color, change.to_color, change.cause.name) for change in found]
    assert told == [(Color.GREEN, Color.YELLOW, "EVIDENCE"), (Color.YELLOW, Color.GREEN, "EXPIRY")]
    assert found[1].changed_at == new.ends_at
