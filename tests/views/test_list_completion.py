"""The operators' and the station's lists from the file to their completion, as each office works on them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.roles import Role
from app.extensions import db
from app.models import ScreeningEntry
from app.services import imports_checking, imports_entering
from tests.lists import people_sheet
from tests.web import post

DAY, PEOPLE = "2020-04-07", 20


@pytest.mark.parametrize("key", ["telecom", "rail"])
def test_a_list_goes_from_its_file_to_its_completion(app: Flask, login_as: Any, key: str) -> None:
    city = login_as(Role.CITY_ADMIN)
    given = {"file": (io.BytesIO(people_sheet(key, PEOPLE, day=DAY)), "名单.csv")}
    page = post(city, f"/imports/{key}/", given, content_type="multipart/form-data").location
    batch_id = int(page.rpartition("/")[2])
    imports_checking.check(batch_id)
    assert "确认导入" in city.get(page).text
    assert post(city, f"{page}/confirm").status_code == 302
    imports_entering.import_batch(batch_id)
    assert "已导入" in city.get(page).text and f"共 {PEOPLE} 条" in city.get(f"/screening/{key}/").text

    statistics = f"/screening/statistics/?since={DAY}&until={DAY}"
    assert "0.00%" in city.get(statistics).text
    for code in sorted(set(db.session.execute(select(ScreeningEntry.area_code)).scalars())):
        district = login_as(Role.DISTRICT_ADMIN, code)
        rows = db.session.execute(select(ScreeningEntry.id).where(ScreeningEntry.area_code == code)).scalars()
        answer = {"rowid": [str(row) for row in rows], "step": "2", "status": "NORMAL", "remark": "已电话确认"}
        assert post(district, f"/screening/{key}/do/outcomes", answer).status_code == 302
        assert "待反馈" not in district.get(f"/screening/{key}/?status=PENDING").text.partition("<tbody")[2]
    done = city.get(statistics).text
    assert "100.00%" in done and f">{PEOPLE}<" in done
    assert post(city, f"{page}/undo", {"confirmed": "1"}).status_code == 302
    assert f"共 {PEOPLE} 条" in city.get(f"/screening/{key}/").text  # worked on, it stays
