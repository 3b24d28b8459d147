"""Who passes a gate, and what a new form changes (Z-S4, Z-R2, D4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.domain.colors import Color
from app.domain.gate import Obligation, Tie, after_declaration, judge, judge_declared, needs_binding
from app.domain.quarantine import QuarantineStatus
from app.domain.returns import Assessment, QuarantinePolicy

TODAY = date(2020, 4, 8)
POLICY = QuarantinePolicy()
PENDING = Assessment(QuarantineStatus.PENDING, TODAY, True, "从重点地区返回，需要隔离")


def tie(status=QuarantineStatus.NOT_REQUIRED, *, days: int = 0, is_here: bool = True, binds: bool = True) -> Tie:
    return Tie(is_here=is_here, binds=binds, status=status, since=TODAY - timedelta(days=days), is_key_area=False)


def test_a_compound_binds_whom_nothing_binds_yet() -> None:
    assert needs_binding(venue_binds=True, ties=[])
    assert needs_binding(venue_binds=True, ties=[tie(is_here=False, binds=False)])
    assert not needs_binding(venue_binds=True, ties=[tie(is_here=False)])
    assert not needs_binding(venue_binds=False, ties=[])


def test_another_compounds_resident_is_refused_at_compounds_only() -> None:
    assert judge([tie(is_here=False)], venue_binds=True, today=TODAY, policy=POLICY).is_refused
    assert not judge([tie(is_here=False)], venue_binds=False, today=TODAY, policy=POLICY).is_refused
    assert not judge([tie(), tie(is_here=False)], venue_binds=True, today=TODAY, policy=POLICY).is_refused


def test_the_worst_of_a_persons_colours_is_shown_everywhere() -> None:
    ties = [tie(), tie(QuarantineStatus.PENDING, days=8, is_here=False)]
    assert judge(ties, venue_binds=True, today=TODAY, policy=POLICY).color is Color.RED


@pytest.mark.parametrize(("days", "is_key"), [(0, False), (8, False), (0, True)])
def test_a_region_with_one_color_for_quarantine_shows_that_one(days: int, is_key: bool) -> None:
    province = QuarantinePolicy(early_color=Color.ORANGE, late_color=Color.ORANGE)
    held = replace(tie(QuarantineStatus.PENDING, days=days), is_key_area=is_key)
    declared = Assessment(QuarantineStatus.PENDING, held.since, is_key, "")
    assert judge([held], venue_binds=True, today=TODAY, policy=province).color is Color.ORANGE
    assert judge_declared(declared, TODAY, province).color is Color.ORANGE
    assert judge([tie()], venue_binds=True, today=TODAY, policy=province).color is Color.GREEN


@pytest.mark.parametrize("status", [QuarantineStatus.NOT_REQUIRED, QuarantineStatus.NOT_ARRIVED])
def test_a_return_that_obliges_makes_a_resident_pending(status: QuarantineStatus) -> None:
    present = Obligation(status=status, since=None, is_key_area=False)
    assert after_declaration(present, PENDING) == Obligation(
        status=QuarantineStatus.PENDING, since=TODAY, is_key_area=True
    )


@pytest.mark.parametrize("status", list(QuarantineStatus))
def test_a_form_without_an_obligation_takes_nothing_away(status: QuarantineStatus) -> None:
    present = Obligation(status=status, since=TODAY, is_key_area=True)
    nothing = Assessment(QuarantineStatus.NOT_REQUIRED, None, False, "非外地返回，无需隔离")
    assert after_declaration(present, nothing) == present


def test_a_release_stands_for_the_journey_it_was_given_for() -> None:
    released = Obligation(status=QuarantineStatus.RELEASED, since=TODAY, is_key_area=False)
    assert after_declaration(released, PENDING) == released
    before = Obligation(status=QuarantineStatus.RELEASED, since=TODAY - timedelta(days=30), is_key_area=False)
    assert after_declaration(before, PENDING).status is QuarantineStatus.PENDING


def test_a_later_arrival_moves_the_start_of_a_confirmed_quarantine_and_leaves_it_confirmed() -> None:
    present = Obligation(status=QuarantineStatus.CONFIRMED, since=TODAY - timedelta(days=5), is_key_area=False)
    assert after_declaration(present, PENDING) == Obligation(
        status=QuarantineStatus.CONFIRMED, since=TODAY, is_key_area=True
    )
