"""「导入」 from the upload to the list (issue 1.4, Z-T13)."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.domain.roles import Role
from app.extensions import db
from app.models import AuditEvent, BatchState, ImportBatch, ScreeningEntry
from app.services import imports_checking, imports_entering
from tests.lists import FOLDER
from tests.police_sheet import numbers, write_sheet
from tests.web import post


def upload(client: FlaskClient, key: str, content: bytes, name: str) -> Any:
    return post(client, f"/imports/{key}/", {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def batch_after(client: FlaskClient, key: str, content: bytes, name: str) -> ImportBatch:
    answer = upload(client, key, content, name)
    assert answer.status_code == 302
    batch_id = int(answer.location.rpartition("/")[2])
    imports_checking.check(batch_id)
    return db.session.get_one(ImportBatch, batch_id, populate_existing=True)


def text(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.get_data(as_text=True)


def test_a_list_goes_from_its_file_to_the_district(app: Flask, login_as: Any) -> None:
    city = login_as(Role.CITY_ADMIN)
    batch = batch_after(city, "telecom", (FOLDER / "telecom.xlsx").read_bytes(), "telecom.xlsx")
    preview = text(city, f"/imports/{batch.id}")
    for words in ("预览核对", "确认导入", "下载退回行", "手机号不正确 15"):
        assert words in preview
    assert post(city, f"/imports/{batch.id}/confirm").status_code == 302
    assert "data-progress" in text(city, f"/imports/{batch.id}")
    imports_entering.import_batch(batch.id)
    assert "已导入" in text(city, f"/imports/{batch.id}")
    whole = text(city, "/screening/telecom/")
    assert "共 601 条" in whole
    assert "共 76 条" in text(city, "/screening/telecom/?dispatched=no")
    district = login_as(Role.DISTRICT_ADMIN, "410105")
    own = text(district, "/screening/telecom/")
    assert "共 41 条" in own
    assert "下载模板" not in own and "/imports/telecom" not in own


def test_the_preview_shows_no_whole_number(app: Flask, login_as: Any) -> None:
    city = login_as(Role.CITY_ADMIN)
    batch = batch_after(city, "telecom", (FOLDER / "telecom.xlsx").read_bytes(), "telecom.xlsx")
    page = text(city, f"/imports/{batch.id}")
    assert "171****5578" not in page.replace("171****5575", "")
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", page)
    assert not re.search(r"(?<!\d)\d{17}[\dXx]", page)


def test_the_progress_is_told_as_data(app: Flask, login_as: Any) -> None:
    city = login_as(Role.CITY_ADMIN)
    batch = batch_after(city, "rail", (FOLDER / "rail.xlsx").read_bytes(), "rail.xlsx")
    state = city.get(f"/imports/{batch.id}/progress").get_json()
    assert state["finished"] and (state["done"], state["total"]) == (300, 300)
    assert state["figures"] == {
        "rows": "300", "new": "110", "undispatched": "0", "already_there": "0", "duplicates": "0", "rejected": "0",
        "filtered_out": "190",
    }  # fmt: skip


def test_nothing_is_said_of_the_rows_before_the_whole_file_was_read(app: Flask, login_as: Any) -> None:
    city = login_as(Role.CITY_ADMIN)
    batch_url = upload(city, "telecom", (FOLDER / "telecom.xls").read_bytes(), "telecom.xls").location
    page = text(city, batch_url)
    assert "正在检查" in page
    assert "没有可以新增的行" not in page
    post(city, f"{batch_url}/cancel")
    assert "没有可以新增的行" not in text(city, batch_url)


def test_only_a_list_that_filters_tells_how_many_it_left_out(app: Flask, login_as: Any) -> None:
    city = login_as(Role.CITY_ADMIN)
    pages = {
        key: text(city, f"/imports/{batch_after(city, key, (FOLDER / name).read_bytes(), name).id}")
        for key, name in (("telecom", "telecom.xlsx"), ("rail", "rail.xlsx"))
    }
    assert {key: "筛除" in page for key, page in pages.items()} == {"telecom": False, "rail": True}


def test_the_preview_has_a_table_of_the_districts(app: Flask, login_as: Any) -> None:
    city = login_as(Role.CITY_ADMIN)
    batch = batch_after(city, "telecom", (FOLDER / "telecom.xlsx").read_bytes(), "telecom.xlsx")
    page = text(city, f"/imports/{batch.id}")
    named = re.search(r'data-label="区县">(?:<[^>]+>)?中原区.*?data-label="人数">([\d,]+)<', page, re.DOTALL)
    assert named and int(named[1]) == batch.counts["dispatched"]["410102"]


def test_a_file_that_is_no_sheet_is_refused_with_a_message(app: Flask, login_as: Any) -> None:
    city = login_as(Role.CITY_ADMIN)
    batch = batch_after(city, "telecom", b"%PDF-1.7 " + b"x" * 200, "list.xlsx")
    assert batch.state is BatchState.FAILED
    assert "不是表格，请另存为 .xlsx 后重试" in text(city, f"/imports/{batch.id}")


def test_a_cancelled_batch_leaves_nothing(app: Flask, login_as: Any) -> None:
    city = login_as(Role.CITY_ADMIN)
    batch = batch_after(city, "telecom", (FOLDER / "telecom.xls").read_bytes(), "telecom.xls")
    post(city, f"/imports/{batch.id}/cancel")
    assert "已取消" in text(city, f"/imports/{batch.id}")
    assert "不能进行此操作" in post(city, f"/imports/{batch.id}/confirm", follow_redirects=True).get_data(as_text=True)
    assert db.session.execute(select(func.count()).select_from(ScreeningEntry)).scalar_one() == 0


def test_a_batch_is_taken_back_when_the_question_was_answered(app: Flask, login_as: Any) -> None:
    city = login_as(Role.CITY_ADMIN)
    batch = batch_after(city, "telecom", (FOLDER / "telecom.xls").read_bytes(), "telecom.xls")
    post(city, f"/imports/{batch.id}/confirm")
    imports_entering.import_batch(batch.id)
    assert "确定撤回吗" in post(city, f"/imports/{batch.id}/undo").get_data(as_text=True)
    post(city, f"/imports/{batch.id}/undo", {"confirmed": "1"})
    assert "已撤回" in text(city, f"/imports/{batch.id}")
    assert db.session.execute(select(func.count()).select_from(ScreeningEntry)).scalar_one() == 0
    events = db.session.execute(select(AuditEvent.action).where(AuditEvent.subject_type == "import_batch")).scalars()
    assert list(events) == ["upload_list", "import_list", "undo_import"]


def test_the_rejected_rows_come_back_as_a_workbook(app: Flask, login_as: Any) -> None:
    city = login_as(Role.CITY_ADMIN)
    batch = batch_after(city, "telecom", (FOLDER / "telecom.xlsx").read_bytes(), "telecom.xlsx")
    answer = city.get(f"/imports/{batch.id}/rejected")
    again = batch_after(city, "telecom", answer.get_data(), "telecom-退回数据.xlsx")
    assert again.counts["rejected"] == batch.counts["rejected"]
    event = db.session.execute(select(AuditEvent).where(AuditEvent.action == "download_rejected")).scalar_one()
    assert (event.subject_id, event.actor_id) == (str(batch.id), batch.created_by_id), "unmasked rows were taken"
    assert event.changes["rows"] > 0


@pytest.mark.parametrize("key", ["telecom", "rail", "headquarters"])
def test_the_template_of_a_list_imports_back(app: Flask, login_as: Any, key: str) -> None:
    city = login_as(Role.CITY_ADMIN)
    batch = batch_after(city, key, city.get(f"/imports/{key}/template").get_data(), "模板.xlsx")
    assert batch.state is BatchState.FAILED  # the header is known, there is nothing below it
    assert batch.failure is not None and batch.failure["message"] == "表头下面没有数据行"


@pytest.mark.parametrize(
    ("role", "key", "is_allowed"),
    [
        (Role.CITY_ADMIN, "telecom", True),
        (Role.DISTRICT_ADMIN, "telecom", False),
        (Role.DATA_REPORTER, "telecom", False),
        (Role.DATA_REPORTER, "headquarters", True),
        (Role.RAILWAY_TEAM, "headquarters", True),
        (Role.DISTRICT_ADMIN, "headquarters", False),
    ],
)
def test_only_a_lists_importers_upload_it(app: Flask, login_as: Any, role: Role, key: str, is_allowed: bool) -> None:
    area = "410105" if role is Role.DISTRICT_ADMIN else "4101"
    answer = login_as(role, area).get(f"/imports/{key}/")
    assert (answer.status_code == 200) is is_allowed


def test_reporters_see_the_batches_of_their_list_only(app: Flask, login_as: Any) -> None:
    city, reporter = login_as(Role.CITY_ADMIN), login_as(Role.DATA_REPORTER)
    batch = batch_after(city, "telecom", (FOLDER / "telecom.xls").read_bytes(), "telecom.xls")
    assert reporter.get(f"/imports/{batch.id}").status_code == 404
    assert "边检数据导入" in text(reporter, "/imports/")
    assert "没有导入记录" in text(reporter, "/imports/")


def test_a_list_that_recolors_many_shows_whom_and_waits(app: Flask, login_as: Any, tmp_path: Path) -> None:
    city, people = login_as(Role.CITY_ADMIN), numbers(51)
    sheet = write_sheet(tmp_path / "police.csv", people).read_bytes()
    batch = batch_after(city, "police", sheet, "police.csv")
    assert "将有 51 人变色（绿→红 51），超过 50 人" in text(city, f"/imports/{batch.id}")
    post(city, f"/imports/{batch.id}/confirm")
    imports_entering.import_batch(batch.id)
    waiting = text(city, f"/imports/{batch.id}")
    assert "待批准" in waiting and "储*" in waiting and people[0] not in waiting
    assert "共 0 条" in text(city, "/screening/police/") or "没有" in text(city, "/screening/police/")
    assert post(city, f"/imports/{batch.id}/cancel").status_code == 302
    assert "已取消" in text(city, f"/imports/{batch.id}")
