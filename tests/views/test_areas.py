"""「区划管理」 and 「区划移动」: nodes of our own, and a move that is previewed, confirmed and watched."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.domain.roles import Role
from app.extensions import db
from app.jobs import areas as jobs
from app.models import Area, AreaMove
from tests.factories import COMMUNITY, Factories
from tests.services.test_area_moves import areas_as_they_were  # noqa: F401 - the tree is everybody's
from tests.web import post


@pytest.fixture
def editor(login_as: Any) -> FlaskClient:
    return login_as(Role.CITY_ADMIN)  # type: ignore[no-any-return]


def test_an_area_of_our_own_is_added_named_and_ended(editor: FlaskClient) -> None:
    given = {"target": "4101", "name": "龙湖新区", "aliases": "龙湖、龙湖管委会"}
    post(editor, "/areas-of-region/new", given)
    area = db.session.execute(select(Area).where(Area.name == "龙湖新区")).scalar_one()
    assert area.aliases == ["龙湖", "龙湖管委会"]
    assert "龙湖新区" in editor.get(f"/areas-of-region/{area.code}").text
    post(editor, f"/areas-of-region/{area.code}/do/edit", {"name": "龙湖区", "aliases": ""})
    post(editor, f"/areas-of-region/{area.code}/do/end", {"confirmed": "1"})
    db.session.expire_all()
    assert (area.name, area.aliases) == ("龙湖区", []) and area.ended_at is not None


def test_the_tree_is_walked_down_from_ones_own_area_and_up_again(editor: FlaskClient) -> None:
    city = "/areas-of-region/4101"
    assert f'href="{city}"' in editor.get("/areas-of-region/").text
    district = "/areas-of-region/410102"
    assert f'href="{district}"' in editor.get(city).text
    assert f'href="{city}"' in editor.get(district).text
    assert 'href="/areas-of-region/41"' not in editor.get(city).text, "nobody edits above the own area"


def test_a_street_is_moved_after_a_look_at_what_comes_along(editor: FlaskClient, make: Factories) -> None:
    make.entry(make.residency())
    db.session.commit()
    url = "/area-moves/ask?area=410102001"
    assert "移动到" in editor.get(url).text
    seen = post(editor, url, {"target": "410105"}).text
    assert "进出记录" in seen and "410105999" in seen and "金水区" in seen
    assert db.session.execute(select(AreaMove)).first() is None
    post(editor, url, {"target": "410105", "confirmed": "1"})
    move = db.session.execute(select(AreaMove)).scalar_one()
    assert "进行中" in editor.get(f"/area-moves/{move.id}").text
    jobs.move(move.id)
    told = editor.get(f"/area-moves/{move.id}/progress").json
    assert told["finished"] and told["done"] == told["total"] > 0  # type: ignore[index]


def test_a_compound_is_moved_from_its_communitys_page(editor: FlaskClient, make: Factories) -> None:
    venue = make.venue()
    db.session.commit()
    assert f"/area-moves/ask?venue={venue.id}" in editor.get(f"/areas-of-region/{COMMUNITY}").text
    url = f"/area-moves/ask?venue={venue.id}"
    post(editor, url, {"target": "410102001003", "confirmed": "1"})
    jobs.move(db.session.execute(select(AreaMove.id)).scalar_one())
    db.session.expire_all()
    assert venue.area_code == "410102001003"


@pytest.mark.parametrize("path", ["/area-moves/ask?area=411002", "/area-moves/ask?area=", "/area-moves/ask?venue=1"])
def test_what_lies_elsewhere_is_not_there(editor: FlaskClient, path: str) -> None:
    assert editor.get(path).status_code == 404
    assert editor.get("/areas-of-region/411002").status_code == 404


def test_a_target_elsewhere_is_no_choice(editor: FlaskClient) -> None:
    post(editor, "/area-moves/ask?area=410102001", {"target": "411002", "confirmed": "1"})
    assert db.session.execute(select(AreaMove)).first() is None


@pytest.mark.parametrize("role", [Role.DISTRICT_ADMIN, Role.AUDITOR])
def test_others_do_not_edit_the_tree(login_as: Any, role: Role) -> None:
    client = login_as(role, "410102" if role is Role.DISTRICT_ADMIN else "4101")
    assert client.get("/areas-of-region/").status_code == 403
    assert client.get("/area-moves/ask?area=410102001").status_code == 403
