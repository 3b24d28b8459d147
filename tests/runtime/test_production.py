"""A sound production starts and answers."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPMessage

import psycopg
import pytest
from sqlalchemy.engine import make_url

from config import make_secrets
from tests.postgres import postgres_url
from tests.runtime.places import ROOT, Place, free_port, start_redis, wait_until

NAME = "admin.example.cn"
TOKEN = secrets.token_urlsafe(32)


def owner_of(url: str) -> str:
    """The address of the database for a role with a password of its own."""
    plain = make_url(url)
    role, password = f"owner_{secrets.token_hex(4)}", secrets.token_hex(16)
    with psycopg.connect(plain.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN SUPERUSER PASSWORD '{password}'")
    named = plain.set(drivername="postgresql", username=role, password=password)
    return named.render_as_string(hide_password=False)


class Production:
    """A web server of two processes."""

    def __init__(self, place: Place) -> None:
        self.port = free_port()
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.environment = {
            **kept,
            **make_secrets(),
            "APP_ENV": "production",
            "DATABASE_URL": owner_of(postgres_url()),
            "REDIS_URL": place.environment["REDIS_URL"],
            "PUBLIC_URL": f"https://{NAME}",
            "TRUSTED_HOSTS": NAME,
            "METRICS_TOKEN": TOKEN,
            "PLACE": place.mark,
        }
        self.run("flask", "--app", "run", "db", "upgrade")
        options = ("-m", "app.runtime.web", "--port", str(self.port), "--processes", "2")
        self.process = subprocess.Popen([sys.executable, *options], cwd=ROOT, env=self.environment)

    def run(self, *words: str) -> None:
        subprocess.run([sys.executable, "-m", *words], cwd=ROOT, env=self.environment, check=True, capture_output=True)

    def start_in_vain(self, *programs: tuple[str, ...]) -> list[str]:
        """What programs say that do not start; they try at the same time."""
        started = [
            subprocess.Popen(
                [sys.executable, "-m", *words], cwd=ROOT, env=self.environment, stderr=subprocess.PIPE, text=True
            )
            for words in programs
        ]
        said = [process.communicate(timeout=120)[1] for process in started]
        assert all(process.returncode != 0 for process in started)
        return said

    def get(self, path: str, host: str = NAME, **headers: str) -> tuple[int, HTTPMessage, str]:
        """Status, headers and text of a page, asked for on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers={"Host": host, **headers})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def is_up(self) -> bool:
        assert self.process.poll() is None, "the server did not start"
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False


@pytest.fixture(scope="module")
def production(lasting_place: Place) -> Iterator[Production]:
    """A production that answers its probe."""
    started = Production(start_redis(lasting_place))
    wait_until(started.is_up, within_seconds=60, what="the production's first answer")
    yield started
    started.process.terminate()
    started.process.wait(timeout=20)


def test_it_answers_its_own_name_over_an_encrypted_way_only(production: Production) -> None:
    status, headers, _text = production.get("/account/login/")
    assert status == 200
    assert "max-age=" in headers["Strict-Transport-Security"]
    assert production.get("/account/login/", host="evil.example")[0] == 400


@pytest.mark.parametrize(
    ("path", "names"), [("/account/login/", {"admin_session"}), ("/code/?lang=en", {"device", "lang"})]
)
def test_every_cookie_travels_encrypted_to_this_site_and_no_script(
    production: Production, path: str, names: set[str]
) -> None:
    cookies = production.get(path)[1].get_all("Set-Cookie") or []
    assert {cookie.partition("=")[0] for cookie in cookies} == names
    assert all("Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


def test_whichever_process_is_asked_knows_the_answers_of_all(production: Production) -> None:
    for _ in range(24):
        production.get("/healthz/live")
    status, _headers, text = production.get("/metrics", Authorization=f"Bearer {TOKEN}")
    assert status == 200
    assert 'app_http_answers_total{method="GET",route="/healthz/live",status="200"} 24.0' in text
    assert production.get("/metrics")[0] == 404


def test_neither_web_server_nor_worker_starts_on_a_demos_database(production: Production) -> None:
    address = make_url(production.environment["DATABASE_URL"]).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute("INSERT INTO data_release (name, loaded_at) VALUES ('demo_city', now())")
        try:
            web = ("app.runtime.web", "--port", str(free_port()), "--processes", "1")
            said = production.start_in_vain(web, ("app.runtime.worker", "imports"))
        finally:
            connection.execute("DELETE FROM data_release")
    assert ["DATABASE_URL names a database with the demo's accounts" in each for each in said] == [True, True]
