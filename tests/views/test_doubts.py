"""「疑似重复」 on its screen: one row, ticked rows, a whole batch; the batch's page and the first page lead there."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.roles import Role
from app.extensions import db
from app.models import Account, ImportBatch
from tests.doubts import KNOWN, LIKE, bring, doubts, entries
from tests.factories import id_card, phone
from tests.web import post

PEOPLE = [LIKE, {"name": "张美莉", "phone": phone(2), "document_number": id_card(3)}]


@pytest.fixture
def city(app: Flask, login_as: Any, tmp_path: Path) -> Any:
    """A city manager, two of whose rows may be two that were there before."""
    client = login_as(Role.CITY_ADMIN)
    account = db.session.execute(select(Account)).scalar_one()
    bring(tmp_path, account, KNOWN, {"name": "张美丽", "phone": phone(2)})
    client.batch = bring(tmp_path, account, *PEOPLE)
    return client


def batch(city: Any) -> ImportBatch:
    found: ImportBatch = city.batch
    return found


def test_the_first_page_and_the_batch_lead_to_what_waits(city: Any) -> None:
    assert re.search(r'href="/doubts/".{0,300}?2', city.get("/").text, re.DOTALL)
    page = city.get(f"/imports/{batch(city).id}").text
    assert "疑似重复（2 条）" in page and "可能重复，待核对 2" in page
    queue = city.get(f"/doubts/?batch={batch(city).id}").text
    for words in (
        "共 2 条",
        "何晓鸣",
        "何晓明",
        "手机号相同，姓名相近",
        "金水区 · 待反馈",
        "本批全部关联",
        "通管人员摸排",
    ):
        assert words in html.unescape(queue)
    assert LIKE["document_number"] not in queue and KNOWN["phone"] not in queue
    assert "共 0 条" in city.get("/doubts/?batch=999999").text


def test_one_row_is_linked_after_a_question(city: Any) -> None:
    key = doubts()[0].id
    assert "确定关联吗" in post(city, f"/doubts/{key}/do/link").text
    assert post(city, f"/doubts/{key}/do/link", {"confirmed": "1"}).status_code == 302
    assert len(entries()) == 3
    assert "共 1 条" in city.get("/doubts/").text
    assert "共 2 条" in city.get("/doubts/?answered=y").text


def test_ticked_rows_are_made_new(city: Any) -> None:
    keys = [str(each.id) for each in doubts()]
    assert post(city, "/doubts/do/new", {"rowid": keys, "confirmed": "1"}).status_code == 302
    assert all(row.is_dispatched for row in entries()) and len(entries()) == 4


@pytest.mark.parametrize(("given", "left"), [("link", 2), ("new", 4), ("skip", 2)])
def test_a_whole_batch_is_settled(city: Any, given: str, left: int) -> None:
    answer = post(city, f"/doubts/batch/{batch(city).id}/{given}")
    assert answer.location == f"/doubts/?batch={batch(city).id}"
    assert "已处理 2 条" in city.get(answer.location).text
    assert len(entries()) == left


def test_a_district_sees_nothing_of_the_citys_doubts(city: Any, login_as: Any) -> None:
    district = login_as(Role.DISTRICT_ADMIN, "410105")
    assert "共 0 条" in district.get("/doubts/").text
    key = doubts()[0].id
    assert post(district, f"/doubts/{key}/do/skip", {"confirmed": "1"}).status_code == 404
    assert post(district, f"/doubts/batch/{batch(city).id}/skip").status_code == 302
    assert len(entries()) == 4
    assert login_as(Role.STREET_ADMIN, "410105001").get("/doubts/").status_code == 403
