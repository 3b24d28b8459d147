"""What would be: a person's colour on another day or by other rules, and what a change would do to everybody (X12).

Nothing here writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app import clock
from app.access import everything
from app.domain.colors import Color
from app.domain.health import (
    ALWAYS_GREEN,
    Evaluation,
    Fact,
    RuleSet,
    evaluate,
    first_difference,
    timeline,
)
from app.domain.masking import mask_document, mask_name
from app.extensions import db
from app.models import Evidence, EvidenceState, HealthState
from app.services import health_colors, health_rules

if TYPE_CHECKING:
    from app.services.evidence import NewEvidence

SAMPLE = 20
_CHUNK = 5_000
_EVIDENCE = Evidence.__table__
_WHOLE = "a simulation reads all evidence about a person"
_COUNTED = [state for state in EvidenceState if state.counts]


@dataclass(frozen=True)
class Preview:
    """What a change would do: persons by "GREEN>RED", and a few of them, masked."""

    counts: dict[str, int] = field(default_factory=dict)
    sample: tuple[dict[str, Any], ...] = ()

    @property
    def changed(self) -> int:
        return sum(self.counts.values())


def color_on(document_index: bytes, moment: datetime, *, version: str | None = None) -> Evaluation:
    """What the person's colour would be, or would have been, at `moment` by that version of the rules (those then in
    force), from all that is known by now."""
    rules = health_rules.of_version(version) if version else health_rules.in_force(moment)
    with everything(_WHOLE):
        query = select(Evidence).where(Evidence.document_index == document_index, Evidence.state.in_(_COUNTED))
        facts = [row.fact for row in db.session.execute(query).scalars()]
    return evaluate(rules, facts, moment)


def of_change(brings: Sequence[NewEvidence], *, ends: Collection[int] = ()) -> Preview:
    """What this evidence and these ends would change for everybody."""
    added: dict[bytes, list[Fact]] = {}
    names: dict[bytes, tuple[str, str]] = {}
    for new in brings:
        person = new.document_index
        fact = Fact(kind=new.kind, began_at=new.began_at, ends_at=new.ends_at, level=new.level)
        added.setdefault(person, []).append(fact)
        names.setdefault(person, (mask_name(new.name), mask_document(new.document_number)))
    with everything(_WHOLE):
        people = set(added)
        if ends:
            query = select(_EVIDENCE.c.document_index).where(_EVIDENCE.c.id.in_(list(ends)))
            people |= {bytes(found) for found in db.session.execute(query).scalars()}
        return of_facts(sorted(people), added=added, ends=frozenset(ends), names=names)


def of_facts(
    people: Sequence[bytes],
    *,
    added: Mapping[bytes, Sequence[Fact]],
    ends: Collection[int] = (),
    names: Mapping[bytes, tuple[str, str]] | None = None,
    moment: datetime | None = None,
) -> Preview:
    """What these facts would change for `people`; `names` are those of the sample, masked."""
    moment = moment or clock.now()
    rules = health_rules.in_force(moment)
    found = _Found(moment, names or {})
    for start in range(0, len(people), _CHUNK):
        chunk = people[start : start + _CHUNK]
        present = health_colors.facts_of(chunk)
        for person in chunk:
            known = present.get(person, [])
            after = [fact for fact in known if fact.key not in ends]
            after += added.get(person, [])
            found.compare(person, (rules, known), (rules, after))
    return found.preview()


def of_rules(rules: RuleSet, moment: datetime | None = None) -> Preview:
    """What these rules would change for everybody from `moment` on."""
    moment = moment or clock.now()
    present = health_rules.in_force(moment)
    found = _Found(moment, {})
    with everything(_WHOLE):
        for people in _everybody():
            facts = health_colors.facts_of(people)
            for person in people:
                known = facts.get(person, [])
                found.compare(person, (present, known), (rules, known))
        return found.preview()


def _everybody() -> Iterable[Sequence[bytes]]:
    last = b""
    states = HealthState.__table__
    while True:
        query = select(states.c.document_index).where(states.c.document_index > last)
        people = [
            bytes(each) for each in db.session.execute(query.order_by(states.c.document_index).limit(_CHUNK)).scalars()
        ]
        if not people:
            return
        yield people
        last = people[-1]


Side = tuple[RuleSet, Sequence[Fact]]


class _Found:
    """Who changes, counted while people go by."""

    def __init__(self, moment: datetime, names: Mapping[bytes, tuple[str, str]]) -> None:
        self._moment, self._names = moment, names
        self._counts: Counter[tuple[Color, Color]] = Counter()
        self._sample: list[tuple[bytes, Color, Color, str]] = []

    def compare(self, person: bytes, before: Side, after: Side) -> None:
        """Count the person where the colour becomes another at any moment from here on."""
        old = timeline(*before, self._moment) if before[1] else ALWAYS_GREEN
        new = timeline(*after, self._moment) if after[1] else ALWAYS_GREEN
        pair = first_difference(old, new, self._moment)
        if pair is None:
            return
        self._counts[pair] += 1
        if len(self._sample) < SAMPLE:
            reasons = evaluate(*after, self._moment).reasons
            self._sample.append((person, *pair, reasons[0].rule.key if reasons else ""))

    def preview(self) -> Preview:
        """The counts, and the sample with its masked names."""
        names = dict(self._names)
        unknown = [person for person, *_ in self._sample if person not in names]
        if unknown:
            query = select(Evidence).where(Evidence.document_index.in_(unknown)).order_by(Evidence.id)
            for row in db.session.execute(query).scalars():
                names.setdefault(row.document_index, (row.masked_name, row.masked_document))
        sample = tuple(
            {"name": names[person][0], "document": names[person][1], "from": old.name, "to": new.name, "rule": rule}
            for person, old, new, rule in self._sample
            if person in names
        )
        return Preview({f"{old.name}>{new.name}": count for (old, new), count in self._counts.items()}, sample)
