"""「卡口管理」: made, edited, closed and opened again, with what the public page says meanwhile (Z-S6)."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.domain.roles import Role
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import AuditEvent, Venue
from tests.factories import Factories
from tests.web import post

FORM = {"name": "郑州站", "kind": "RAILWAY_STATION", "area_code": "410103"}


@pytest.fixture
def city(login_as) -> FlaskClient:
    return login_as(Role.CITY_ADMIN)


@pytest.fixture
def station(make: Factories) -> Venue:
    venue = make.venue(VenueKind.RAILWAY_STATION, "410103", name="郑州站")
    db.session.commit()
    return venue


def confirm(client: FlaskClient, venue: Venue, action: str) -> None:
    post(client, f"/checkpoints/{venue.id}/do/{action}", {"confirmed": "1"})
    db.session.expire_all()


def edit(client: FlaskClient, venue: Venue, **typed: str) -> str:
    answer = post(
        client, f"/checkpoints/{venue.id}/do/edit", {"name": venue.name, "area_code": venue.area_code, **typed}
    )
    db.session.expire_all()
    return answer.text


def actions() -> list[str]:
    return list(db.session.execute(select(AuditEvent.action).order_by(AuditEvent.id)).scalars())


def test_a_new_checkpoint_belongs_to_a_district(city: FlaskClient) -> None:
    assert "已保存" in post(city, "/checkpoints/new", FORM, follow_redirects=True).text
    venue = db.session.execute(select(Venue)).scalar_one()
    assert (venue.name, venue.kind, venue.area_code) == ("郑州站", VenueKind.RAILWAY_STATION, "410103")


def test_an_edited_checkpoint_has_the_new_name_on_its_page_at_once(city: FlaskClient, station: Venue, client) -> None:
    code = station.code
    assert "郑州站" in client.get(f"/s/{code}").text
    edit(city, station, name="郑州火车站", area_code="410104")
    assert (station.name, station.area_code, station.code) == ("郑州火车站", "410104", code)
    assert "郑州火车站" in client.get(f"/s/{code}").text
    event = db.session.execute(select(AuditEvent)).scalar_one()
    assert event.changes == {"name": ["郑州站", "郑州火车站"], "area_code": ["410103", "410104"]}


def test_an_edit_that_changes_nothing_leaves_no_trace(city: FlaskClient, station: Venue) -> None:
    edit(city, station)
    assert actions() == []


@pytest.mark.parametrize(
    ("typed", "words"), [({"name": ""}, "请填写名称"), ({"name": "郑州东站"}, "该区县已有同名场所")]
)
def test_what_is_wrong_is_said_beside_the_field(
    city: FlaskClient, station: Venue, make: Factories, typed: dict[str, str], words: str
) -> None:
    make.venue(VenueKind.HIGH_SPEED_STATION, "410103", name="郑州东站")
    db.session.commit()
    assert words in edit(city, station, **typed)
    assert station.name == "郑州站"


def test_a_district_moves_nothing_to_another(login_as, station: Venue) -> None:
    district = login_as(Role.DISTRICT_ADMIN, "410103")
    edit(district, station, area_code="410105")
    assert station.area_code == "410103"
    stranger = login_as(Role.DISTRICT_ADMIN, "410105")
    assert post(stranger, f"/checkpoints/{station.id}/do/edit", FORM).status_code == 404


def test_a_closed_checkpoint_says_so_until_it_is_opened_again(city: FlaskClient, station: Venue, client) -> None:
    address = f"/s/{station.code}"
    confirm(city, station, "close")
    closed = client.get(address)
    assert (closed.status_code, "此场所已停用" in closed.text) == (410, True)
    assert "do/edit" not in city.get("/checkpoints/").text
    confirm(city, station, "reopen")
    assert "入郑健康扫码" in client.get(address).text
    assert actions() == ["close_venue", "reopen_venue"]


def test_a_checkpoint_is_not_opened_beside_one_of_its_name(city: FlaskClient, station: Venue, make: Factories) -> None:
    confirm(city, station, "close")
    make.venue(VenueKind.RAILWAY_STATION, "410103", name="郑州站")
    db.session.commit()
    confirm(city, station, "reopen")
    assert not station.is_open
