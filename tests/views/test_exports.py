"""「导出统计管理」: every export on record, long ones made by a job, in full only with a reason."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, AuditEvent, ExportFile, ExportState, StoredFile
from app.services import asked_work, exports
from app.views.format import moment_text
from tests.factories import COMMUNITY, Factories
from tests.web import post


def words(book: bytes) -> str:
    with ZipFile(io.BytesIO(book)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))


def latest() -> ExportFile:
    db.session.rollback()
    return db.session.execute(select(ExportFile).order_by(ExportFile.id.desc()).limit(1)).scalar_one()


@pytest.fixture
def long_from_two_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is long is shorter here."""
    monkeypatch.setattr(exports, "AT_ONCE_ROWS", 1)


def residents(make: Factories, *names: str) -> list[Any]:
    venue = make.venue(area_code=COMMUNITY)
    found = [make.residency(make.person(name), venue).person for name in names]
    db.session.commit()
    return found


def test_a_short_export_is_sent_at_once_and_on_record(app: Flask, make: Factories, login_as: Any) -> None:
    (person,) = residents(make, "甲一")
    city = login_as(Role.CITY_ADMIN)
    book = words(city.get("/residents/export").data)
    assert person.masked_phone in book and person.phone not in book
    found = latest()
    assert (found.state, found.rows, found.is_full, found.created_by_id) == (
        ExportState.SENT, 1, False, city.account_id
    )  # fmt: skip
    page = city.get("/exports/").text
    assert "小区居民管理" in page and "已下载" in page


def test_a_long_export_is_made_by_a_job_as_its_reader_would_see_it(
    app: Flask, make: Factories, login_as: Any, long_from_two_rows: None
) -> None:
    here = residents(make, "甲一", "甲二", "乙三")
    make.residency(make.person("甲四"), make.venue(area_code="410105001001"))
    db.session.commit()
    district = login_as(Role.DISTRICT_ADMIN, COMMUNITY[:6])
    search = post(district, "/residents/search", {"name": "甲"}).location
    answer = district.get("/residents/export?" + search.partition("?")[2])
    assert answer.status_code == 302 and "甲" not in answer.location
    page = district.get(answer.location).text
    assert "data-progress" in page and "甲" in page
    exports.make(latest().id)
    found = latest()
    assert (found.state, found.rows, found.asked) == (ExportState.READY, 2, None)
    (listed,) = re.findall(r'<tr role="row".*?</tr>', district.get("/exports/").text.partition("<tbody")[2], re.S)
    cells = dict(re.findall(r'data-label="([^"]+)">(?:<[^>]+>)*([^<]*)', listed))
    assert (cells["导出内容"], cells["行数"], cells["状态"]) == ("小区居民管理", "2", "可下载")
    assert "甲" in cells["查询条件"] and cells["导出时间"] and cells["到期时间"] == moment_text(found.expires_at)
    assert "下载" in listed
    assert district.get(f"/exports/{found.id}/progress").get_json()["finished"]
    book = words(district.get(f"/exports/{found.id}/file").data)
    assert "甲一" in book and "甲二" in book and "乙三" not in book and "甲四" not in book
    assert "导出" in book and here[0].phone not in book
    exports.make(found.id)
    assert db.session.execute(select(func.count()).select_from(StoredFile)).scalar_one() == 1


def test_an_export_in_full_asks_for_a_reason_and_says_so_in_the_file(
    app: Flask, make: Factories, login_as: Any
) -> None:
    (person,) = residents(make, "甲一")
    city = login_as(Role.CITY_ADMIN)
    assert "完整导出" in city.get("/residents/").text
    full = "/residents/export/full"
    assert "至少 4 个字" in post(city, full, {"reason": "查"}).text
    book = words(post(city, full, {"reason": "上门核酸采样"}).data)
    assert person.phone in book and person.document_number in book and "未脱敏，原因：上门核酸采样" in book
    event = db.session.execute(select(AuditEvent).where(AuditEvent.action == "export")).scalar_one()
    assert event.changes == {"rows": 1, "reason": "上门核酸采样", "full": True}
    assert (latest().is_full, latest().reason) == (True, "上门核酸采样")


def test_a_long_export_in_full_is_in_full(app: Flask, make: Factories, login_as: Any, long_from_two_rows: None) -> None:
    people = residents(make, "甲一", "甲二")
    city = login_as(Role.CITY_ADMIN)
    assert post(city, "/residents/export/full", {"reason": "上门核酸采样"}).status_code == 302
    exports.make(latest().id)
    book = words(city.get(f"/exports/{latest().id}/file").data)
    assert all(person.phone in book for person in people)


