"""What the city's manual calls by the city's name, the province calls by its own."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.domain.roles import Role
from app.profiles import load_profile
from app.services.lists import LISTS
from tests.web import text

ADDRESSES = (
    "/",
    "/screening/risk_returnee/",
    "/screening/overseas/",
    "/imports/risk_returnee/",
    "/screening/statistics/",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_of_the_lists_names_the_city(app: Flask, login_as: Any, address: str) -> None:
    page = text(login_as(Role.CITY_ADMIN, "35"), address)
    assert "中高风险返闽人员排查" in page and "境外返闽人员名单" in page
    assert "返郑" not in page and "来郑" not in page


def test_the_columns_of_the_list_are_the_provinces(app: Flask, login_as: Any) -> None:
    client = login_as(Role.CITY_ADMIN, "35")
    assert "来闽日期" in client.get("/screening/risk_returnee/export?format=csv").get_data(as_text=True)


def test_english_texts_are_the_same_everywhere(app: Flask, login_as: Any) -> None:
    client = login_as(Role.CITY_ADMIN, "35")
    with client.session_transaction() as session:
        session["locale"] = "en"
    assert "Risk-area returnees" in text(client, "/screening/risk_returnee/")


def test_the_city_of_the_manual_has_its_words() -> None:
    assert not load_profile("zhengzhou").words
    assert [each.title for each in LISTS if "返郑" in each.title] == [
        "中高风险返郑人员排查",
        "境外人员返郑上报",
        "境外返郑人员名单",
    ]
