"""From plain data to dataclasses, strictly: a misspelt key is refused with its place, never ignored."""

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints


class ProfileError(ValueError):
    """A profile's data are not as declared; the message starts with the place."""


def build(expected: Any, data: object, *, place: str) -> Any:
    """`data` as `expected`: str, int, bool, date, an enum (by member name), tuple, frozenset, mapping,
    dataclass, or one of these or None.

    `place` is the dotted path to `data`, for the message of the ProfileError.
    """
    origin = get_origin(expected)
    if origin is types.UnionType:
        # Only `X | None` is declared: what may be left out may also be null.
        return None if data is None else build(get_args(expected)[0], data, place=place)
    if origin in (tuple, frozenset):
        return _build_sequence(origin, get_args(expected)[0], data, place)
    if origin is Mapping:
        return _build_mapping(*get_args(expected), data=data, place=place)
    if is_dataclass(expected):
        return _build_dataclass(expected, data, place)
    if isinstance(expected, type) and issubclass(expected, Enum):
        return _build_member(expected, data, place)
    # bool is an int to Python, but "days: yes" is no number of days
    if not isinstance(data, expected) or (expected is int and isinstance(data, bool)):
        raise ProfileError(f"{place}: expected {expected.__name__}, found {data!r}")
    if expected is str and not str(data).strip():
        raise ProfileError(f"{place}: empty text")
    return data


def _build_sequence(origin: type, item: Any, data: object, place: str) -> Any:
    if not isinstance(data, list):
        raise ProfileError(f"{place}: expected a list, found {data!r}")
    return origin(build(item, value, place=f"{place}[{position}]") for position, value in enumerate(data))


def _build_mapping(key: Any, value: Any, *, data: object, place: str) -> Any:
    pairs = _require_mapping(data, place)
    built = {build(key, name, place=place): build(value, held, place=f"{place}.{name}") for name, held in pairs.items()}
    return types.MappingProxyType(built)


def _build_member(expected: type[Enum], data: object, place: str) -> Enum:
    try:
        return expected[str(data)]
    except KeyError:
        known = ", ".join(expected.__members__)
        raise ProfileError(f"{place}: {data!r} is none of {known}") from None


def _build_dataclass(expected: Any, data: object, place: str) -> Any:
    pairs = _require_mapping(data, place)
    declared = {declared.name: declared for declared in fields(expected)}
    if unknown := sorted(set(pairs) - set(declared)):
        raise ProfileError(f"{place}: unknown key {', '.join(unknown)}; known are {', '.join(declared)}")
    if missing := sorted(name for name, one in declared.items() if name not in pairs and _is_required(one)):
        raise ProfileError(f"{place}: missing key {', '.join(missing)}")
    hints = get_type_hints(expected)
    return expected(**{name: build(hints[name], value, place=f"{place}.{name}") for name, value in pairs.items()})


def _is_required(declared: "Field[Any]") -> bool:
    return declared.default is MISSING and declared.default_factory is MISSING


def _require_mapping(data: object, place: str) -> dict[str, object]:
    if not isinstance(data, dict):
        raise ProfileError(f"{place}: expected keys and values, found {data!r}")
    if wrong := [key for key in data if not isinstance(key, str)]:
        raise ProfileError(f"{place}: put {wrong[0]!r} in quotes, keys are texts")
    return data
