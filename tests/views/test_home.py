"""The first page's switches lead back to where they were used, and nowhere else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.domain.roles import Role


@pytest.mark.parametrize(
    ("came_from", "leads_to"),
    [
        ("http://localhost/account/login/?next=/m/", "/account/login/?next=/m/"),
        ("http://localhost/account/login/code?next=/m/", "/account/login/"),  # a page that came back from a form
        ("http://localhost/account/password/forgot/code", "/account/password/forgot"),
        ("http://localhost/account/second-factor/remove", "/account/second-factor/"),
        ("http://localhost/switch-compound", "/"),
        ("http://localhost/no/such/page", "/no/such/page"),
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


def test_the_shortcuts_of_each_part_of_the_menu_bear_its_sign(login_as: Any) -> None:
    tiles = login_as(Role.COMMUNITY_ADMIN).get("/").text.partition('class="tiles"')[2].partition("</ul>")[0]
    signs: dict[str, set[str]] = {}
    for url, sign in re.findall(r'href="([^"]+)".*?<svg[^>]*>(.*?)</svg>', tiles, re.DOTALL):
        signs.setdefault(url, set()).add(sign)
    assert signs["/residents/"] == signs["/entries/"] != signs["/compound-accounts/"]


def test_an_address_that_only_takes_forms_is_no_fault_of_the_system(client: FlaskClient) -> None:
    answer = client.get("/account/login/code")
    assert answer.status_code == 405 and "此地址只用于提交表单" in answer.text and "联系管理员" not in answer.text
