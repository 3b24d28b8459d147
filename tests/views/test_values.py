"""Texts that nobody knew, explained on the preview's page and in the tray; seen and forgotten with the columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.domain.roles import Role
from app.extensions import db
from app.models import Account
from app.services import imports_checking
from tests.doubts import bring, entries
from tests.factories import phone
from tests.lists import check_list
from tests.spreadsheets.workbooks import changed, table
from tests.web import post

NAME = "老金水"


def test_an_unknown_district_is_explained_on_the_preview_and_forgotten_with_the_columns(
    app: Flask, login_as: Any, tmp_path: Path
) -> None:
    city = login_as(Role.CITY_ADMIN)
    account = db.session.execute(select(Account)).scalar_one()
    batch = check_list("telecom", table(tmp_path / "a.xlsx", changed(station_district=NAME)), account)
    page = f"/imports/{batch.id}"
    assert f'href="{page}/values"' in city.get(page).text
    assert f"基站归属区县：{NAME}（1 条）" in city.get(f"{page}/values").text
    assert "请至少为一项选择对应的内容" in post(city, f"{page}/values", {"text_0": ""}).text
    assert post(city, f"{page}/values", {"text_0": "金水区"}).location == page
    imports_checking.check(batch.id)
    assert "values" not in city.get(page).text and city.get(f"{page}/values").location == page
    known = city.get("/column-mappings/").text
    assert f"{NAME} → 金水区" in known and "取值" in known
    key = known.partition("/column-mappings/")[2].partition("/do/")[0].rpartition("/")[2]
    assert post(city, f"/column-mappings/{key}/do/forget", {"confirmed": "1"}).status_code == 302
    assert NAME not in city.get("/column-mappings/").text


def test_the_tray_dispatches_all_that_name_a_place_alike_and_remembers_it(
    app: Flask, login_as: Any, tmp_path: Path
) -> None:
    city = login_as(Role.CITY_ADMIN)
    account = db.session.execute(select(Account)).scalar_one()
    people = [{"name": f"何晓{sign}", "phone": phone(at)} for at, sign in enumerate("明鸣")]
    bring(tmp_path, account, *({**each, "station_district": NAME} for each in people))
    address = f"/screening/telecom/{entries()[0].id}/do/dispatch_named"
    assert f"名称同为「{NAME}」的人员一起下发" in city.get(address).text
    assert post(city, address, {"district": "410105", "alike": "y", "remembers": "y"}).status_code == 302
    assert [row.area_code for row in entries()] == ["410105"] * 2
    assert f"{NAME} → 金水区" in city.get("/column-mappings/").text


def test_one_row_of_the_tray_may_go_alone(app: Flask, login_as: Any, tmp_path: Path) -> None:
    city = login_as(Role.CITY_ADMIN)
    account = db.session.execute(select(Account)).scalar_one()
    people = [{"name": f"何晓{sign}", "phone": phone(at)} for at, sign in enumerate("明鸣")]
    bring(tmp_path, account, *({**each, "station_district": NAME} for each in people))
    address = f"/screening/telecom/{entries()[0].id}/do/dispatch_named"
    assert post(city, address, {"district": "410105"}).status_code == 302
    assert [row.is_dispatched for row in entries()] == [True, False]
    assert NAME not in city.get("/column-mappings/").text
