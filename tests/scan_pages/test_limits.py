"""Limits and headers of the public pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.extensions import db
from app.scan_pages import limits
from tests.factories import Factories
from tests.scan_pages.phone import Phone


@pytest.fixture
def counted(app: Flask) -> Iterator[Flask]:
    """The application with its limits on, and a Redis that cannot be reached."""
    app.config["RATELIMIT_ENABLED"] = True
    app.extensions.pop("scan_window", None)
    yield app
    app.config["RATELIMIT_ENABLED"] = False


@pytest.fixture
def compound(make: Factories):
    venue = make.venue()
    db.session.commit()
    return venue


def test_a_phone_that_asks_too_often_is_told_to_wait(counted: Flask, phone: Phone, compound) -> None:
    # Twice the limit: a minute may end in between.
    answers = [phone.scan(compound) for _ in range(2 * limits.PER_DEVICE + 3)]
    assert {answer.status_code for answer in answers[: limits.PER_DEVICE]} == {200}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert "操作太频繁" in refused.text
    assert refused.headers["Retry-After"] == "60"
    assert Phone(counted).scan(compound).status_code == 200


def test_every_public_page_carries_the_headers_of_a_private_one(phone: Phone, compound) -> None:
    for answer in (phone.scan(compound), phone.fill_in(compound), phone.tap(compound), phone.client.get("/s/NOSUCH")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_a_body_larger_than_any_form_is_refused(phone: Phone, compound) -> None:
    assert phone.client.post(f"/s/{compound.code}", data={"name": "x" * 100_000}).status_code == 413
