"""The health code's colour as a pure function of rules, evidence and the moment (X1, X12, issue 2.1).

Nothing else colours anybody: no evidence, no colour but green. A reason's end is the evidence's own or the last of the
rule's days, whichever comes first; days are the region's calendar days and the first one is day 0 (D14).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import cached_property

from app.domain.colors import Color
from app.domain.labels import N_, Labelled, Text
from app.domain.risk import RiskLevel


class EvidenceKind(Labelled):
    """What may colour a person; both regions' kinds (F-P2 for the province)."""

    CONFIRMED_CASE = N_("确诊病例")
    SUSPECTED_CASE = N_("疑似病例")
    CLOSE_CONTACT = N_("密切接触者")
    RISK_AREA_ARRIVAL = N_("中高风险地区旅居史")
    POLICE_KEY_PERSON = N_("公安推送重点人员")
    POSITIVE_TEST = N_("核酸检测阳性")
    OVERSEAS_ARRIVAL = N_("境外返回")
    CLOSED_COMPOUND = N_("封控小区居民")
    FEVER_CLINIC = N_("发热门诊就诊")
    ANTIPYRETIC = N_("购买退烧药")
    SELF_DECLARED = N_("自我申报异常")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Evidence of this kind (and level, where one is named) gives this colour for so many days, or as long as it holds.

    `sentence` tells person and guard why; `advice` what to do.
    """

    key: str
    kind: EvidenceKind
    color: Color
    sentence: Text
    advice: Text
    level: RiskLevel | None = None
    days: int | None = None
    is_ended_by_negative_test: bool = False

    def applies_to(self, fact: "Fact") -> bool:
        """Whether the rule says anything about `fact`."""
        return self.kind is fact.kind and self.level in (None, fact.level)


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """A region's rules under one version; `zone` is where their days are counted."""

    version: str
    in_force_from: datetime
    zone: tzinfo
    rules: tuple[Rule, ...]

    @cached_property
    def by_key(self) -> dict[str, Rule]:
        """The rules by their keys."""
        return {rule.key: rule for rule in self.rules}

    def end_of(self, rule: Rule, fact: "Fact") -> datetime | None:
        """When `rule` stops counting `fact`, None for never by itself."""
        if rule.days is None:
            return fact.ends_at
        day = fact.began_at.astimezone(self.zone).date() + timedelta(days=rule.days)
        over = datetime.combine(day, time.min, tzinfo=self.zone).astimezone(UTC)
        return over if fact.ends_at is None else min(over, fact.ends_at)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One piece of evidence as rules see it; `key` is the evidence's number, 0 for what is only supposed."""

    kind: EvidenceKind
    began_at: datetime
    ends_at: datetime | None = None
    level: RiskLevel | None = None
    key: int = 0


@dataclass(frozen=True)
class Reason:
    """A rule that a fact meets, and for how long."""

    rule: Rule
    version: str
    fact_key: int
    began_at: datetime
    ends_at: datetime | None

    @property
    def color(self) -> Color:
        return self.rule.color

    @property
    def sentence(self) -> Text:
        return self.rule.sentence

    @property
    def advice(self) -> Text:
        return self.rule.advice

    def holds_at(self, moment: datetime) -> bool:
        """Whether the reason counts at `moment`: from its beginning until right before its end."""
        return self.began_at <= moment and (self.ends_at is None or moment < self.ends_at)


@dataclass(frozen=True)
class Stretch:
    """A colour until a moment; the last stretch of a timeline has no end."""

    until: datetime | None
    color: Color


Timeline = tuple[Stretch, ...]
ALWAYS_GREEN: Timeline = (Stretch(None, Color.GREEN),)


@dataclass(frozen=True)
class Evaluation:
    """The colour at a moment with all its reasons, worst first, and when the colour will change by itself."""

    color: Color
    reasons: tuple[Reason, ...]
    changes_at: datetime | None


def reasons_of(rules: RuleSet, facts: Iterable[Fact]) -> tuple[Reason, ...]:
    """Every reason that ever holds for `facts`, in an order that does not depend on theirs."""
    found = []
    for fact in facts:
        for rule in rules.rules:
            if rule.applies_to(fact):
                end = rules.end_of(rule, fact)
                if end is None or end > fact.began_at:
                    found.append(Reason(rule, rules.version, fact.key, fact.began_at, end))
    return tuple(sorted(found, key=_order))


