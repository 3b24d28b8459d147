"""「小区管理」: compounds of an area, new ones with a code of their own, and those that are no more."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.domain.errors import DomainError
from app.domain.roles import Role
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import AuditEvent, Venue
from app.services import venues
from app.services.audit import SYSTEM
from tests.factories import COMMUNITY, Factories
from tests.web import post

FORM = {"name": "新建小区", "kind": "VILLAGE", "area_code": COMMUNITY, "address": "建设西路 1 号"}


@pytest.fixture
def district(login_as):
    return login_as(Role.DISTRICT_ADMIN, "410102")


def _listed(page: str) -> list[str]:
    return re.findall(r'data-label="小区名称">(.*?)</td>', page)


def test_a_manager_sees_the_compounds_of_the_own_area(make: Factories, district) -> None:
    make.venue(name="建设新苑小区")
    make.venue(name="金水嘉苑小区", area_code="410105008013")
    make.venue(VenueKind.BUS, name="101 路")
    db.session.commit()
    assert _listed(district.get("/compounds/").text) == ["建设新苑小区"]


def test_compounds_are_found_by_name_kind_and_area(make: Factories, district) -> None:
    make.venue(name="建设新苑小区")
    make.venue(VenueKind.VILLAGE, name="刘胡垌村", area_code="410102003001")
    db.session.commit()
    for search in ("name=胡垌", "kind=VILLAGE", "area=410102003"):
        assert _listed(district.get(f"/compounds/?{search}").text) == ["刘胡垌村"]


def test_a_new_compound_gets_a_code_and_is_on_record(district) -> None:
    answer = post(district, "/compounds/new", FORM, follow_redirects=True)
    assert "已保存" in answer.text
    venue = db.session.execute(select(Venue).where(Venue.name == "新建小区")).scalar_one()
    assert (venue.kind, venue.area_code, venue.address) == (VenueKind.VILLAGE, COMMUNITY, "建设西路 1 号")
    assert re.fullmatch("CZ[2-9A-Z]{10}", venue.code)
    assert db.session.execute(select(AuditEvent.action)).scalars().all() == ["create_venue"]
    assert f"/poster/{venue.id}" in answer.text


def test_a_community_outside_the_area_is_not_offered_and_not_taken(district) -> None:
    assert "410105008013" not in district.get("/compounds/new").text
    post(district, "/compounds/new", {**FORM, "area_code": "410105008013"})
    assert db.session.execute(select(Venue.id)).first() is None


def test_a_name_is_given_once_in_a_community(make: Factories, district) -> None:
    make.venue(name="新建小区")
    db.session.commit()
    assert "该社区已有同名小区" in post(district, "/compounds/new", FORM).text


def test_a_closed_compound_stays_listed_without_a_poster(make: Factories, district) -> None:
    venue = make.venue(name="建设新苑小区")
    db.session.commit()
    post(district, f"/compounds/{venue.id}/do/close", {"confirmed": "1"})
    page = district.get("/compounds/").text
    assert "已停用" in page
    assert f'href="/poster/{venue.id}"' not in page
    assert db.session.execute(select(AuditEvent.action)).scalars().all() == ["close_venue"]


def test_a_compound_of_another_district_cannot_be_closed(make: Factories, district) -> None:
    venue = make.venue(area_code="410105008013")
    db.session.commit()
    assert post(district, f"/compounds/{venue.id}/do/close", {"confirmed": "1"}).status_code == 404
    db.session.expire_all()
    assert venue.is_open


def test_a_compound_manager_does_not_make_compounds(make: Factories, login_as) -> None:
    venue = make.venue()
    client = login_as(Role.COMPOUND_ADMIN, venue.area_code, venues=[venue])
    assert "所属社区" not in client.get("/compounds/new", follow_redirects=True).text
    assert "小区管理</" not in client.get("/entries/").text


def test_codes_are_never_the_same_and_carry_their_kind(app) -> None:
    codes = {venues.new_code(VenueKind.COMPOUND) for _ in range(500)}
    assert len(codes) == 500
    assert all(code.startswith("XQ") and len(code) == 12 for code in codes)


@pytest.mark.parametrize(
    ("kind", "area", "code"), [(VenueKind.BUS, COMMUNITY, "venue_kind"), (VenueKind.VILLAGE, "410102", "venue_area")]
)
def test_only_compounds_of_a_community_are_made_here(app, kind: VenueKind, area: str, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        venues.create(kind=kind, name="某处", area_code=area, address="", actor=SYSTEM)
    assert refused.value.code == code
