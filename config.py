"""Settings, read from the environment: one class per environment; secrets may also lie in a file."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path
from typing import ClassVar

from app import production

ROOT = Path(__file__).parent
# Written by run.py, so that commands beside it print the addresses at which it listens.
PUBLIC_URL_FILE = "public_url"
DEMO_ENVIRONMENTS = ("demo", "test")


def _data_dir() -> Path:
    return Path(os.environ.get("DATA_DIR", ROOT / "var"))


def _database_url(default: str) -> str:
    """Return the SQLAlchemy address of the database; plain postgres:// addresses get the psycopg driver."""
    url = os.environ.get("DATABASE_URL") or default
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url[len(scheme) :]
    return url


def local_url(host: str, port: int | str) -> str:
    """Return where a browser on this machine opens what listens there."""
    name = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound here
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def make_secrets() -> dict[str, str]:
    """Return fresh random secrets, each of at least 256 bits, as text."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEYS": "1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "BLIND_INDEX_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "AUDIT_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def load_secrets(path: Path) -> dict[str, str]:
    """Return the secrets kept in `path`, made there (mode 0600) the first time; the environment wins over the file."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(make_secrets(), file, indent=1)
    stored: dict[str, str] = json.loads(path.read_text())
    return {name: os.environ.get(name, value) for name, value in stored.items()}


class ConfigurationError(RuntimeError):
    """The process must not start with these settings; the message says which and why."""


class Config:
    """What every environment shares."""

    ENVIRONMENT = "demo"
    REGION = os.environ.get("REGION", "zhengzhou")
    APP_NAME = "疫情立体化防控系统"

    WTF_CSRF_TIME_LIMIT = 8 * 3600
    SESSION_COOKIE_NAME = "admin_session"
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    REMEMBER_COOKIE_HTTPONLY = True
    REMEMBER_COOKIE_SAMESITE = "Lax"
    # A session of the back office ends after so long without a request, and after so long in any case.
    SESSION_IDLE_MINUTES = 30
    SESSION_HOURS = 12
    PERMANENT_SESSION_LIFETIME = SESSION_HOURS * 3600
    MAX_CONTENT_LENGTH = 64 * 1024 * 1024
    MAX_FORM_MEMORY_SIZE = 1024 * 1024

    BABEL_DEFAULT_LOCALE = "zh"
    BABEL_TRANSLATION_DIRECTORIES = "translations"
    LANGUAGES: ClassVar = {"zh": {"flag": "cn", "name": "中文"}, "en": {"flag": "gb", "name": "English"}}

    # The framework's own shortcuts that open doors beside ours stay shut (docs/decisions/0002).
    FAB_CREATE_DB = False
    FAB_UPDATE_PERMS = False
    FAB_ADD_SECURITY_VIEWS = False
    FAB_ADD_SECURITY_API = False
    FAB_ADD_MENU_API = False
    FAB_API_SWAGGER_UI = False
    FAB_BASE_TEMPLATE = "base.html"
    AUTH_USER_REGISTRATION = False
    # Names of accounts are sealed; they are compared as they are, and phones have no case.
    AUTH_USERNAME_CI = False

    RATELIMIT_ENABLED = True
    RATELIMIT_HEADERS_ENABLED = True
    RATELIMIT_STRATEGY = "fixed-window"

    HASHING_METHOD = "scrypt:32768:8:1"
    CAPTCHA = True
    # One-time codes at the sign-in, for the roles that open everybody's data (domain/one_time_codes.py).
    SECOND_FACTOR_REQUIRED = True
    SMS_CODE_FIXED: str | None = None
    # For all phones together; beyond it whatever can wait does.
    SMS_PER_HOUR = int(os.environ.get("SMS_PER_HOUR") or 20_000)
    # How often whoever works on an import says so; after five beats of silence it is handed on.
    IMPORT_BEAT_SECONDS = float(os.environ.get("IMPORT_BEAT_SECONDS", "2"))

    def __init__(self) -> None:
        self.DATA_DIR = _data_dir()
        self.SQLALCHEMY_DATABASE_URI = _database_url(f"sqlite:///{self.DATA_DIR / 'app.db'}")
        self.REDIS_URL = os.environ.get("REDIS_URL") or f"unix://{self.DATA_DIR / 'redis.sock'}"
        self.RATELIMIT_STORAGE_URI = self._rate_limit_storage()
        self.PUBLIC_URL = self._public_url()
        self.TRUST_PROXY = os.environ.get("TRUST_PROXY", "") == "1"
        self.SMS_GATEWAY_URL = os.environ.get("SMS_GATEWAY_URL") or None
        self.SMS_GATEWAY_TOKEN = os.environ.get("SMS_GATEWAY_TOKEN") or None
        self.METRICS_TOKEN = os.environ.get("METRICS_TOKEN") or None
        # Not the framework's own TRUSTED_HOSTS: it comes after the express lane, and turns probes away.
        self.SERVED_HOSTS = tuple(
            name.strip() for name in os.environ.get("TRUSTED_HOSTS", "").split(",") if name.strip()
        )
        self.SESSION_IDLE_MINUTES = int(os.environ.get("SESSION_IDLE_MINUTES") or self.SESSION_IDLE_MINUTES)
        self._load_secrets()

    def _public_url(self) -> str:
        """Return where phones reach this installation: as set, else where `run.py` on the same data says it listens."""
        if chosen := os.environ.get("PUBLIC_URL"):
            return chosen
        if port := os.environ.get("PORT"):
            return local_url(os.environ.get("HOST", ""), port)
        noted = self.DATA_DIR / PUBLIC_URL_FILE
        return noted.read_text().strip().rstrip("/") if noted.exists() else "http://127.0.0.1:8080"

    def _rate_limit_storage(self) -> str:
        if self.REDIS_URL.startswith("unix://"):
            return "redis+" + self.REDIS_URL
        return self.REDIS_URL

    def _load_secrets(self) -> None:
        for name, value in load_secrets(self.DATA_DIR / "secrets.json").items():
            setattr(self, name, value)

    def check(self) -> None:
        """Raise ConfigurationError when this process must not start as it is set up."""