def test_a_screen_without_personal_data_has_nothing_to_export_in_full(app: Flask, login_as: Any) -> None:
    auditor = login_as(Role.AUDITOR)
    assert "完整导出" not in auditor.get("/audit-trail/").text
    assert auditor.get("/audit-trail/export/full").status_code == 302


def test_an_export_is_its_owners_alone(app: Flask, make: Factories, login_as: Any, long_from_two_rows: None) -> None:
    residents(make, "甲一", "甲二")
    login_as(Role.CITY_ADMIN).get("/residents/export")
    exports.make(latest().id)
    other = login_as(Role.CITY_ADMIN)
    for address in ("", "/progress", "/file"):
        assert other.get(f"/exports/{latest().id}{address}").status_code == 404


def test_files_go_after_their_time_and_the_record_stays(
    app: Flask, make: Factories, login_as: Any, long_from_two_rows: None
) -> None:
    residents(make, "甲一", "甲二")
    city = login_as(Role.CITY_ADMIN)
    city.get("/residents/export")
    exports.make(latest().id)
    assert asked_work.purge(clock.now()) == 0
    assert asked_work.purge(clock.now() + exports.KEPT) == 1
    assert (latest().state, latest().rows) == (ExportState.EXPIRED, 2)
    assert db.session.execute(select(func.count()).select_from(StoredFile)).scalar_one() == 0
    assert "已过期" in city.get(f"/exports/{latest().id}/file", follow_redirects=True).text


def test_nobody_orders_more_than_a_few_long_exports_at_once(
    app: Flask, make: Factories, login_as: Any, long_from_two_rows: None
) -> None:
    residents(make, "甲一", "甲二")
    city = login_as(Role.CITY_ADMIN)
    for _ in range(exports.MOST_RUNNING + 1):
        answer = city.get("/residents/export", follow_redirects=True).text
    assert "正在生成，请等其中一个完成" in answer
    assert db.session.execute(select(func.count()).select_from(ExportFile)).scalar_one() == exports.MOST_RUNNING


def test_an_export_whose_worker_is_gone_is_started_again(
    app: Flask, make: Factories, login_as: Any, long_from_two_rows: None
) -> None:
    residents(make, "甲一", "甲二")
    login_as(Role.CITY_ADMIN).get("/residents/export")
    for _ in range(asked_work.MOST_ATTEMPTS + 1):
        latest().heartbeat_at = clock.now() - asked_work.SILENCE * 2
        db.session.commit()
        assert asked_work.revive_silent() == 1
    assert (latest().state, latest().attempts) == (ExportState.FAILED, asked_work.MOST_ATTEMPTS)


def test_whoever_may_not_export_any_more_gets_no_file(
    app: Flask, make: Factories, login_as: Any, long_from_two_rows: None
) -> None:
    residents(make, "甲一", "甲二")
    city = login_as(Role.CITY_ADMIN)
    city.get("/residents/export")
    db.session.get_one(Account, city.account_id).role = Role.DATA_REPORTER
    db.session.commit()
    exports.make(latest().id)
    assert (latest().state, latest().file_id) == (ExportState.FAILED, None)


def test_an_export_is_a_csv_where_that_is_asked_for(app: Flask, make: Factories, login_as: Any) -> None:
    (person,) = residents(make, "甲一")
    city = login_as(Role.CITY_ADMIN)
    assert 'href="/residents/export?format=csv"' in city.get("/residents/").text
    answer = city.get("/residents/export?format=csv&status=NOT_REQUIRED")
    assert answer.mimetype == "text/csv" and answer.headers["Content-Disposition"].endswith(".csv")
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(lines) == 3 and "甲一" in "".join(lines[2])
    assert person.phone not in answer.text and person.masked_phone in answer.text
    reasoned = {"reason": "流调需要核对", "fmt": "csv"}
    assert person.phone in post(city, "/residents/export/full", reasoned).data.decode()
    assert "csv" not in (latest().conditions or "")


def test_a_long_csv_is_made_by_a_job(app: Flask, make: Factories, login_as: Any, long_from_two_rows: None) -> None:
    residents(make, "甲一", "乙二")
    city = login_as(Role.CITY_ADMIN)
    assert city.get("/residents/export?format=csv").status_code == 302
    exports.make(latest().id)
    answer = city.get(f"/exports/{latest().id}/file")
    assert answer.mimetype == "text/csv" and len(answer.data.decode().splitlines()) == 4


def test_numbers_over_all_lists_leave_as_csv_too(app: Flask, login_as: Any) -> None:
    answer = login_as(Role.CITY_ADMIN).get("/screening/statistics/export?format=csv")
    assert answer.mimetype == "text/csv" and answer.data.startswith("\ufeff".encode())
