"""Why a production installation must not start: each fault names its setting, never its value (issue 1.6)."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SECRETS = ("SECRET_KEY", "FIELD_KEYS", "BLIND_INDEX_KEY", "AUDIT_KEY")
_KEY_BYTES = 32
_LEAST_CHARACTERS = 32
# A secret that repeats a few characters is a placeholder that somebody has filled up.
_LEAST_VARIETY = 8
_PLACEHOLDERS = (
    "changeme",
    "change-me",
    "change_me",
    "default",
    "example",
    "placeholder",
    "insecure",
    "your-",
    "your_",
)
_PASSWORDS = frozenset({"postgres", "password", "admin", "secret", "changeme", "change-me", "root", "redis", "123456"})
_FOR_DEMO = ("CAPTCHA", "SMS_CODE_FIXED", "SECOND_FACTOR")
_SHORTEST_IDLE, _LONGEST_IDLE = 5, 120
# The framework's doors beside ours (docs/decisions/0002).
_DOORS = {
    "FAB_ADD_SECURITY_API": "opens the API sign-in, which asks for no captcha",
    "FAB_ADD_SECURITY_VIEWS": "opens the framework's own screens of accounts",
    "FAB_API_SWAGGER_UI": "opens the framework's API",
    "AUTH_USER_REGISTRATION": "lets anybody make an account",
}
_GUARDS = (
    "SECOND_FACTOR_REQUIRED",
    "RATELIMIT_ENABLED",
    "SESSION_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_SAMESITE",
)
_LOOPBACK = ("localhost", "")


def faults(config: Any, environment: Mapping[str, str]) -> list[str]:
    """Return everything that keeps this installation from starting, all at once."""
    found = [
        *_of_secrets(config),
        *_of_switches(config, environment),
        *_of_stores(config, environment),
        *_of_addresses(config, environment),
    ]
    return list(dict.fromkeys(found))


def _of_secrets(config: Any) -> Iterator[str]:
    given = {name: str(getattr(config, name, "")) for name in SECRETS}
    demo = _demo_secrets(Path(config.DATA_DIR) / "secrets.json")
    for name, value in given.items():
        if not value:
            yield f"{name} is not set"
        elif value in demo:
            yield f"{name} is the demo's, from DATA_DIR/secrets.json"
        elif list(given.values()).count(value) > 1:
            yield f"{name} is used for another purpose too"
        elif not _is_random(name, value):
            yield f"{name} is a placeholder: it has to be {_KEY_BYTES} random bytes"
    if len(given["SECRET_KEY"]) < _LEAST_CHARACTERS:
        yield "SECRET_KEY is shorter than 32 characters"
    if config.METRICS_TOKEN and len(config.METRICS_TOKEN) < _LEAST_CHARACTERS:
        yield "METRICS_TOKEN is shorter than 32 characters"


def _is_random(name: str, value: str) -> bool:
    if any(word in value.lower() for word in _PLACEHOLDERS):
        return False
    return len(set(value)) >= _LEAST_VARIETY if name == "SECRET_KEY" else _is_keys(name, value)


def _is_keys(name: str, value: str) -> bool:
    """Whether every key in `value` is of full length and not one byte over and over; a ring has them as number:key."""
    keys = [part.partition(":")[2] for part in value.split(",")] if name == "FIELD_KEYS" else [value]
    try:
        opened = [base64.b64decode(key.strip(), validate=True) for key in keys]
    except binascii.Error:
        return False
    return all(len(key) == _KEY_BYTES and len(set(key)) >= _LEAST_VARIETY for key in opened)


def _demo_secrets(path: Path) -> frozenset[str]:
    if not path.exists():
        return frozenset()
    return frozenset(json.loads(path.read_text()).values())


def _of_switches(config: Any, environment: Mapping[str, str]) -> Iterator[str]:
    for name in _FOR_DEMO:
        if environment.get(name):
            yield f"{name} is for demo and test only"
    for name, harm in _DOORS.items():
        if getattr(config, name, False):
            yield f"{name} {harm}"
    if environment.get("FLASK_DEBUG", "") not in ("", "0"):
        yield "FLASK_DEBUG is on"
    for name in _GUARDS:
        if not getattr(config, name, False):
            yield f"{name} is off"
    if not _SHORTEST_IDLE <= config.SESSION_IDLE_MINUTES <= _LONGEST_IDLE:
        yield f"SESSION_IDLE_MINUTES must be {_SHORTEST_IDLE} to {_LONGEST_IDLE}"


def _of_stores(config: Any, environment: Mapping[str, str]) -> Iterator[str]:
    for name in ("DATABASE_URL", "REDIS_URL"):
        if not environment.get(name):
            yield f"{name} is not set"
    if config.SQLALCHEMY_DATABASE_URI.startswith("sqlite"):
        yield "DATABASE_URL must name a PostgreSQL server"
    for name, url in (("DATABASE_URL", config.SQLALCHEMY_DATABASE_URI), ("REDIS_URL", config.REDIS_URL)):
        parts = urlsplit(url)
        # A socket of this machine knows its users by itself.
        if not parts.hostname or url.startswith("sqlite"):
            continue
        if not parts.password:
            yield f"{name} names a server without a password"
        elif parts.password.lower() in _PASSWORDS or parts.password == parts.username:
            yield f"{name} has a default password"


def _of_addresses(config: Any, environment: Mapping[str, str]) -> Iterator[str]:
    if not environment.get("PUBLIC_URL"):
        yield "PUBLIC_URL is not set"
    if not config.PUBLIC_URL.startswith("https://"):
        yield "PUBLIC_URL must start with https://"
    yield from _of_names(config)
    host = environment.get("HOST", "")
    if not _is_loopback(host) and not config.TRUST_PROXY:
        yield f"HOST={host} needs TRUST_PROXY=1 and a proxy in front"
    gateway = config.SMS_GATEWAY_URL
    if gateway and not config.SMS_GATEWAY_TOKEN:
        yield "SMS_GATEWAY_TOKEN is not set, but SMS_GATEWAY_URL is"
    if gateway and not gateway.startswith("https://") and not _is_loopback(urlsplit(gateway).hostname or ""):
        yield "SMS_GATEWAY_URL must start with https://"


def _of_names(config: Any) -> Iterator[str]:
    served = config.SERVED_HOSTS
    if not served:
        yield "TRUSTED_HOSTS is not set: the names under which the proxy asks, as in PUBLIC_URL"
        return
    if any("*" in name or name == "." for name in served):
        yield "TRUSTED_HOSTS must name hosts, not a pattern"
    own = urlsplit(config.PUBLIC_URL).hostname or ""
    if not any(own == name.split(":")[0] or (name.startswith(".") and own.endswith(name)) for name in served):
        yield "TRUSTED_HOSTS does not hold the host of PUBLIC_URL"


def _is_loopback(host: str) -> bool:
    if host in _LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
