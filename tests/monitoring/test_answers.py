"""An installation answers under its own names only, the express lane included; probes name addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client

from app.monitoring.answers import Answers

SETTINGS = {"ENVIRONMENT": "production", "SERVED_HOSTS": ("admin.example.cn", ".scan.example.cn")}


def inner(_environ: Any, start_response: Any) -> Iterator[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Referrer-Policy", "no-referrer")])
    yield b"served"


@pytest.fixture
def client() -> Client:
    return Client(Answers(inner, SETTINGS))


@pytest.mark.parametrize("host", ["admin.example.cn", "admin.example.cn:8443", "ADMIN.example.cn", "a.scan.example.cn"])
def test_its_own_names_are_served(client: Client, host: str) -> None:
    assert client.get("/", headers={"Host": host}).text == "served"


@pytest.mark.parametrize(
    "host", ["evil.example", "admin.example.cn.evil.example", "10.0.0.1", "", "admin.example.cn@evil.example"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_names_are_turned_away_before_anything_else(client: Client, host: str, method: str) -> None:
    answer = client.open("/s/CODE", method=method, headers={"Host": host})
    assert answer.status_code == 400
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_probe_may_name_an_address(client: Client) -> None:
    assert client.get("/healthz", headers={"Host": "10.0.0.1:8080"}).text == "served"


def test_production_asks_for_encryption_from_now_on(client: Client) -> None:
    headers = client.get("/", headers={"Host": "admin.example.cn"}).headers
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_what_an_answer_has_said_itself_stands(client: Client) -> None:
    headers = client.get("/", headers={"Host": "admin.example.cn"}).headers
    assert headers.getlist("Referrer-Policy") == ["no-referrer"]


def test_without_names_any_is_served() -> None:
    open_client = Client(Answers(inner, {"ENVIRONMENT": "demo", "SERVED_HOSTS": ()}))
    assert open_client.get("/", headers={"Host": "10.0.0.1"}).text == "served"
