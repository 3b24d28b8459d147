"""Numbers and days that no database could hold are those of nothing: no page answers them with an error of its own."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.domain.roles import Role
from tests.web import post

HUGE = "9" * 30


def cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.fixture
def city(login_as: Any) -> FlaskClient:
    found: FlaskClient = login_as(Role.CITY_ADMIN)
    return found


def test_a_page_of_a_number_beyond_all_rows_is_not_there(city: FlaskClient, client: FlaskClient) -> None:
    for url in ("/residents/{}", "/reveal/residency/{}", "/area-moves/ask?venue={}", "/m/residents/{}"):
        assert city.get(url.format(HUGE)).status_code == 404, url
    client.get("/code/")
    assert client.get(f"/code/{HUGE}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "after=" + cursor(1e30),
        "after=" + cursor("2020-01-01T00:00:00", 1),
        "after=" + cursor("0001-01-01T00:00:00+14:00", 1),
        "before=" + cursor("2020-01-01T00:00:00+00:00", -(10**30)),
        "from_day=0001-01-01&to_day=9999-12-31",
    ],
)
def test_a_list_answers_whatever_its_address_says(city: FlaskClient, query: str) -> None:
    for url in ("/entries/", "/residents/"):
        assert city.get(f"{url}?{query}").status_code == 200


def test_a_form_with_strange_numbers_is_refused_or_passed_over(city: FlaskClient) -> None:
    for number in ("²", HUGE, "-1", "1.5", "1-", "1-²"):
        assert post(city, "/switch-compound", {"venue_id": number}).location == "/"
        ticked = post(city, "/screening/telecom/do/dispatch", {"rowid": number})
        assert ticked.location == "/screening/telecom/"
        assert city.get(f"/codes/?batch={number}").status_code == 200
        assert city.get(f"/doubts/?batch={number}").status_code == 200


def test_a_search_for_compounds_with_strange_numbers_finds_none(login_as: Any) -> None:
    district = login_as(Role.DISTRICT_ADMIN, "410102")
    typed = {"phone_number": "13900139001", "name": "某某", "venue_ids": ["²", HUGE]}
    assert post(district, "/compound-accounts/new", typed).status_code == 200
