"""The first page's switches lead back to where they were used, and nowhere else."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("came_from", "leads_to"),
    [
        ("http://localhost/account/login/?next=/m/", "/account/login/?next=/m/"),
        ("https://evil.example/", "/"),
        ("http://localhost//evil.example/", "/"),
        ("http://localhost/\\evil.example/", "/"),
        ("http://localhost.evil.example/", "/"),
        ("", "/"),
    ],
)
def test_switching_the_language_leads_back_to_a_page_of_ours(
    client: FlaskClient, came_from: str, leads_to: str
) -> None:
    answer = client.get("/language/en", headers={"Referer": came_from})
    assert (answer.status_code, answer.location) == (302, leads_to)
