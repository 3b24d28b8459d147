"""Profiles from their files."""

from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import yaml

from app.domain.areas import AreaLevel, area_level
from app.domain.colors import Color
from app.domain.venues import VenueKind
from app.profiles.health import check_rules
from app.profiles.model import Profile
from app.profiles.reading import ProfileError, build

DIRECTORY = Path(__file__).parent


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
    """The profile in the file `path`, checked; its name is the file's."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise ProfileError(f"{path.name}: {error}") from None
    if not isinstance(data, dict):
        raise ProfileError(f"{path.name}: expected keys and values")
    profile: Profile = build(Profile, {"name": path.stem, **data}, place=path.name)
    _check(profile, path.name)
    return profile


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
    hints = profile.guard_hints.by_color
    if missing := [color.name for color in (Color.GREEN, *profile.passing_colors) if color not in hints]:
        raise ProfileError(f"{place}.guard_hints.by_color: no hint for {', '.join(missing)}")
    check_rules(profile.health.rules.rules, place=f"{place}.health.rules")


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
