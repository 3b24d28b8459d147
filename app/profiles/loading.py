"""Profiles from their files."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import yaml

from app.domain.areas import AreaLevel, area_level
from app.domain.colors import Color
from app.domain.venues import VenueKind
from app.profiles.health import check_rules
from app.profiles.model import Profile
from app.profiles.reading import ProfileError, build

DIRECTORY = Path(__file__).parent
_BASES = DIRECTORY / "base"
_EXTENDS = "extends"


@lru_cache
def load_profile(name: str = "zhengzhou") -> Profile:
    """The profile in `name`.yaml, read once. ProfileError says what is wrong with it and where."""
    if name not in profile_names():
        raise ProfileError(f"{name}: no such profile; there are {', '.join(profile_names())}")
    return read_profile(DIRECTORY / f"{name}.yaml")


def profile_names() -> tuple[str, ...]:
    """The profiles that are shipped."""
    return tuple(sorted(path.stem for path in DIRECTORY.glob("*.yaml")))


def read_profile(path: Path) -> Profile:
    """The profile in the file `path`, checked; its name is the file's. What it `extends` says whatever it does not."""
    data = _read(path, place=path.name)
    base = data.pop(_EXTENDS, None)
    if base is not None:
        data = _merged(_read(_BASES / f"{base}.yaml", place=f"{path.name}.{_EXTENDS}: {base}"), data)
    profile: Profile = build(Profile, {"name": path.stem, **data}, place=path.name)
    _check(profile, path.name)
    return profile


def _read(path: Path, *, place: str) -> dict[str, Any]:
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506 - a SafeLoader
    except FileNotFoundError:
        raise ProfileError(f"{place}: no such file") from None
    except yaml.YAMLError as error:
        raise ProfileError(f"{place}: {error}") from None
    if not isinstance(data, dict):
        raise ProfileError(f"{place}: expected keys and values")
    return data


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Both, key by key and level by level; of a list or a text the region's own counts, whole."""
    merged = dict(base)
    for key, value in own.items():
        known = merged.get(key)
        merged[key] = _merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged


def _check(profile: Profile, place: str) -> None:
    """Refuse what the types let pass and screens would stumble over."""
    try:
        _ = profile.zone
    except (ZoneInfoNotFoundError, ValueError):
        raise ProfileError(f"{place}.time_zone: {profile.time_zone!r} is no time zone") from None
    if area_level(profile.area_code) not in (AreaLevel.PROVINCE, AreaLevel.CITY):
        raise ProfileError(f"{place}.area_code: a region is a province or a city")
    if missing := [kind.name for kind in VenueKind if kind not in profile.pages]:
        raise ProfileError(f"{place}.pages: no page for {', '.join(missing)}")
    _check_colors(profile, place)
    _check_relatives(profile, place)
    check_rules(profile.health.rules.rules, place=f"{place}.health.rules")


def _check_colors(profile: Profile, place: str) -> None:
    """Every colour that the region's rules and quarantine lead to is one it has words for."""
    if not profile.abnormal_colors:
        raise ProfileError(f"{place}.abnormal_colors: none")
    colors = (Color.GREEN, *profile.passing_colors, *profile.abnormal_colors)
    for name, hints in (("guard_hints.by_color", profile.guard_hints.by_color), ("codes.hints", profile.codes.hints)):
        if missing := [color.name for color in colors if color not in hints]:
            raise ProfileError(f"{place}.{name}: no hint for {', '.join(missing)}")
    given = {rule.color for rule in profile.health.rules.rules}
    given |= {profile.quarantine.early_color, profile.quarantine.late_color}
    if unknown := sorted(color.name for color in given if color not in colors):
        raise ProfileError(f"{place}: the region has no {', '.join(unknown)}")


def _check_relatives(profile: Profile, place: str) -> None:
    """What the form asks about relatives is told apart by its keys."""
    if profile.relatives is None:
        return
    keys = {
        "relations": [rule.relation.name for rule in profile.relatives.relations],
        "questions": [question.key for question in profile.relatives.questions],
    }
    for name, given in keys.items():
        if twice := sorted({key for key in given if given.count(key) > 1}):
            raise ProfileError(f"{place}.relatives.{name}: {', '.join(twice)} is given twice")


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key given twice: YAML would keep the last and lose the first without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=deep)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is given twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)
