"""「批量导入」 of accounts on its pages: preview, confirmation, and nobody else's file (Z-A7)."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.domain.roles import Role
from app.extensions import db
from app.jobs import account_imports as jobs
from app.models import Account, AccountImport, AuditEvent
from tests.factories import COMMUNITY
from tests.web import post

PAGES = "/account-imports/"
DISTRICT = "410102"
LINES = "手机号,姓名,角色,管辖区域,小区名称\n13900139001,甲一,街道管理员,林山寨街道,\n13900139002,乙二,街道管理员,远方,"


def upload(client: FlaskClient, content: str | bytes = LINES, name: str = "账号.csv") -> Any:
    raw = content.encode() if isinstance(content, str) else content
    details = {"content_type": "multipart/form-data"}
    return post(client, f"{PAGES}new", {"file": (io.BytesIO(raw), name)}, **details)  # type: ignore[arg-type]


@pytest.fixture
def client(login_as: Any) -> FlaskClient:
    found: FlaskClient = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    return found


def test_the_preview_shows_every_fault_and_nothing_is_opened_before_it_is_confirmed(client: FlaskClient) -> None:
    address = upload(client).location
    page = client.get(address).text
    assert "管辖区域：请填写管辖范围内的区域" in page and "139****9001" in page and "13900139001" not in page
    assert db.session.execute(select(Account).where(Account.username == "13900139001")).first() is None
    assert post(client, f"{address}/confirm").status_code == 302
    jobs.run(int(address.rpartition("/")[2]))
    assert client.get(f"{address}/progress").json["figures"]["created"] == "1"
    assert "已完成" in client.get(address).text
    assert client.get(f"{address}/rejected").data[:2] == b"PK"
    event = db.session.execute(select(AuditEvent).where(AuditEvent.action == "download_rejected")).scalar_one()
    assert event.changes == {"rows": 1}
    assert "账号.csv" in client.get(PAGES).text


def test_a_cancelled_file_opens_nothing(client: FlaskClient) -> None:
    address = upload(client).location
    post(client, f"{address}/cancel")
    assert "不能进行此操作" in post(client, f"{address}/confirm", follow_redirects=True).text
    jobs.run(int(address.rpartition("/")[2]))
    assert db.session.execute(select(Account).where(Account.username == "13900139001")).first() is None


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "文件里没有数据"), ("手机号,姓名", "没有数据"), ("a,b\n1,2", "没有找到表头"), (b"%PDF-1.4 ...", "不是")],
)
def test_a_file_that_is_no_sheet_of_accounts_is_refused_with_a_word(
    client: FlaskClient, content: str | bytes, said: str
) -> None:
    answer = upload(client, content)
    assert answer.status_code == 200 and said in answer.text
    assert db.session.execute(select(AccountImport)).first() is None


def test_the_template_offers_the_roles_that_one_appoints(client: FlaskClient, login_as: Any) -> None:
    def strings(of: FlaskClient) -> str:
        book = zipfile.ZipFile(io.BytesIO(of.get(f"{PAGES}template").data))
        return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))

    assert "街道管理员" in strings(client) and "区县管理员" not in strings(client)
    city = strings(login_as(Role.CITY_ADMIN))
    assert "区县管理员" in city and "行业" in city and "小区名称" not in city


def test_an_import_is_seen_by_whoever_brought_it_only(client: FlaskClient, login_as: Any) -> None:
    address = upload(client).location
    for role, area in ((Role.DISTRICT_ADMIN, DISTRICT), (Role.CITY_ADMIN, "4101"), (Role.SYSTEM_ADMIN, "4101")):
        other = login_as(role, area)
        assert [other.get(f"{address}{end}").status_code for end in ("", "/progress", "/rejected")] == [404] * 3
        assert post(other, f"{address}/confirm").status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if not role.appoints])
def test_who_appoints_nobody_does_not_open_the_page(login_as: Any, role: Role) -> None:
    assert upload(login_as(role, COMMUNITY)).status_code == 403
