"""The health code of a region as data: its rules under a version, and who decides what within which time (issue 2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from pathlib import Path
from typing import Any

import yaml

from app.domain.colors import Color
from app.domain.health import Rule, RuleSet
from app.domain.labels import Text
from app.domain.roles import Role
from app.profiles.reading import ProfileError, build


@dataclass(frozen=True)
class RuleFile:
    """Rules as they are written down: in force from the first moment of a day, until the next version's."""

    version: str
    in_force_from: date
    rules: tuple[Rule, ...]

    def in_zone(self, zone: tzinfo) -> RuleSet:
        """The rules with their days counted in `zone`."""
        start = datetime.combine(self.in_force_from, time.min, tzinfo=zone).astimezone(UTC)
        return RuleSet(version=self.version, in_force_from=start, zone=zone, rules=self.rules)


@dataclass(frozen=True)
class Ground:
    """A legal ground on which somebody may propose evidence by hand (X3)."""

    key: str
    text: Text


@dataclass(frozen=True, kw_only=True)
class HealthPolicy:
    """The region's rules and the limits of whoever works with them. Times are hours."""

    rules: RuleFile
    grounds: tuple[Ground, ...]
    proposers: frozenset[Role]
    approvers: frozenset[Role]
    # Who closes and reopens compounds.
    closers: frozenset[Role]
    # X4: more persons than this change colour only with a second person's approval, counted over the window too.
    mass_change_limit: int = 50
    mass_change_window: int = 24
    approval_hours: int = 24
    appeal_hours: int = 24
    appeal_photos: int = 3
    manual_entries_an_hour: int = 20
    # How many people one phone's forms at checkpoints colour in an hour: a family.
    declared_by_device_an_hour: int = 5

    def ground(self, key: str) -> Ground | None:
        """The ground of that key."""
        return next((ground for ground in self.grounds if ground.key == key), None)


def read_rule_file(path: Path) -> RuleFile:
    """The rules in the file `path`, checked. ProfileError says what is wrong and where."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path.name}: {error}") from None
    found: RuleFile = build(RuleFile, data, place=path.name)
    check_rules(found.rules, place=path.name)
    return found


def read_rules(text: str, *, place: str) -> tuple[Rule, ...]:
    """Rules as somebody typed them, checked. ProfileError says what is wrong and where."""
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise ProfileError(f"{place}: {error}") from None
    if not isinstance(data, list):
        raise ProfileError(f"{place}: expected a list of rules")
    return rules_from_data(data, place=place)


def rules_as_yaml(rules: Sequence[Rule]) -> str:
    """Rules as the text in which `read_rules` reads them."""
    filled = [{key: value for key, value in rule.items() if value is not None} for rule in rules_as_data(rules)]
    text: str = yaml.safe_dump(filled, allow_unicode=True, sort_keys=False, width=120)
    return text


def rules_from_data(data: Sequence[Mapping[str, Any]], *, place: str) -> tuple[Rule, ...]:
    """Rules from what `rules_as_data` made of them, checked."""
    rules: tuple[Rule, ...] = build(tuple[Rule, ...], list(data), place=place)
    check_rules(rules, place=place)
    return rules


def rules_as_data(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """Rules as plain data, in the words of the files."""
    return [
        {
            "key": rule.key,
            "kind": rule.kind.name,
            "color": rule.color.name,
            "sentence": {"zh": rule.sentence.zh, "en": rule.sentence.en},
            "advice": {"zh": rule.advice.zh, "en": rule.advice.en},
            "level": rule.level.name if rule.level else None,
            "days": rule.days,
            "is_ended_by_negative_test": rule.is_ended_by_negative_test,
        }
        for rule in rules
    ]


def check_rules(rules: Sequence[Rule], *, place: str) -> None:
    """Refuse what the types let pass: no rules, a key twice, a rule that colours nobody or for no day."""
    keys = [rule.key for rule in rules]
    if not keys:
        raise ProfileError(f"{place}: no rules")
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise ProfileError(f"{place}: {', '.join(twice)} is given twice")
    for rule in rules:
        if rule.color is Color.GREEN:
            raise ProfileError(f"{place}.{rule.key}: green needs no rule")
        if rule.days is not None and rule.days < 1:
            raise ProfileError(f"{place}.{rule.key}.days: at least one")
