"""The screen of 「数据对比」 (Z-T12)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.roles import Role
from app.extensions import db
from app.models import Comparison
from app.services import comparison_run
from tests.factories import Factories
from tests.web import post


def upload(client: Any, content: str, reason: str = "核对密接名单") -> Any:
    data = {"file": (io.BytesIO(content.encode()), "名单.csv"), "reason": reason}
    return post(client, "/comparisons/new", data, content_type="multipart/form-data")


def latest() -> Comparison:
    return db.session.execute(select(Comparison).order_by(Comparison.id.desc()).limit(1)).scalar_one()


def test_a_list_goes_from_its_upload_to_who_is_known(app: Flask, make: Factories, login_as: Any) -> None:
    person = make.residency(make.person("何晓明"), make.venue(name="幸福小区")).person
    city = login_as(Role.CITY_ADMIN)
    assert "请写明对比原因" in upload(city, "手机号\n", reason="").text
    answer = upload(city, f"姓名,手机号\n何晓明,{person.phone}\n王芳,13000000001\n")
    assert answer.status_code == 302
    assert "data-progress" in city.get(answer.location).text
    comparison_run.run(latest().id)
    page = city.get(answer.location).text
    assert "幸福小区" in page and person.masked_phone in page and "何*" in page
    assert person.phone not in page and "何晓明" not in page
    assert city.get(f"{answer.location}/progress").get_json()["finished"]
    book = city.get(f"/comparisons/export?comparison={latest().id}")
    assert book.status_code == 200 and book.data[:2] == b"PK"
    assert "名单.csv" in city.get("/comparisons/").text


def test_columns_are_named_by_hand_where_titles_tell_nothing(app: Flask, make: Factories, login_as: Any) -> None:
    person = make.residency().person
    city = login_as(Role.CITY_ADMIN)
    upload(city, f"A,B\n甲,{person.phone}\n")
    found = latest()
    comparison_run.run(found.id)
    columns = f"/comparisons/{found.id}/columns"
    assert city.get(f"/comparisons/{found.id}").location == columns
    assert 'name="phone"' in city.get(columns).text
    none = {"name": "-1", "document_type": "-1", "document_number": "-1", "phone": "-1", "birth_date": "-1"}
    assert "请至少指定" in post(city, columns, none).text
    assert post(city, columns, {**none, "phone": "1"}).status_code == 302
    comparison_run.run(found.id)
    assert person.masked_phone in city.get(f"/comparisons/{found.id}").text


def test_a_comparison_is_its_owners_alone(app: Flask, login_as: Any) -> None:
    upload(login_as(Role.CITY_ADMIN), "手机号\n13000000001\n")
    found = latest()
    comparison_run.run(found.id)
    other = login_as(Role.CITY_ADMIN)
    for address in (f"{found.id}", f"{found.id}/progress", f"{found.id}/columns", f"export?comparison={found.id}"):
        assert other.get(f"/comparisons/{address}").status_code == 404
    assert "名单.csv" not in other.get("/comparisons/").text


@pytest.mark.parametrize("role", [Role.STREET_ADMIN, Role.AUDITOR, Role.DATA_REPORTER])
def test_others_do_not_compare(app: Flask, login_as: Any, role: Role) -> None:
    assert login_as(role, "410102001" if role is Role.STREET_ADMIN else "4101").get("/comparisons/").status_code == 403
