from datetime import date

import pytest

from app.domain.documents import DocumentType
from app.domain.errors import DomainError
from app.domain.health import EvidenceKind
from app.domain.labels import Text
from app.domain.relatives import (
    HealthQuestion,
    Relation,
    RelationRule,
    check_age,
    check_place,
    facts_about_relative,
    risky_answers,
)
from tests.factories import id_card

TODAY = date(2026, 11, 22)
PARENT = RelationRule(Relation.PARENT, 4, from_age=55)
CHILD = RelationRule(Relation.CHILD, 3, below_age=16)
SPOUSE = RelationRule(Relation.SPOUSE, 1)
RULES = (PARENT, CHILD, SPOUSE)
EVERYBODY = [Relation.PARENT] * 4 + [Relation.CHILD] * 3 + [Relation.SPOUSE]
QUESTIONS = (
    HealthQuestion("is_here", Text("是否在省内", "Here?")),
    HealthQuestion("is_ill", Text("是否发热", "Ill?"), is_risky=True),
    HealthQuestion("is_contact", Text("是否接触", "Contact?"), is_risky=True),
)


def refusal(relation: Relation, held: list[Relation], *, most: int = 8) -> str:
    with pytest.raises(DomainError) as fault:
        check_place(relation, held, rules=RULES, most=most)
    assert fault.value.field == "relation"
    return fault.value.code


def age_refusal(rule: RelationRule, number: str, kind: DocumentType = DocumentType.ID_CARD) -> str:
    with pytest.raises(DomainError) as fault:
        check_age(rule, kind, number, today=TODAY)
    return fault.value.code


def test_there_is_a_place_for_four_parents_three_children_and_a_spouse() -> None:
    for at, relation in enumerate(EVERYBODY):
        check_place(relation, EVERYBODY[:at], rules=RULES, most=8)


@pytest.mark.parametrize("rule", RULES)
def test_of_each_relation_there_are_no_more_than_the_rule_says(rule: RelationRule) -> None:
    held = [rule.relation] * rule.most
    assert refusal(rule.relation, held) == "relation_full"
    check_place(rule.relation, held[1:], rules=RULES, most=8)


def test_a_ninth_relative_has_no_place_whoever_it_is() -> None:
    assert {refusal(relation, EVERYBODY) for relation in Relation} == {"relatives_full"}


def test_a_relation_that_the_region_does_not_name_is_none() -> None:
    with pytest.raises(DomainError) as fault:
        check_place(Relation.SPOUSE, [], rules=[PARENT], most=8)
    assert fault.value.code == "relation"


@pytest.mark.parametrize(
    ("rule", "birth", "refused"),
    [
        (PARENT, "19711122", None),  # 55 today
        (PARENT, "19711123", "too_young"),
        (CHILD, "20101123", None),  # 16 tomorrow
        (CHILD, "20101122", "too_old"),
        (SPOUSE, "20000101", None),
    ],
)
def test_ages_are_full_years_on_the_day(rule: RelationRule, birth: str, refused: str | None) -> None:
    number = id_card(1, birth=birth)
    if refused is None:
        check_age(rule, DocumentType.ID_CARD, number, today=TODAY)
    else:
        assert age_refusal(rule, number) == refused


def test_where_an_age_counts_the_document_must_tell_it() -> None:
    assert age_refusal(PARENT, "G1234567", DocumentType.OTHER) == "age_unknown"
    check_age(SPOUSE, DocumentType.OTHER, "G1234567", today=TODAY)


@pytest.mark.parametrize(
    ("said_yes", "risky"),
    [((), ()), (("is_here",), ()), (("is_contact", "is_here", "is_ill"), ("is_ill", "is_contact"))],
)
def test_only_a_risky_question_answered_by_yes_is_a_risk(said_yes: tuple[str, ...], risky: tuple[str, ...]) -> None:
    answers = {question.key: question.key in said_yes for question in QUESTIONS}
    assert tuple(one.key for one in risky_answers(QUESTIONS, answers)) == risky
    kinds = [fact.kind for fact in facts_about_relative(QUESTIONS, answers)]
    assert kinds == ([EvidenceKind.SELF_DECLARED] if risky else [])
