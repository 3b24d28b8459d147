"""A colour is what the evidence in force comes to (Z-H2, X1, issue 2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app import clock
from app.domain.colors import Color
from app.domain.health import EvidenceKind, evaluate
from app.domain.risk import RiskLevel
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, ColorChange, Evidence, EvidenceSource, HealthState
from app.services import evidence, health_colors, health_rules
from app.services.audit import SYSTEM
from app.services.evidence import NewEvidence
from tests.factories import Factories
from tests.health import known


def test_evidence_colors_at_once_and_its_end_gives_green(app: Flask) -> None:
    new = known(EvidenceKind.POSITIVE_TEST)
    row = evidence.bring(new, actor=SYSTEM)
    found = health_colors.color_of(new.document_index, clock.now())
    assert found.color is Color.RED
    assert found.reasons[0].sentence.zh == "您的核酸检测结果为阳性。"
    evidence.end(row.id, reason="检测有误", actor=SYSTEM)
    assert health_colors.color_of(new.document_index, clock.now()).color is Color.GREEN


def test_nothing_has_to_run_for_a_color_to_end(app: Flask) -> None:
    new = known(EvidenceKind.CLOSE_CONTACT)
    evidence.bring(new, actor=SYSTEM)
    moment = clock.now()
    found = health_colors.color_of(new.document_index, moment)
    assert found.changes_at is not None and found.color is Color.RED
    assert health_colors.color_of(new.document_index, found.changes_at).color is Color.GREEN
    assert health_colors.color_of(new.document_index, found.changes_at - timedelta(seconds=1)).color is Color.RED


def test_the_same_row_brings_its_evidence_once(app: Flask) -> None:
    new = known(EvidenceKind.OVERSEAS_ARRIVAL, source_kind=EvidenceSource.SCAN, source_id=7)
    assert evidence.bring(new, actor=SYSTEM).id == evidence.bring(new, actor=SYSTEM).id


# What happens to a person: evidence of a kind so many days ago, an end of one, a proposal approved or rejected.
events = st.lists(
    st.one_of(
        st.tuples(st.just("bring"), st.sampled_from(EvidenceKind), st.integers(-2, 16), st.sampled_from(RiskLevel)),
        st.tuples(st.just("end"), st.integers(0, 5)),
        st.tuples(st.sampled_from(["approve", "reject"]), st.sampled_from(EvidenceKind)),
    ),
    max_size=6,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happened=events)
def test_the_stored_color_always_equals_the_evaluation_of_the_evidence_in_force(
    app: Flask, make: Factories, happened: Sequence[tuple[Any, ...]]
) -> None:
    officers = make.account(Role.CITY_ADMIN), make.account(Role.CITY_ADMIN)
    person = known(EvidenceKind.CONFIRMED_CASE)
    rows: list[Evidence] = []
    for event in happened:
        _happen(event, person, rows, officers)
    counted = [row.fact for row in rows if row.state.counts]
    now = clock.now()
    for days in (0, 1, 3, 7, 14, 15, 30):
        moment = now + timedelta(days=days)
        expected = evaluate(health_rules.in_force(now), counted, moment)
        found = health_colors.color_of(person.document_index, moment)
        assert (found.color, found.reasons, found.changes_at) == (
            expected.color,
            expected.reasons,
            expected.changes_at,
        )


def _happen(
    event: tuple[Any, ...], person: NewEvidence, rows: list[Evidence], officers: tuple[Account, Account]
) -> None:
    match event:
        case ("bring", kind, days, level):
            began = clock.now() - timedelta(days=days)
            rows.append(evidence.bring(replace(person, kind=kind, began_at=began, level=level), actor=SYSTEM))
        case ("end", at) if rows:
            row = rows[at % len(rows)]
            if row.state.counts:
                evidence.end(row.id, reason="x", actor=SYSTEM)
        case (("approve" | "reject") as word, kind):
            new = replace(person, kind=kind, source_kind=EvidenceSource.MANUAL)
            row = evidence.propose(new, ground="medical_report", text="x", account=officers[0])
            if word == "approve":
                evidence.approve(row.id, account=officers[1])
            else:
                evidence.reject(row.id, reason="x", account=officers[1])
            rows.append(row)


known_facts = st.lists(
    st.tuples(st.sampled_from(EvidenceKind), st.integers(-2, 16), st.sampled_from(RiskLevel), st.booleans()),
    min_size=1,
    max_size=5,
)


def stored(person: NewEvidence) -> tuple[Any, ...]:
    """What the database keeps about the person, but for the numbers of the rows."""
    row = db.session.get_one(HealthState, person.document_index, populate_existing=True)
    reasons = sorted([key, began, ends] for key, _number, began, ends in row.reasons)
    return row.color, row.timeline, reasons, row.changes_at


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=known_facts, dice=st.randoms())
def test_the_order_of_events_does_not_matter_and_without_evidence_everybody_is_green(
    app: Flask, facts: list[tuple[Any, ...]], dice: Any
) -> None:
    moment, ends = clock.now(), []
    people = [known(EvidenceKind.FEVER_CLINIC) for _ in range(2)]
    for person in people:
        dice.shuffle(facts)
        for kind, days, level, is_ended in facts:
            began = moment - timedelta(days=days)
            row = evidence.bring(replace(person, kind=kind, began_at=began, level=level), actor=SYSTEM)
            if is_ended:
                evidence.end(row.id, reason="x", actor=SYSTEM)
            else:
                ends.append(row.id)
    assert stored(people[0])[:2] == stored(people[1])[:2] and stored(people[0])[3] == stored(people[1])[3]
    assert [each[0] for each in stored(people[0])[2]] == [each[0] for each in stored(people[1])[2]]
    dice.shuffle(ends)
    for number in ends:
        evidence.end(number, reason="x", actor=SYSTEM)
    for person in people:
        row = db.session.get_one(HealthState, person.document_index, populate_existing=True)
        assert (row.color, row.timeline, row.changes_at) == (Color.GREEN, [[None, "GREEN"]], None)


def test_of_several_reasons_the_worst_comes_first_and_all_end_without_a_job(app: Flask) -> None:
    person = known(EvidenceKind.FEVER_CLINIC)
    for kind in (EvidenceKind.FEVER_CLINIC, EvidenceKind.CLOSE_CONTACT, EvidenceKind.ANTIPYRETIC):
        evidence.bring(replace(person, kind=kind), actor=SYSTEM)
    found = health_colors.color_of(person.document_index, clock.now())
    assert [reason.rule.key for reason in found.reasons] == ["close_contact", "antipyretic", "fever_clinic"]
    past = health_colors.color_of(person.document_index, clock.now() + timedelta(days=20))
    assert (past.color, past.reasons) == (Color.GREEN, ())


def test_every_change_of_a_color_is_in_the_history_with_its_cause(app: Flask) -> None:
    new = known(EvidenceKind.FEVER_CLINIC)
    first = evidence.bring(new, actor=SYSTEM)
    second = evidence.bring(replace(new, kind=EvidenceKind.CLOSE_CONTACT), actor=SYSTEM)
    evidence.bring(replace(new, kind=EvidenceKind.ANTIPYRETIC), actor=SYSTEM)  # nothing changes
    evidence.end(second.id, reason="x", actor=SYSTEM)
    found = db.session.execute(select(ColorChange).order_by(ColorChange.id)).scalars().all()
    told = [(change.from_color.name, change.to_color.name, change.cause_id) for change in found]
    assert told == [("GREEN", "YELLOW", first.id), ("YELLOW", "RED", second.id), ("RED", "YELLOW", second.id)]


def test_a_negative_test_ends_what_it_disproves_and_nothing_else(app: Flask) -> None:
    visit = known(EvidenceKind.FEVER_CLINIC)
    for kind in (EvidenceKind.FEVER_CLINIC, EvidenceKind.CLOSE_CONTACT):
        evidence.bring(replace(visit, kind=kind), actor=SYSTEM)
    before, after = (visit.began_at + timedelta(hours=hours) for hours in (-1, 1))
    counts = [
        evidence.tested_negative(visit.document_index, taken_at=at, actor=SYSTEM) for at in (before, after, after)
    ]
    assert counts == [0, 1, 0]
    reasons = health_colors.color_of(visit.document_index, clock.now()).reasons
    assert [reason.rule.kind for reason in reasons] == [EvidenceKind.CLOSE_CONTACT]