def _order(reason: Reason) -> tuple[int, float, str, int, datetime]:
    # The worst first, of equals the one that lasts longest.
    end = -reason.ends_at.timestamp() if reason.ends_at else float("-inf")
    return reason.color.severity, end, reason.rule.key, reason.fact_key, reason.began_at


def evaluate(rules: RuleSet, facts: Iterable[Fact], moment: datetime) -> Evaluation:
    """The colour of a person about whom `facts` are known."""
    reasons = reasons_of(rules, facts)
    first = timeline_of(reasons, moment)[0]
    return Evaluation(first.color, tuple(reason for reason in reasons if reason.holds_at(moment)), first.until)


def timeline(rules: RuleSet, facts: Iterable[Fact], start: datetime) -> Timeline:
    """The colours from `start` on, if nothing else becomes known."""
    return timeline_of(reasons_of(rules, facts), start)


def timeline_of(reasons: Sequence[Reason], start: datetime) -> Timeline:
    """The colours that `reasons` give from `start` on; neighbours differ."""
    bounds = {moment for reason in reasons for moment in (reason.began_at, reason.ends_at) if moment and moment > start}
    stretches: list[Stretch] = []
    since = start
    for until in (*sorted(bounds), None):
        color = Color.worst(reason.color for reason in reasons if reason.holds_at(since))
        if stretches and stretches[-1].color is color:
            stretches.pop()
        stretches.append(Stretch(until, color))
        since = until or since
    return tuple(stretches)


def color_at(stretches: Timeline, moment: datetime) -> Stretch:
    """The stretch in which `moment` lies."""
    return next(stretch for stretch in stretches if stretch.until is None or moment < stretch.until)


class Evaluator:
    """The same evaluation for many people at one moment: facts of one shape are worked out once.

    What a rule makes of a fact depends on its kind, level, day and own end; what reasons come to, on their colours and
    bounds. A million people have a few hundred of these.
    """

    def __init__(self, rules: RuleSet, moment: datetime) -> None:
        self.rules, self.moment = rules, moment
        self._ends: dict[tuple[object, ...], tuple[tuple[Rule, datetime | None], ...]] = {}
        self._timelines: dict[tuple[object, ...], Timeline] = {(): ALWAYS_GREEN}

    def reasons_of(self, facts: Iterable[Fact]) -> tuple[Reason, ...]:
        """As the function of that name."""
        version = self.rules.version
        found = [
            Reason(rule, version, fact.key, fact.began_at, end)
            for fact in facts
            for rule, end in self._ends_of(fact)
            if end is None or end > fact.began_at
        ]
        return tuple(sorted(found, key=_order)) if len(found) > 1 else tuple(found)

    def _ends_of(self, fact: Fact) -> tuple[tuple[Rule, datetime | None], ...]:
        shape = (fact.kind, fact.level, fact.began_at.astimezone(self.rules.zone).date(), fact.ends_at)
        found = self._ends.get(shape)
        if found is None:
            applying = [rule for rule in self.rules.rules if rule.applies_to(fact)]
            found = self._ends[shape] = tuple((rule, self.rules.end_of(rule, fact)) for rule in applying)
        return found

    def timeline_of(self, reasons: Sequence[Reason]) -> Timeline:
        """As the function of that name, from the moment on."""
        moment = self.moment
        shape = tuple(
            (reason.rule.color, reason.began_at if reason.began_at > moment else None, reason.ends_at)
            for reason in reasons
        )
        found = self._timelines.get(shape)
        if found is None:
            found = self._timelines[shape] = timeline_of(reasons, moment)
        return found


def first_difference(before: Timeline, after: Timeline, start: datetime) -> tuple[Color, Color] | None:
    """The first two colours that differ from `start` on, None where none do.

    A change that begins tomorrow counts as much as one of today: nobody steals past the guard by a later date.
    """
    bounds = {stretch.until for stretch in (*before, *after) if stretch.until and stretch.until > start}
    for moment in (start, *sorted(bounds)):
        pair = color_at(before, moment).color, color_at(after, moment).color
        if pair[0] is not pair[1]:
            return pair
    return None
