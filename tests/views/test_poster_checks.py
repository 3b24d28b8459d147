"""「二维码核验」: a compound's poster is looked at once a day (checklist Z45)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.domain.roles import Role
from app.extensions import db
from app.models import AuditEvent, PosterCheck
from tests.factories import Factories
from tests.web import post

WAITS = "今日未核验二维码"


@pytest.fixture
def manager(make: Factories, login_as: Any) -> Any:
    venue = make.venue(name="建设新苑小区")
    client = login_as(Role.COMPOUND_ADMIN, venue.area_code, venues=[venue])
    client.venue = venue
    return client


def _checks() -> list[PosterCheck]:
    db.session.expire_all()
    return list(db.session.execute(select(PosterCheck)).scalars())


def test_a_poster_nobody_has_looked_at_today_waits_on_the_first_page(manager: Any) -> None:
    assert WAITS in manager.get("/").text
    post(manager, "/poster-checks/new", {"result": "right"})
    assert WAITS not in manager.get("/").text


def test_a_look_is_on_record_and_the_second_of_a_day_replaces_the_first(manager: Any) -> None:
    for result in ("right", "wrong"):
        assert "已保存" in post(manager, "/poster-checks/new", {"result": result}, follow_redirects=True).text
    (check,) = _checks()
    assert (check.venue_id, check.is_right) == (manager.venue.id, False)
    looks = select(AuditEvent.changes).where(AuditEvent.action == "check_poster").order_by(AuditEvent.id)
    events = db.session.execute(looks).scalars()
    assert [event["is_right"] for event in events] == [[None, True], [True, False]]


def test_nothing_chosen_is_no_look(manager: Any) -> None:
    assert "请选择核验结果" in post(manager, "/poster-checks/new", {}).text
    assert _checks() == []


def test_the_area_s_managers_see_which_posters_were_wrong(manager: Any, login_as: Any) -> None:
    post(manager, "/poster-checks/new", {"result": "wrong"})
    assert "建设新苑小区" in login_as(Role.DISTRICT_ADMIN, "410102").get("/poster-checks/?result=wrong").text
    assert "建设新苑小区" not in login_as(Role.DISTRICT_ADMIN, "410105").get("/poster-checks/").text


def test_only_the_compound_s_manager_looks(login_as: Any) -> None:
    post(login_as(Role.DISTRICT_ADMIN, "410102"), "/poster-checks/new", {"result": "right"})
    assert _checks() == []
