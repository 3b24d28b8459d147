"""「二维码核验」: every poster is looked at once a day, whatever hangs it (checklist Z45)."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.clock import now
from app.domain.roles import Role
from app.domain.sectors import SECTORS, CodeState
from app.domain.venues import VenueKind
from app.extensions import appbuilder, db
from app.models import AuditEvent, PosterCheck, Venue
from app.views.checkpoints import CheckpointView
from app.views.sector_list import SectorListView
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


CHECKPOINTS_WAIT = "今日未核验的卡口二维码"


def _posters(make: Factories, kind: VenueKind) -> list[Venue]:
    """Two posters that hang somewhere, and one that does not yet."""
    venues = [make.venue(kind, "410102", activated_at=now()) for _ in range(2)]
    make.venue(kind, "410102", code_state=CodeState.REVOKED, activated_at=now(), name="作废的码")
    db.session.commit()
    return venues


def _waiting(client: Any, label: str) -> tuple[str, str]:
    """What a line of the first page says and opens; nothing where there is no such line."""
    line = re.compile(
        rf'<a href="([^"]+)"><span class="todo-text"><strong>{label}</strong>.*?<span class="count[^>]*>([^<]+)<', re.S
    )
    found = line.search(client.get("/").text)
    return (found[2], html.unescape(found[1])) if found else ("", "")


def _rows(client: Any, url: str) -> int:
    return client.get(url).text.partition("<tbody")[2].count('<tr role="row"')


def _look_through(client: Any, listed: str, venues: list[Venue], label: str) -> None:
    """Look at one poster, then at all: what waits counts down, and its line opens what it counts."""
    count, url = _waiting(client, label)
    assert (count, _rows(client, url)) == ("2", 2)
    assert (
        "已保存"
        in post(client, f"{listed}{venues[0].id}/do/check_poster", {"result": "wrong"}, follow_redirects=True).text
    )
    count, url = _waiting(client, label)
    assert (count, _rows(client, url), _rows(client, f"{listed}?poster=wrong")) == ("1", 1, 1)
    ticked = {"rowid": [str(venue.id) for venue in venues], "result": "right", "step": "2"}
    assert "已保存" in post(client, f"{listed}do/check_poster", ticked, follow_redirects=True).text
    assert _waiting(client, label) == ("", "")
    assert (_rows(client, f"{listed}?poster=right"), {check.is_right for check in _checks()}) == (2, {True})


def test_every_list_of_places_with_a_poster_offers_the_look(app: Flask) -> None:
    listed = [view for view in appbuilder.baseviews if isinstance(view, SectorListView | CheckpointView)]
    assert len(listed) == len(SECTORS) + 1
    for view in listed:
        assert "check_poster" in [action.name for action in view.screen.actions], view.route_base


# Their screens are alike: made from one table.
@pytest.mark.parametrize("kind", [VenueKind.BUS, VenueKind.OTHER], ids=lambda kind: kind.name)
def test_a_sectors_manager_looks_at_the_posters_of_its_kind(make: Factories, login_as: Any, kind: VenueKind) -> None:
    venues = _posters(make, kind)
    _posters(make, VenueKind.BUS if kind is not VenueKind.BUS else VenueKind.TAXI)
    client = login_as(Role.SECTOR_ADMIN, "4101", venue_kind=kind)
    listed = f"/sectors/{kind.name.lower().replace('_', '-')}/venues/"
    _look_through(client, listed, venues, WAITS)
    assert _rows(client, "/sectors/poster-checks/?result=right") == 2
    other = login_as(Role.SECTOR_ADMIN, "4101", venue_kind=next(each for each in SECTORS if each is not kind))
    assert _rows(other, "/sectors/poster-checks/") == 0


def test_the_posters_of_checkpoints_are_looked_at_too(make: Factories, login_as: Any) -> None:
    venues = _posters(make, VenueKind.AIRPORT)
    client = login_as(Role.DISTRICT_ADMIN, "410102")
    _look_through(client, "/checkpoints/", venues, CHECKPOINTS_WAIT)
    assert _rows(client, "/poster-checks/?place=" + venues[0].name) == 1
    assert _waiting(login_as(Role.STREET_ADMIN, "410102001"), CHECKPOINTS_WAIT) == ("", "")


def test_a_code_that_is_of_no_use_has_no_poster_to_look_at(make: Factories, login_as: Any) -> None:
    venue = make.venue(VenueKind.BUS, "410102", code_state=CodeState.REVOKED, activated_at=now())
    db.session.commit()
    client = login_as(Role.SECTOR_ADMIN, "4101", venue_kind=VenueKind.BUS)
    post(client, f"/sectors/bus/venues/{venue.id}/do/check_poster", {"result": "right"})
    ticked = {"rowid": str(venue.id), "result": "right", "step": "2"}
    assert "此场所已停用" in post(client, "/sectors/bus/venues/do/check_poster", ticked).text
    assert _checks() == []
