"""The only writer of colours: a person's colour is what the rules in force make of the evidence in force (Z-H2, X1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from app import clock
from app.access import everything
from app.domain.colors import Color
from app.domain.health import (
    Fact,
    Reason,
    RuleSet,
    Stretch,
    Timeline,
    color_at,
    reasons_of,
    timeline_of,
)
from app.extensions import db
from app.models import ColorCause, ColorChange, Evidence, EvidenceState, HealthState
from app.services import health_rules
from app.services.insertion import inserting
from app.services.transaction import transaction, transactional

_STATES = HealthState.__table__
_EVIDENCE = Evidence.__table__
_CHANGES = ColorChange.__table__
_CHUNK = 2_000
_COUNTED = [state for state in EvidenceState if state.counts]
_WHOLE = "a colour is what all evidence about a person comes to, whoever owns it"
Recolored = Counter[tuple[Color, Color]]


@dataclass(frozen=True)
class PersonColor:
    """A person's colour at a moment, all reasons (worst first) and when it changes by itself. Green has no version
    where nothing was ever known about the person."""

    color: Color
    reasons: tuple[Reason, ...] = ()
    changes_at: datetime | None = None
    rules_version: str | None = None


@dataclass(frozen=True)
class Cause:
    """Why colours are computed anew, for the history."""

    kind: ColorCause
    id: int | None = None


def color_of(document_index: bytes, moment: datetime) -> PersonColor:
    """The person's colour at `moment` from what is stored; nothing has to have run when evidence ends."""
    with everything(_WHOLE):
        query = select(_STATES).where(_STATES.c.document_index == document_index)
        row = db.session.execute(query).one_or_none()
    return PersonColor(Color.GREEN) if row is None else _shown(row, moment)


def colors_of(document_indexes: Collection[bytes], moment: datetime) -> dict[bytes, Color]:
    """The colours at `moment` of those who have one stored; the others are green. One statement, for lists."""
    with everything(_WHOLE):
        query = select(_STATES.c.document_index, _STATES.c.timeline).where(
            _STATES.c.document_index.in_(list(document_indexes))
        )
        rows = db.session.execute(query).all()
    return {bytes(row.document_index): color_at(stored_timeline(row.timeline), moment).color for row in rows}


def _shown(row: Any, moment: datetime) -> PersonColor:
    stretch = color_at(stored_timeline(row.timeline), moment)
    reasons = stored_reasons(row.reasons, health_rules.of_version(row.rules_version))
    held = tuple(reason for reason in reasons if reason.holds_at(moment))
    return PersonColor(stretch.color, held, stretch.until, row.rules_version)


def stored_timeline(stored: Sequence[Sequence[str | None]]) -> Timeline:
    """A timeline from its stored form."""
    return tuple(Stretch(datetime.fromisoformat(until) if until else None, Color[str(name)]) for until, name in stored)


def stored_reasons(stored: Sequence[Sequence[Any]], rules: RuleSet) -> tuple[Reason, ...]:
    """Reasons from their stored form, with the texts of the rules that they were computed by."""
    return tuple(
        Reason(
            rules.by_key[key],
            rules.version,
            number,
            datetime.fromisoformat(began),
            datetime.fromisoformat(ends) if ends else None,
        )
        for key, number, began, ends in stored
    )


@transactional
def evaluate(document_indexes: Iterable[bytes], *, cause: Cause, moment: datetime | None = None) -> Recolored:
    """Everybody's stored colour is what the evidence in force comes to; return how many changed, by from and to."""
    moment = moment or clock.now()
    rules = health_rules.in_force(moment)
    people = sorted(set(document_indexes))
    recolored: Recolored = Counter()
    with everything(_WHOLE):
        for start in range(0, len(people), _CHUNK):
            recolored += _evaluate(people[start : start + _CHUNK], rules, cause, moment)
    return recolored


def _evaluate(people: Sequence[bytes], rules: RuleSet, cause: Cause, moment: datetime) -> Recolored:
    # First the lock, then the look: whoever adds evidence meanwhile evaluates after us and sees ours.
    before = _lock(people, rules, moment)
    facts = facts_of(people)
    values, changes = [], []
    for person in people:
        reasons = reasons_of(rules, facts.get(person, ()))
        stretches = timeline_of(reasons, moment)
        values.append(_stored(person, rules, reasons, stretches, moment))
        changes += history(person, before[person], stretches[0].color, moment=moment, cause=cause, rules=rules)
    db.session.execute(_STORE, values)
    if changes:
        db.session.execute(insert(_CHANGES), changes)
    return Counter((row["from_color"], row["to_color"]) for row in changes if row["cause"] is cause.kind)


_STORE = (
    update(_STATES)
    .where(_STATES.c.document_index == bindparam("person"))
    .values(
        {
            column.name: bindparam(f"new_{column.name}", type_=column.type)
            for column in _STATES.c
            if not column.primary_key
        }
    )
)