class DemoConfig(Config):
    """The embedded installation of `make run`: demo city, switches for a check from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.CAPTCHA = os.environ.get("CAPTCHA", "on").lower() != "off"
        self.SMS_CODE_FIXED = os.environ.get("SMS_CODE_FIXED") or None
        # Printed accounts are there to be signed in to; anybody may enrol all the same.
        self.SECOND_FACTOR_REQUIRED = os.environ.get("SECOND_FACTOR", "off").lower() == "on"


class TestConfig(DemoConfig):
    """The test suite: no captcha, a fixed code, hashes of passwords that cost little, everything else as it is."""

    ENVIRONMENT = "test"
    TESTING = True
    RATELIMIT_ENABLED = False
    HASHING_METHOD = "scrypt:1024:8:1"
    __test__ = False

    def __init__(self) -> None:
        from werkzeug.security import generate_password_hash

        super().__init__()
        self.CAPTCHA = False
        self.SMS_CODE_FIXED = "123456"
        # Nobody's password costs as much as somebody's; for the method of the others the framework brings one.
        self.AUTH_DB_FAKE_PASSWORD_HASH_CHECK = generate_password_hash("nobody", method=self.HASHING_METHOD)


class ProductionConfig(Config):
    """The real installation. It takes its secrets from the environment and refuses to start half configured."""

    ENVIRONMENT = "production"
    SESSION_COOKIE_SECURE = True
    REMEMBER_COOKIE_SECURE = True

    def _load_secrets(self) -> None:
        for name in production.SECRETS:
            setattr(self, name, os.environ.get(name, ""))

    def check(self) -> None:
        faults = production.faults(self, os.environ)
        if faults:
            raise ConfigurationError("The production environment does not start: " + "; ".join(faults))


ENVIRONMENTS: dict[str, type[Config]] = {"demo": DemoConfig, "test": TestConfig, "production": ProductionConfig}


def load_config(environment: str | None = None) -> Config:
    """Return the checked settings of the named environment (default: APP_ENV, else demo)."""
    name = environment or os.environ.get("APP_ENV") or "demo"
    if name not in ENVIRONMENTS:
        raise ConfigurationError(f"APP_ENV={name} is unknown; choose one of {', '.join(ENVIRONMENTS)}")
    config = ENVIRONMENTS[name]()
    config.check()
    return config
