"""The evaluation of evidence by rules: pure, the same in any order, ending by itself (X1, X12, issue 2.4)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.colors import Color
from app.domain.health import (
    Evaluator,
    EvidenceKind,
    Fact,
    RuleSet,
    color_at,
    evaluate,
    first_difference,
    reasons_of,
    timeline,
)
from app.domain.risk import RiskLevel
from app.profiles import load_profile
from app.profiles.health import rules_as_data, rules_from_data

ZONE = ZoneInfo("Asia/Shanghai")
CITY = load_profile("zhengzhou").health.rules.in_zone(ZONE)
PROVINCE = load_profile("fujian").health.rules.in_zone(ZONE)
START = datetime(2020, 8, 1, tzinfo=UTC)

moments = st.integers(0, 60 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
facts = st.builds(
    Fact,
    kind=st.sampled_from(EvidenceKind),
    began_at=moments,
    ends_at=st.none() | moments,
    level=st.none() | st.sampled_from(RiskLevel),
    key=st.integers(1, 99),
)
evidence = st.lists(facts, max_size=6)
rule_sets = st.sampled_from([CITY, PROVINCE])


@given(rule_sets, evidence, moments, moments)
def test_the_timeline_agrees_with_the_evaluation_at_every_moment(
    rules: RuleSet, known: list[Fact], start: datetime, later: datetime
) -> None:
    stretches = timeline(rules, known, start)
    bounds = [stretch.until for stretch in stretches if stretch.until]
    assert bounds == sorted(set(bounds)) and stretches[-1].until is None
    for moment in {start, max(start, later), *bounds, *(bound - timedelta(microseconds=1) for bound in bounds)}:
        if moment >= start:
            found = evaluate(rules, known, moment)
            assert color_at(stretches, moment).color is found.color
            assert color_at(stretches, moment).until == found.changes_at


@given(rule_sets, evidence, st.randoms(), moments)
def test_the_order_of_events_does_not_matter(rules: RuleSet, known: list[Fact], dice, moment: datetime) -> None:
    shuffled = known[:]
    dice.shuffle(shuffled)
    assert evaluate(rules, shuffled, moment) == evaluate(rules, known, moment)


@given(rule_sets, evidence, moments)
def test_when_all_evidence_has_ended_everybody_is_green(rules: RuleSet, known: list[Fact], moment: datetime) -> None:
    ended = [Fact(kind=f.kind, began_at=f.began_at, ends_at=moment, level=f.level, key=f.key) for f in known]
    assert evaluate(rules, ended, moment).color is Color.GREEN
    assert evaluate(rules, [], moment) == evaluate(rules, ended, moment)


@given(rule_sets, evidence, moments)
def test_a_color_has_its_reasons_and_green_has_none(rules: RuleSet, known: list[Fact], moment: datetime) -> None:
    found = evaluate(rules, known, moment)
    assert found.color is Color.worst(reason.color for reason in found.reasons)
    assert (found.color is Color.GREEN) == (not found.reasons)
    held = [reason for reason in reasons_of(rules, known) if reason.holds_at(moment)]
    assert list(found.reasons) == held
    if found.reasons:
        assert found.reasons[0].color is found.color


@given(rule_sets, evidence, facts, moments)
def test_more_evidence_never_makes_a_color_better(
    rules: RuleSet, known: list[Fact], more: Fact, moment: datetime
) -> None:
    before, after = evaluate(rules, known, moment), evaluate(rules, [*known, more], moment)
    assert after.color.severity <= before.color.severity


@given(rule_sets, st.lists(evidence, max_size=5), moments)
def test_evaluating_many_at_once_gives_each_what_they_get_alone(
    rules: RuleSet, people: list[list[Fact]], moment: datetime
) -> None:
    together = Evaluator(rules, moment)
    for known in (*people, *people):
        reasons = together.reasons_of(known)
        assert reasons == reasons_of(rules, known)
        assert together.timeline_of(reasons) == timeline(rules, known, moment)


@given(rule_sets, evidence, evidence, moments)
def test_the_first_difference_is_found_wherever_it_lies(
    rules: RuleSet, one: list[Fact], other: list[Fact], start: datetime
) -> None:
    before, after = timeline(rules, one, start), timeline(rules, other, start)
    pair = first_difference(before, after, start)
    assert (pair is None) == (before == after)
    if pair:
        assert pair[0] is not pair[1]


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2020, 8, day, hour, tzinfo=ZONE)


def test_fourteen_days_are_calendar_days_of_the_region_and_the_first_is_day_zero() -> None:
    contact = Fact(kind=EvidenceKind.CLOSE_CONTACT, began_at=at(1, 23))
    found = evaluate(CITY, [contact], at(2))
    assert found.color is Color.RED and found.changes_at == at(15)
    assert evaluate(CITY, [contact], at(15) - timedelta(seconds=1)).color is Color.RED
    assert evaluate(CITY, [contact], at(15)).color is Color.GREEN


@pytest.mark.parametrize(
    ("level", "color"), [(RiskLevel.HIGH, Color.RED), (RiskLevel.MEDIUM, Color.YELLOW), (RiskLevel.LOW, Color.GREEN)]
)
def test_the_level_of_the_area_decides_the_color_of_an_arrival(level: RiskLevel, color: Color) -> None:
    arrival = Fact(kind=EvidenceKind.RISK_AREA_ARRIVAL, began_at=at(1), level=level)
    assert evaluate(CITY, [arrival], at(2)).color is color


def test_behind_red_waits_the_yellow_that_lasts_longer() -> None:
    contact = Fact(kind=EvidenceKind.CLOSE_CONTACT, began_at=at(1), key=1)
    compound = Fact(kind=EvidenceKind.CLOSED_COMPOUND, began_at=at(1), ends_at=at(20), key=2)
    colors = [(stretch.color, stretch.until) for stretch in timeline(CITY, [contact, compound], at(2))]
    assert colors == [(Color.RED, at(15)), (Color.YELLOW, at(20)), (Color.GREEN, None)]
    assert [reason.fact_key for reason in evaluate(CITY, [compound, contact], at(2)).reasons] == [1, 2]


SIX_CONDITIONS = {
    EvidenceKind.CONFIRMED_CASE: "您属于新冠肺炎确诊人员。",
    EvidenceKind.SUSPECTED_CASE: "您属于新冠肺炎疑似人员。",
    EvidenceKind.CLOSE_CONTACT: "您属于确诊或疑似人员的可能密切接触者。",
    EvidenceKind.RISK_AREA_ARRIVAL: "您来自疫情高发地区。",
    EvidenceKind.CLOSED_COMPOUND: "您是实行封闭管理小区的居民。",
    EvidenceKind.FEVER_CLINIC: "您 14 天内有发热门诊就诊记录。",
    EvidenceKind.ANTIPYRETIC: "您 14 天内有购买退烧药品记录。",
}
# A test without a doctor's word counts to the first (ours); what a family's form declares is D9.
BESIDES = {EvidenceKind.POSITIVE_TEST, EvidenceKind.SELF_DECLARED}


@pytest.mark.parametrize(("kind", "sentence"), SIX_CONDITIONS.items())
def test_each_of_the_six_conditions_of_the_province_is_orange(kind: EvidenceKind, sentence: str) -> None:
    found = evaluate(PROVINCE, [Fact(kind=kind, began_at=at(1), level=RiskLevel.HIGH)], at(2))
    reason = found.reasons[0]
    assert found.color is Color.ORANGE and reason.sentence.zh == sentence and reason.advice.zh
    assert reason.sentence.en.isascii() and reason.advice.en.isascii()


@pytest.mark.parametrize("kind", EvidenceKind)
def test_the_province_knows_green_and_orange_and_no_seventh_condition(kind: EvidenceKind) -> None:
    found = evaluate(PROVINCE, [Fact(kind=kind, began_at=at(1), level=RiskLevel.MEDIUM)], at(2))
    assert (found.color is Color.ORANGE) == (kind in {*SIX_CONDITIONS, *BESIDES})
    assert found.color in (Color.ORANGE, Color.GREEN)


@pytest.mark.parametrize("kind", [EvidenceKind.FEVER_CLINIC, EvidenceKind.ANTIPYRETIC])
def test_a_visit_or_a_purchase_colors_for_fourteen_days_in_the_province(kind: EvidenceKind) -> None:
    fact = Fact(kind=kind, began_at=at(1, 23))
    assert evaluate(PROVINCE, [fact], at(15) - timedelta(seconds=1)).color is Color.ORANGE
    assert evaluate(PROVINCE, [fact], at(15)).color is Color.GREEN


def test_a_clinic_visit_is_over_after_fourteen_days_in_the_province_and_seven_in_the_city() -> None:
    visit = Fact(kind=EvidenceKind.FEVER_CLINIC, began_at=at(1))
    assert evaluate(PROVINCE, [visit], at(2)).changes_at == at(15)
    assert evaluate(CITY, [visit], at(2)).changes_at == at(8)


@pytest.mark.parametrize("rules", [CITY, PROVINCE], ids=["city", "province"])
def test_rules_survive_their_way_through_plain_data(rules: RuleSet) -> None:
    assert rules_from_data(rules_as_data(rules.rules), place="here") == rules.rules
