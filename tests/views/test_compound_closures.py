"""「小区封控」 as a district works with it: close, agree, reopen; others do not."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.domain.colors import Color
from app.domain.roles import Role
from app.extensions import db
from app.models import ChangeSet, CompoundClosure
from app.services import health_colors
from tests.factories import Factories
from tests.web import post

FORM = {"ground": "emergency_regulation", "text": "流调报告第 3 号"}


def test_one_of_the_district_closes_another_agrees_and_the_way_back_is_the_same(login_as: Any, make: Factories) -> None:
    compound = make.venue(name="封控花园")
    person = make.residency(venue=compound).person
    one, other = (login_as(Role.DISTRICT_ADMIN, "410102") for _ in range(2))
    assert "封控" in one.get("/compounds/").text
    post(one, f"/compounds/{compound.id}/do/close_off", FORM)
    change = db.session.execute(select(ChangeSet)).scalar_one()
    assert "do/approve" not in one.get(f"/change-sets/{change.id}").text
    assert "绿 → 黄" in other.get(f"/change-sets/{change.id}").text
    post(other, f"/change-sets/{change.id}/do/approve", {"confirmed": "1"})
    assert health_colors.color_of(person.document_index, clock.now()).color is Color.YELLOW
    row = db.session.execute(select(CompoundClosure)).scalar_one()
    listed = one.get("/compound-closures/").text
    assert "封控花园" in listed and "封控中" in listed
    assert "《突发公共卫生事件应急条例》" in one.get(f"/compound-closures/{row.id}").text
    assert "do/close_off" not in one.get("/compounds/").text
    post(one, f"/compound-closures/{row.id}/do/reopen", {"confirmed": "1"})
    assert health_colors.color_of(person.document_index, clock.now()).color is Color.GREEN
    assert "已解封" in one.get("/compound-closures/").text


@pytest.mark.parametrize(("role", "area"), [(Role.STREET_ADMIN, "410102001"), (Role.COMMUNITY_ADMIN, "410102001002")])
def test_a_street_neither_closes_nor_reads_it(login_as: Any, make: Factories, role: Role, area: str) -> None:
    compound, client = make.venue(), login_as(role, area)
    assert "do/close_off" not in client.get("/compounds/").text
    assert post(client, f"/compounds/{compound.id}/do/close_off", FORM).status_code == 403
    assert client.get("/compound-closures/").status_code in (302, 403)


def test_another_district_sees_neither_closure_nor_change(login_as: Any, make: Factories) -> None:
    compound = make.venue(name="封控花园")
    make.residency(venue=compound)
    post(login_as(Role.DISTRICT_ADMIN, "410102"), f"/compounds/{compound.id}/do/close_off", FORM)
    stranger = login_as(Role.DISTRICT_ADMIN, "410103")
    assert "封控花园" not in stranger.get("/compound-closures/").text + stranger.get("/change-sets/").text
