"""An import's columns matched by hand on the screen, and 「列对应关系」."""

from __future__ import annotations

import io
from typing import Any

from flask import Flask

from app.domain.roles import Role
from app.services import imports_checking
from app.spreadsheets.declarations import TELECOM
from tests.web import post

NONE = {column.key: "-1" for column in TELECOM.columns}


def test_an_unknown_header_is_matched_on_a_page_and_forgotten_on_another(app: Flask, login_as: Any) -> None:
    city = login_as(Role.CITY_ADMIN)
    content = "那天,机主,打哪个电话,在哪个区\n2020-04-07,何晓明,13900000001,金水区\n"
    given = {"file": (io.BytesIO(content.encode()), "名单.csv")}
    page = post(city, "/imports/telecom/", given, content_type="multipart/form-data").location
    batch_id = int(page.rpartition("/")[2])
    imports_checking.check(batch_id)
    assert city.get(page).location == f"{page}/columns"
    asked = city.get(f"{page}/columns").text
    assert "打哪个电话" in asked and "缺少这些列" in asked
    chosen = {**NONE, "listed_on": "0", "name": "1", "phone": "2", "station_district": "3"}
    assert "请指定这些列：日期" in post(city, f"{page}/columns", {**chosen, "listed_on": "-1"}).text
    assert post(city, f"{page}/columns", chosen).status_code == 302
    imports_checking.check(batch_id)
    assert "确认导入" in city.get(page).text
    known = city.get("/column-mappings/").text
    assert "打哪个电话 → 手机号码" in known
    key = known.partition("/column-mappings/")[2].partition("/do/")[0].rpartition("/")[2]
    assert "打哪个电话" in login_as(Role.CITY_ADMIN).get("/column-mappings/").text
    assert "打哪个电话" not in login_as(Role.DISTRICT_ADMIN, "410102").get("/column-mappings/").text
    assert post(city, f"/column-mappings/{key}/do/forget", {"confirmed": "1"}).status_code == 302
    assert "打哪个电话" not in city.get("/column-mappings/").text
