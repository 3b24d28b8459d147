"""What the environment of `make run` changes: PORT, HOST, DATABASE_URL, REDIS_URL (issue 1.1)."""

from pathlib import Path

import pytest

from app.runtime.settings import ROOT, RunSettings, data_folder, web_program

CHOSEN = ("PORT", "HOST", "DATABASE_URL", "REDIS_URL", "DATA_DIR", "APP_ENV")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Nothing is chosen but the folder of the data; whatever a start adds is taken back."""
    for name in CHOSEN:
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    return monkeypatch


def test_without_settings_it_listens_here_alone_with_a_redis_of_its_own(environment, tmp_path: Path) -> None:
    settings = RunSettings.from_environment()
    assert settings.url == "http://127.0.0.1:8080/"
    assert settings.is_redis_embedded
    assert settings.redis_url == f"unix://{tmp_path}/redis.sock"


def test_host_and_port_are_where_the_web_server_listens(environment) -> None:
    environment.setenv("HOST", "0.0.0.0")
    environment.setenv("PORT", "9090")
    settings = RunSettings.from_environment()
    command = web_program(settings).command
    assert command[command.index("--host") + 1] == "0.0.0.0"
    assert command[command.index("--port") + 1] == "9090"
    assert settings.url == "http://127.0.0.1:9090/"


@pytest.mark.parametrize("address", ["redis://127.0.0.1:6399/3", "unix:///run/redis.sock"])
def test_a_redis_that_is_named_is_the_one_and_none_is_started(environment, address: str) -> None:
    environment.setenv("REDIS_URL", address)
    settings = RunSettings.from_environment()
    assert (settings.redis_url, settings.is_redis_embedded) == (address, False)


def test_every_database_has_a_folder_of_its_own() -> None:
    named = [{"DATABASE_URL": f"postgresql://h/{name}"} for name in ("one", "two")]
    folders = [data_folder(each) for each in (*named, {"DATABASE_URL": "sqlite:////srv/city/app.db"}, {})]
    assert len(set(folders)) == len(folders)
    assert folders[2:] == [Path("/srv/city"), ROOT / "var"]
