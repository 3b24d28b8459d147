"""Relatives for whom somebody applies for a health code (F-P4): how many of each, of which age, and what they answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.declared_health import DeclaredFact
from app.domain.documents import DocumentType, age_on, parse_id_card
from app.domain.errors import DomainError
from app.domain.health import EvidenceKind
from app.domain.labels import N_, Labelled, Text


class Relation(Labelled):
    """他/她与您的关系: who the relative is to the one who applies. Parents are one's own or the spouse's."""

    PARENT = N_("父母关系")
    CHILD = N_("子女关系")
    SPOUSE = N_("配偶关系")


@dataclass(frozen=True)
class RelationRule:
    """How many relatives of this kind one person may have a code for, from or below which age."""

    relation: Relation
    most: int
    from_age: int | None = None
    below_age: int | None = None

    @property
    def has_age(self) -> bool:
        return self.from_age is not None or self.below_age is not None


@dataclass(frozen=True)
class HealthQuestion:
    """A question of the form, answered by yes or no; `is_risky` is one whose 是 is a risk."""

    key: str
    text: Text
    is_risky: bool = False


def check_place(relation: Relation, held: Sequence[Relation], *, rules: Iterable[RelationRule], most: int) -> None:
    """Pass where one who has codes for `held` may apply for one more. Errors: relation, relatives_full, relation_full."""
    rule = rule_of(relation, rules)
    if len(held) >= most:
        raise DomainError(N_("每人最多可为%(most)s名家人申领"), code="relatives_full", field="relation", most=most)
    if list(held).count(relation) >= rule.most:
        message = N_("此关系的家人最多可申领%(most)s名")
        raise DomainError(message, code="relation_full", field="relation", most=rule.most)


def rule_of(relation: Relation, rules: Iterable[RelationRule]) -> RelationRule:
    """Return the region's rule for the relation. Error: relation."""
    found = next((rule for rule in rules if rule.relation is relation), None)
    if found is None:
        raise DomainError(N_("请选择他/她与您的关系"), code="relation", field="relation")
    return found


def check_age(rule: RelationRule, document_type: DocumentType, document_number: str, *, today: date) -> None:
    """Pass for a relative of the rule's age, which only an ID card's number tells. Errors: age_unknown, too_young, too_old."""
    if not rule.has_age:
        return
    if document_type is not DocumentType.ID_CARD:
        raise DomainError(N_("此关系的家人请用身份证申领，以便核对年龄"), code="age_unknown", field="document_type")
    age = age_on(today, birth_date=parse_id_card(document_number, today=today).birth_date)
    if rule.from_age is not None and age < rule.from_age:
        message = N_("此关系的家人须年满%(age)s周岁")
        raise DomainError(message, code="too_young", field="document_number", age=rule.from_age)
    if rule.below_age is not None and age >= rule.below_age:
        message = N_("此关系的家人须未满%(age)s周岁")
        raise DomainError(message, code="too_old", field="document_number", age=rule.below_age)


def risky_answers(questions: Iterable[HealthQuestion], answers: Mapping[str, bool]) -> tuple[HealthQuestion, ...]:
    """Return the questions whose answer is a risk, in the form's order."""
    return tuple(one for one in questions if one.is_risky and answers.get(one.key, False))


def facts_about_relative(questions: Iterable[HealthQuestion], answers: Mapping[str, bool]) -> tuple[DeclaredFact, ...]:
    """Return what follows from the answers (D9): however many are risky, one thing that somebody declared."""
    return (DeclaredFact(EvidenceKind.SELF_DECLARED),) if risky_answers(questions, answers) else ()
