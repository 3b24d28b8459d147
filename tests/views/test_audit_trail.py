"""「操作日志」 is searched by who, what, where and when; whether it holds is shown, and looked at when asked."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import func, select, text

from app.domain.roles import Role
from app.extensions import db
from app.jobs import audit as jobs
from app.models import AuditCheck, AuditEvent
from app.services import audit
from app.services.audit import Actor
from app.services.transaction import transaction
from tests.factories import Factories
from tests.web import post

WHERE = {"410102001002": "碧沙岗", "410105001001": "花园路"}


@pytest.fixture
def auditor(login_as: Any) -> FlaskClient:
    return login_as(Role.AUDITOR)  # type: ignore[no-any-return]


@pytest.fixture
def events(app: Flask, make: Factories) -> None:
    """One event of each of two accounts, each elsewhere, and one of the system."""
    with transaction():
        for name, code, action in (("王建国", "410102001002", "reveal"), ("李秀英", "410105001001", "edit_venue")):
            account = make.account(Role.COMMUNITY_ADMIN, code, name=name)
            audit.record(Actor.of(account), action, subject=7, subject_type="venue", area_code=code)
        audit.record(audit.SYSTEM, "release_finished", subject=9, subject_type="residency", area_code="410102001002")


def listed(client: FlaskClient, **search: str) -> list[bool]:
    """Whether the page lists the events of Wang, Li and the system."""
    page = client.post("/audit-trail/search", data={**search, "csrf_token": token(client)}, follow_redirects=True).text
    rows = page.partition("<tbody")[2].partition("</tbody>")[0]
    return [name in rows for name in ("王建国", "李秀英", "隔离期满自动解除")]


def token(client: FlaskClient) -> str:
    from tests.web import csrf_token

    return csrf_token(client, "/audit-trail/")


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({"actor": "王建国"}, [True, False, False]),
        ({"actor": "系统"}, [False, False, True]),
        ({"action": "edit_venue"}, [False, True, False]),
        ({"kind": "residency"}, [False, False, True]),
        ({"area": "410105"}, [False, True, False]),
        ({"area": "中原区"}, [True, False, True]),
        ({"area": "没有这个地方"}, [False, False, False]),
        ({"until": "2020-01-01"}, [False, False, False]),
        ({"since": "2020-01-01"}, [True, True, True]),
    ],
)
def test_events_are_found(auditor: FlaskClient, events: None, search: dict[str, str], found: list[bool]) -> None:
    assert listed(auditor, **search) == found


def test_what_was_searched_for_is_exported(auditor: FlaskClient, events: None) -> None:
    sheet = load_workbook(BytesIO(auditor.get("/audit-trail/export?action=edit_venue").data)).active
    cells = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row]
    assert any("李秀英" in cell for cell in cells) and not any("王建国" in cell for cell in cells)


def make_looks() -> None:
    """The jobs of the looks that were asked for."""
    for key in db.session.execute(select(AuditCheck.id).where(AuditCheck.finished_at.is_(None))).scalars().all():
        jobs.verify(key)


def test_a_look_says_up_to_which_event_the_trail_holds(auditor: FlaskClient, events: None) -> None:
    assert "尚未校验" in auditor.get("/audit-trail/").text
    assert "已开始校验" in post(auditor, "/audit-trail/check", follow_redirects=True).text
    assert "正在进行" in auditor.get("/audit-trail/").text
    assert "正在校验，请稍后查看结果" in post(auditor, "/audit-trail/check", follow_redirects=True).text
    make_looks()
    page = auditor.get("/audit-trail/").text
    assert "完整" in page and "第 4 条" in page and "正在进行" not in page
    assert (
        db.session.execute(select(AuditEvent.action).order_by(AuditEvent.id.desc())).scalars().first()
        == "audit.checked"
    )


def test_the_first_broken_event_is_named(auditor: FlaskClient, events: None) -> None:
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text("UPDATE audit_event SET action = 'nothing' WHERE id = 2"))
        else:
            triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
            for name, _sql in triggers:
                connection.execute(text(f"DROP TRIGGER {name}"))
            connection.execute(text("UPDATE audit_event SET action = 'nothing' WHERE id = 2"))
            for _name, sql in triggers:
                connection.execute(text(sql))
    post(auditor, "/audit-trail/check")
    make_looks()
    page = auditor.get("/audit-trail/").text
    assert "第 2 条：内容或次序被改动" in page and "请保留现场" in page


def test_every_night_it_is_looked_at_once(app: Flask, events: None) -> None:
    jobs.verify_nightly()
    jobs.verify_nightly()
    assert db.session.execute(select(func.count()).select_from(AuditCheck)).scalar_one() == 1
    make_looks()
    make_looks()
    told = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "audit.checked")
    assert db.session.execute(told).scalar_one() == 1


def test_a_city_administrator_reads_and_does_not_start_looks(login_as: Any, events: None) -> None:
    client = login_as(Role.CITY_ADMIN)
    assert "/audit-trail/check" not in client.get("/audit-trail/").text
    assert post(client, "/audit-trail/check").status_code == 403


def test_what_changed_is_said_in_words(app: Flask, auditor: FlaskClient) -> None:
    told = {
        "list": "telecom",
        "new": 61,
        "undispatched": 5,
        "cause": "RISK_AREAS",
        "counts": {"GREEN>YELLOW": 35},
        "kind": "CLOSE_CONTACT",
        "state": ["PROPOSED", "IN_FORCE"],
        "ground": "infectious_diseases",
        "has_remark": True,
    }
    with transaction():
        audit.record(
            audit.SYSTEM, "import_list", subject=7, subject_type="import_batch", area_code="4101", changes=told
        )
    rows = auditor.get("/audit-trail/").text.partition("<tbody")[2].partition("</tbody>")[0]
    (said,) = re.findall(r">([^<]*通管人员摸排[^<]*)<", rows)
    for words in ("名单：通管人员摸排", "新增：61", "未下发：5", "绿 → 黄 35", "备注：是"):
        assert words in said
    assert not re.search("[A-Za-z_]", said), said
