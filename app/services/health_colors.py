"""The only writer of colours: a person's colour is what the rules in force make of the evidence in force (Z-H2, X1)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from sqlalchemy import Select, bindparam, or_, select

from app import clock
from app.access import everything
from app.domain.colors import Color
from app.domain.errors import DomainError
from app.domain.health import (
    ALWAYS_GREEN,
    Evaluator,
    Fact,
    Reason,
    RuleSet,
    Stretch,
    Timeline,
    color_at,
)
from app.domain.labels import N_
from app.extensions import db
from app.models import ColorCause, Evidence, EvidenceState, HealthState
from app.services import health_rules, health_states
from app.services.dialects import among, as_text
from app.services.health_states import Changed, Stored
from app.services.transaction import transactional

_STATES = HealthState.__table__
_EVIDENCE = Evidence.__table__
_CHUNK = 5_000
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
        row = db.session.execute(_state_of(db.engine.dialect.name), {"of": document_index}).one_or_none()
    return PersonColor(Color.GREEN) if row is None else _shown(row, moment)


@cache
def _state_of(_dialect: str) -> Select[Any]:
    """Put together once for each database: every gate asks."""
    query = select(_STATES, as_text(_STATES.c.timeline).label("told"))
    return query.where(_STATES.c.document_index == bindparam("of"))


def colors_of(document_indexes: Collection[bytes], moment: datetime) -> dict[bytes, Color]:
    """The colours at `moment` of those who have one stored; the others are green. One statement, for lists."""
    with everything(_WHOLE):
        query = select(_STATES.c.document_index, as_text(_STATES.c.timeline).label("told")).where(
            among(_STATES.c.document_index, list(document_indexes))
        )
        rows = db.session.execute(query).all()
    return {bytes(row.document_index): color_at(stored_timeline(row.told), moment).color for row in rows}


def check_same_color(before: bytes, after: bytes, *, moment: datetime) -> None:
    """Pass where whoever goes from one document to the other keeps the colour: nobody is coloured, or freed, by one
    account that corrects a number (X3). Error: document_color.
    """
    colors = colors_of((before, after), moment)
    old, new = (colors.get(index, Color.GREEN) for index in (before, after))
    if old is not new:
        message = N_("更正证件号会使此人由%(old)s码变为%(new)s码，须先由区县管理员处理相关的健康码依据，再更正证件号")
        raise DomainError(message, code="document_color", field="document_number", old=old.label, new=new.label)


def _shown(row: Any, moment: datetime) -> PersonColor:
    stretch = color_at(stored_timeline(row.told), moment)
    reasons = stored_reasons(row.reasons, health_rules.of_version(row.rules_version))
    held = tuple(reason for reason in reasons if reason.holds_at(moment))
    return PersonColor(stretch.color, held, stretch.until, row.rules_version)


@lru_cache(maxsize=4096)
def stored_timeline(stored: str) -> Timeline:
    """A timeline from its stored form; few are different."""
    return tuple(
        Stretch(datetime.fromisoformat(until) if until else None, Color[str(name)])
        for until, name in json.loads(stored)
    )


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
    together = Evaluator(health_rules.in_force(moment), moment)
    people = sorted(set(document_indexes))
    recolored: Recolored = Counter()
    with everything(_WHOLE):
        for start in range(0, len(people), _CHUNK):
            recolored += _evaluate(people[start : start + _CHUNK], together, cause)
    return recolored


def _evaluate(people: Sequence[bytes], together: Evaluator, cause: Cause) -> Recolored:
    # First the lock, then the look: whoever adds evidence meanwhile evaluates after us and sees ours.
    before = _lock(people, together)
    facts, rules = facts_of(people), together.rules
    values: list[Stored] = []
    changes: list[Changed] = []
    for person in people:
        reasons = together.reasons_of(facts.get(person, ()))
        stretches = together.timeline_of(reasons)
        values.append(Stored.of(person, rules, reasons, stretches, together.moment))
        changes += history(person, before[person], stretches, cause=cause, together=together)
    health_states.store(values)
    health_states.remember(changes)
    return Counter((each.from_color, each.to_color) for each in changes if each.cause is cause.kind)


def _lock(people: Sequence[bytes], together: Evaluator) -> dict[bytes, tuple[Timeline, datetime]]:
    """Everybody's timeline as stored and when, theirs until the transaction ends; new people are green from now."""
    found = _locked(people)
    if len(found) < len(people):
        new = [person for person in people if person not in found]
        green = [Stored.of(person, together.rules, (), ALWAYS_GREEN, together.moment) for person in new]
        health_states.add(green)
        found = _locked(people)
    return found


def _locked(people: Sequence[bytes]) -> dict[bytes, tuple[Timeline, datetime]]:
    query = select(_STATES.c.document_index, as_text(_STATES.c.timeline), _STATES.c.evaluated_at)
    query = query.where(among(_STATES.c.document_index, people)).order_by(_STATES.c.document_index).with_for_update()
    return {
        bytes(person): (stored_timeline(told), evaluated_at)
        for person, told, evaluated_at in db.session.execute(query).all()
    }


def history(
    person: bytes,
    before: tuple[Timeline, datetime],
    after: Timeline,
    *,
    cause: Cause,
    together: Evaluator,
) -> list[Changed]:
    """The changes of colour since the last evaluation: what expired by itself meanwhile, then what changes now."""
    (stretches, evaluated_at), moment, version = before, together.moment, together.rules.version
    steps = [
        Changed(person, earlier.color, later.color, earlier.until, ColorCause.EXPIRY, None, version)
        for earlier, later in pairwise(stretches)
        if earlier.until and evaluated_at < earlier.until <= moment
    ]
    last = color_at(stretches, moment).color
    if last is not after[0].color:
        steps.append(Changed(person, last, after[0].color, moment, cause.kind, cause.id, version))
    return steps


def facts_of(people: Sequence[bytes]) -> dict[bytes, list[Fact]]:
    """The evidence in force about each of `people`, as rules see it."""
    columns = ("id", "document_index", "kind", "level", "began_at", "ends_at")
    query = select(*(_EVIDENCE.c[name] for name in columns)).where(
        among(_EVIDENCE.c.document_index, people),
        _EVIDENCE.c.state.in_(_COUNTED),
        _EVIDENCE.c.ended_at.is_(None),
    )
    found: dict[bytes, list[Fact]] = {}
    for number, person, kind, level, began_at, ends_at in db.session.execute(query).all():
        fact = Fact(kind=kind, began_at=began_at, ends_at=ends_at, level=level, key=number)
        found.setdefault(bytes(person), []).append(fact)
    return found


def reevaluate_all(moment: datetime | None = None) -> Recolored:
    """Everybody's colour is by the rules in force; chunk by chunk, each a transaction, so that a stop loses nothing."""
    recolored: Recolored = Counter()
    # Asked anew for each chunk: the version may be taken back meanwhile.
    while people := _of_other_versions(health_rules.in_force(moment or clock.now()).version):
        recolored += evaluate(people, cause=Cause(ColorCause.RULES), moment=moment)
    return recolored


def _of_other_versions(version: str) -> Sequence[bytes]:
    with everything(_WHOLE):
        # Two ranges of the index; "other than" would look at everybody.
        others = or_(_STATES.c.rules_version < version, _STATES.c.rules_version > version)
        query = select(_STATES.c.document_index).where(others).limit(_CHUNK)
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
