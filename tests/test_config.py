"""Production starts only when it is set up in full; the switches of the demo are for the demo (issue 1.6)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import PUBLIC_URL_FILE, ConfigurationError, DemoConfig, ProductionConfig, load_config, make_secrets

_KEYS = make_secrets()
SOUND = {
    **_KEYS,
    "APP_ENV": "production",
    "DATABASE_URL": "postgresql://app:k3Xw9vQ2@db.internal/app",
    "REDIS_URL": "redis://:p7Rt4mZ8@redis.internal/0",
    "PUBLIC_URL": "https://admin.example.cn",
    "TRUSTED_HOSTS": "admin.example.cn",
}
UNSOUND = {
    "no secret": ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
    "a short secret": ({"SECRET_KEY": "change-me"}, "SECRET_KEY is shorter"),
    "a default secret": ({"SECRET_KEY": "change-me-" * 4}, "SECRET_KEY is a placeholder"),
    "a secret of one character": ({"SECRET_KEY": "a" * 48}, "SECRET_KEY is a placeholder"),
    "no field key": ({"FIELD_KEYS": ""}, "FIELD_KEYS is not set"),
    "a field key of no bytes": ({"FIELD_KEYS": "1:" + "A" * 43 + "="}, "FIELD_KEYS is a placeholder"),
    "a field key that is none": ({"FIELD_KEYS": "secret"}, "FIELD_KEYS is a placeholder"),
    "a short index key": ({"BLIND_INDEX_KEY": "c2hvcnQ="}, "BLIND_INDEX_KEY is a placeholder"),
    "one key for two purposes": ({"AUDIT_KEY": _KEYS["BLIND_INDEX_KEY"]}, "AUDIT_KEY is used for another purpose"),
    "no index key": ({"BLIND_INDEX_KEY": ""}, "BLIND_INDEX_KEY is not set"),
    "no audit key": ({"AUDIT_KEY": ""}, "AUDIT_KEY is not set"),
    "captcha switched": ({"CAPTCHA": "off"}, "CAPTCHA is for demo"),
    "a fixed code": ({"SMS_CODE_FIXED": "123456"}, "SMS_CODE_FIXED is for demo"),
    "administrators without second factor": ({"SECOND_FACTOR": "off"}, "SECOND_FACTOR is for demo"),
    "sessions that never end": ({"SESSION_IDLE_MINUTES": "600"}, "SESSION_IDLE_MINUTES must be 5 to 120"),
    "an embedded database": ({"DATABASE_URL": "sqlite:////tmp/app.db"}, "must name a PostgreSQL server"),
    "no database": ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
    "an empty database password": ({"DATABASE_URL": "postgresql://app@db.internal/app"}, "without a password"),
    "a default database password": ({"DATABASE_URL": "postgresql://app:postgres@db/app"}, "has a default password"),
    "the user's name as password": ({"DATABASE_URL": "postgresql://app:app@db/app"}, "has a default password"),
    "a Redis open to its network": ({"REDIS_URL": "redis://redis.internal/0"}, "REDIS_URL names a server without"),
    "no Redis": ({"REDIS_URL": ""}, "REDIS_URL is not set"),
    "no encryption on the way": ({"PUBLIC_URL": "http://admin.example.cn"}, "must start with https"),
    "no public address": ({"PUBLIC_URL": ""}, "PUBLIC_URL is not set"),
    "names that it answers to": ({"TRUSTED_HOSTS": ""}, "TRUSTED_HOSTS is not set"),
    "any name": ({"TRUSTED_HOSTS": "*"}, "TRUSTED_HOSTS must name hosts"),
    "another name than its own": ({"TRUSTED_HOSTS": "other.example.cn"}, "does not hold the host of PUBLIC_URL"),
    "open on one address of the network": ({"HOST": "10.1.2.3"}, "HOST=10.1.2.3 needs TRUST_PROXY=1"),
    "open to the network of version 6": ({"HOST": "::"}, "HOST=:: needs TRUST_PROXY=1"),
    "messages in the clear": (
        {"SMS_GATEWAY_URL": "http://sms.example.cn", "SMS_GATEWAY_TOKEN": "x"},
        "SMS_GATEWAY_URL must start with https",
    ),
    "a gateway without its token": ({"SMS_GATEWAY_URL": "https://sms.example.cn"}, "SMS_GATEWAY_TOKEN is not set"),
    "measures behind a word": ({"METRICS_TOKEN": "metrics"}, "METRICS_TOKEN is shorter"),
    "open to the network without a proxy": ({"HOST": "0.0.0.0"}, "needs TRUST_PROXY=1"),
    "debugging": ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG is on"),
}
_SWITCHES = (
    "CAPTCHA", "SMS_CODE_FIXED", "SECOND_FACTOR", "SESSION_IDLE_MINUTES", "HOST", "FLASK_DEBUG", "TRUST_PROXY",
    "SMS_GATEWAY_URL", "SMS_GATEWAY_TOKEN", "METRICS_TOKEN",
)  # fmt: skip
DOORS = ("FAB_ADD_SECURITY_API", "FAB_ADD_SECURITY_VIEWS", "FAB_API_SWAGGER_UI", "AUTH_USER_REGISTRATION")
GUARDS = (
    "SECOND_FACTOR_REQUIRED", "RATELIMIT_ENABLED",
    "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
)  # fmt: skip


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of a sound installation."""
    for name in _SWITCHES:
        monkeypatch.delenv(name, raising=False)
    for name, value in SOUND.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_a_sound_production_starts(production: pytest.MonkeyPatch) -> None:
    config = load_config()
    assert isinstance(config, ProductionConfig)
    assert config.CAPTCHA and config.SMS_CODE_FIXED is None and config.SESSION_COOKIE_SECURE
    assert config.SECOND_FACTOR_REQUIRED and config.SESSION_IDLE_MINUTES == 30
    assert not config.FAB_ADD_SECURITY_API and not config.FAB_ADD_SECURITY_VIEWS


