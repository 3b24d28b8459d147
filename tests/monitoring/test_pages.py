"""/healthz says in a word what is missing; /metrics counts answers and looks at queues, for whoever may."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rq import Queue
from sqlalchemy import text

from app.extensions import db, redis_connection
from app.services import readiness
from tests.factories import Factories

TOKEN = "t" * 40


@pytest.fixture
def token(app: Flask) -> Iterator[str]:
    app.config["METRICS_TOKEN"] = TOKEN
    yield TOKEN
    app.config["METRICS_TOKEN"] = None


def measures(client: FlaskClient) -> dict[str, float]:
    """The measures by name and labels."""
    lines = client.get("/metrics").text.splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def test_a_sound_installation_is_ready(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert "Set-Cookie" not in answer.headers
    assert client.get("/healthz/live").text == "ok\n"


def test_a_database_of_an_older_version_is_not_ready(client: FlaskClient) -> None:
    newest = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    db.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    db.session.commit()
    try:
        answer = client.get("/healthz")
    finally:
        db.session.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest})
        db.session.commit()
    assert (answer.status_code, answer.text) == (503, "migrations\n")


def test_without_redis_it_is_not_ready_but_alive(app: Flask, client: FlaskClient) -> None:
    address = app.config["REDIS_URL"]
    app.extensions.pop("readiness_redis", None)
    app.config["REDIS_URL"] = "unix:///nowhere/redis.sock"
    try:
        answer = client.get("/healthz")
        alive = client.get("/healthz/live")
    finally:
        app.config["REDIS_URL"] = address
        app.extensions.pop("readiness_redis", None)
    assert (answer.status_code, answer.text) == (503, "redis\n")
    assert alive.status_code == 200


def test_without_a_database_it_is_not_ready(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        db.session.remove()
        engine = db.engine
        broken = engine.dialect.name == "sqlite"
        url = "sqlite:////nowhere/app.db" if broken else engine.url.set(database="nobody_has_this")
        from sqlalchemy import create_engine

        monkeypatch.setattr(type(db), "engine", property(lambda _self: create_engine(url)))
        assert readiness.missing() == "database"


def test_answers_are_counted_by_template_and_status(client: FlaskClient) -> None:
    name = 'app_http_answers_total{method="GET",route="/s/<code>",status="404"}'
    before = measures(client).get(name, 0)
    client.get("/s/SECRETCODE")
    after = measures(client)
    assert after[name] == before + 1
    assert "SECRETCODE" not in str(after)
    assert after['app_http_seconds_count{route="/s/<code>"}'] >= 1


def test_addresses_that_nobody_serves_are_one_line(client: FlaskClient) -> None:
    client.get("/nothing/here")
    assert any('route="unmatched"' in name for name in measures(client))
    assert not any("/nothing" in name for name in measures(client))


def test_queues_rollup_and_outbox_are_seen(client: FlaskClient, make: Factories) -> None:
    make.entry(make.residency())
    db.session.commit()
    Queue("exports", connection=redis_connection()).enqueue("app.jobs.exports.make", 1)
    found = measures(client)
    assert found['app_queue_jobs{queue="exports",state="waiting"}'] == 1
    assert found["app_workers"] == 0
    assert found["app_scheduler_alive"] == 0
    assert found['app_outbox_messages{state="waiting"}'] == 0
    assert found["app_scans_last_minute"] == 1


def test_with_a_token_only_its_holder_reads_measures(client: FlaskClient, token: str) -> None:
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_what_a_proxy_of_this_machine_passes_on_is_not_of_this_machine(client: FlaskClient, header: str) -> None:
    assert client.get("/metrics", headers={header: "203.0.113.9"}).status_code == 404


def test_without_a_token_other_machines_read_no_measures(client: FlaskClient) -> None:
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": "10.0.0.9"}).status_code == 404