def _stored(
    person: bytes, rules: RuleSet, reasons: Sequence[Reason], stretches: Timeline, moment: datetime
) -> dict[str, Any]:
    # What is over already colours nobody any more; what is still to come is kept.
    kept = [reason for reason in reasons if reason.ends_at is None or reason.ends_at > moment]
    return {
        "person": person,
        "new_color": stretches[0].color,
        "new_changes_at": stretches[0].until,
        "new_timeline": [[_text(stretch.until), stretch.color.name] for stretch in stretches],
        "new_reasons": [[r.rule.key, r.fact_key, _text(r.began_at), _text(r.ends_at)] for r in kept],
        "new_rules_version": rules.version,
        "new_evaluated_at": moment,
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _lock(people: Sequence[bytes], rules: RuleSet, moment: datetime) -> dict[bytes, tuple[Timeline, datetime]]:
    """Everybody's timeline as stored and when, theirs until the transaction ends; new people are green from now."""
    green = {
        "color": Color.GREEN,
        "changes_at": None,
        "timeline": [[None, Color.GREEN.name]],
        "reasons": [],
        "rules_version": rules.version,
        "evaluated_at": moment,
    }
    adding = inserting(_STATES).on_conflict_do_nothing(index_elements=["document_index"])
    db.session.execute(adding, [{"document_index": person, **green} for person in people])
    query = select(_STATES.c.document_index, _STATES.c.timeline, _STATES.c.evaluated_at)
    query = query.where(_STATES.c.document_index.in_(people)).order_by(_STATES.c.document_index).with_for_update()
    return {
        bytes(row.document_index): (stored_timeline(row.timeline), row.evaluated_at)
        for row in db.session.execute(query)
    }


def history(
    person: bytes,
    before: tuple[Timeline, datetime],
    color: Color,
    *,
    moment: datetime,
    cause: Cause,
    rules: RuleSet,
) -> list[dict[str, Any]]:
    """The changes of colour since the last evaluation: what expired by itself meanwhile, then what changes now."""
    stretches, evaluated_at = before
    steps: list[tuple[Color, Color, datetime, Cause]] = []
    for earlier, later in pairwise(stretches):
        if earlier.until and evaluated_at < earlier.until <= moment:
            steps.append((earlier.color, later.color, earlier.until, Cause(ColorCause.EXPIRY)))
    last = color_at(stretches, moment).color
    if last is not color:
        steps.append((last, color, moment, cause))
    return [
        {
            "document_index": person,
            "from_color": from_color,
            "to_color": to_color,
            "changed_at": at,
            "cause": why.kind,
            "cause_id": why.id,
            "rules_version": rules.version,
        }
        for from_color, to_color, at, why in steps
    ]


def facts_of(people: Sequence[bytes]) -> dict[bytes, list[Fact]]:
    """The evidence in force about each of `people`, as rules see it."""
    columns = ("id", "document_index", "kind", "level", "began_at", "ends_at")
    query = select(*(_EVIDENCE.c[name] for name in columns)).where(
        _EVIDENCE.c.document_index.in_(people),
        _EVIDENCE.c.state.in_(_COUNTED),
        _EVIDENCE.c.ended_at.is_(None),
    )
    found: dict[bytes, list[Fact]] = {}
    for row in db.session.execute(query):
        fact = Fact(kind=row.kind, began_at=row.began_at, ends_at=row.ends_at, level=row.level, key=row.id)
        found.setdefault(bytes(row.document_index), []).append(fact)
    return found


def reevaluate_all(moment: datetime | None = None) -> Recolored:
    """Everybody's colour is by the rules in force; chunk by chunk, each a transaction, so that a stop loses nothing."""
    moment = moment or clock.now()
    rules = health_rules.in_force(moment)
    recolored: Recolored = Counter()
    while people := _of_other_versions(rules.version):
        with transaction():
            recolored += evaluate(people, cause=Cause(ColorCause.RULES), moment=moment)
    return recolored


def _of_other_versions(version: str) -> Sequence[bytes]:
    with everything(_WHOLE):
        query = select(_STATES.c.document_index).where(_STATES.c.rules_version != version).limit(_CHUNK)
        return [bytes(found) for found in db.session.execute(query).scalars()]


def settle_expired(moment: datetime | None = None) -> int:
    """Colours that have ended are on record as such; nobody waits for this to be green. Return how many."""
    moment, settled = moment or clock.now(), 0
    while True:
        with everything(_WHOLE):
            query = select(_STATES.c.document_index).where(_STATES.c.changes_at <= moment)
            people = [bytes(found) for found in db.session.execute(query.limit(_CHUNK)).scalars()]
        if not people:
            return settled
        evaluate(people, cause=Cause(ColorCause.EXPIRY), moment=moment)
        settled += len(people)