def test_a_socket_of_this_machine_needs_no_password(production: pytest.MonkeyPatch) -> None:
    production.setenv("DATABASE_URL", "postgresql:///app?host=/run/postgresql")
    load_config()


@pytest.mark.parametrize("case", UNSOUND)
def test_production_refuses(production: pytest.MonkeyPatch, case: str) -> None:
    changes, said = UNSOUND[case]
    for name, value in changes.items():
        production.setenv(name, value)
    with pytest.raises(ConfigurationError, match=said):
        load_config()


@pytest.mark.parametrize("door", DOORS)
def test_production_opens_no_door_of_the_framework(production: pytest.MonkeyPatch, door: str) -> None:
    production.setattr(ProductionConfig, door, True)
    with pytest.raises(ConfigurationError, match=door):
        load_config()


@pytest.mark.parametrize("guard", GUARDS)
def test_production_keeps_its_guards(production: pytest.MonkeyPatch, guard: str) -> None:
    production.setattr(ProductionConfig, guard, False)
    with pytest.raises(ConfigurationError, match=f"{guard} is off"):
        load_config()


def test_secrets_of_a_demo_are_no_secrets(production: pytest.MonkeyPatch, tmp_path: Path) -> None:
    production.setenv("DATA_DIR", str(tmp_path))
    (tmp_path / "secrets.json").write_text(json.dumps({"FIELD_KEYS": SOUND["FIELD_KEYS"]}))
    with pytest.raises(ConfigurationError, match="FIELD_KEYS is the demo's"):
        load_config()


def test_a_proxy_of_another_machine_may_ask(production: pytest.MonkeyPatch) -> None:
    production.setenv("HOST", "0.0.0.0")
    production.setenv("TRUST_PROXY", "1")
    assert load_config().TRUST_PROXY


def test_all_faults_are_told_at_once(production: pytest.MonkeyPatch) -> None:
    production.setenv("SECRET_KEY", "")
    production.setenv("CAPTCHA", "off")
    with pytest.raises(ConfigurationError, match=r"SECRET_KEY.*CAPTCHA"):
        load_config()


def test_the_process_itself_does_not_start() -> None:
    environment = {"PATH": os.environ["PATH"], **SOUND, "SMS_CODE_FIXED": "123456"}
    root = Path(__file__).parents[1]
    command = [sys.executable, "-c", "from app import create_app; create_app()"]
    ended = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert "SMS_CODE_FIXED is for demo and test only" in ended.stderr
    assert all(SOUND[name] not in ended.stderr for name in make_secrets())


def test_an_unknown_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "prod")
    with pytest.raises(ConfigurationError, match="APP_ENV=prod is unknown"):
        load_config()


def test_the_demo_honours_its_switches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CAPTCHA", "off")
    monkeypatch.setenv("SMS_CODE_FIXED", "123456")
    config = load_config("demo")
    assert isinstance(config, DemoConfig)
    assert (config.CAPTCHA, config.SMS_CODE_FIXED, config.SECOND_FACTOR_REQUIRED) == (False, "123456", False)
    monkeypatch.setenv("SECOND_FACTOR", "on")
    assert load_config("demo").SECOND_FACTOR_REQUIRED


def test_secrets_of_the_demo_are_made_once_and_readable_by_the_owner_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    for name in make_secrets():
        monkeypatch.delenv(name, raising=False)
    first, second = load_config("demo"), load_config("demo")
    stored = tmp_path / "secrets.json"
    assert first.SECRET_KEY == second.SECRET_KEY == json.loads(stored.read_text())["SECRET_KEY"]  # type: ignore[attr-defined]
    assert stored.stat().st_mode & 0o077 == 0


def test_commands_know_the_address_at_which_a_run_on_the_same_data_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    for name in ("PORT", "HOST", "PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    assert load_config("demo").PUBLIC_URL == "http://127.0.0.1:8080"
    (tmp_path / PUBLIC_URL_FILE).write_text("http://127.0.0.1:8095/")
    assert load_config("demo").PUBLIC_URL == "http://127.0.0.1:8095"
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("HOST", "192.0.2.7")
    assert load_config("demo").PUBLIC_URL == "http://192.0.2.7:9000"
    monkeypatch.setenv("PUBLIC_URL", "https://scan.example.org")
    assert load_config("demo").PUBLIC_URL == "https://scan.example.org"
