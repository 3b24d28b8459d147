"""「获取二维码」 and 「二维码下载」: the poster of a compound in scope."""

from __future__ import annotations

import base64
import io
import re

import pypdf
import pytest
import zxingcpp
from flask import Flask
from PIL import Image

from app.clock import now
from app.domain.roles import Role
from app.domain.sectors import CodeState
from app.domain.venues import VenueKind
from app.extensions import db
from tests.factories import Factories


@pytest.fixture
def manager(make: Factories, login_as):
    venue = make.venue(name="建设新苑小区")
    client = login_as(Role.COMPOUND_ADMIN, venue.area_code, venues=[venue])
    client.venue = venue
    return client


def _codes(data: bytes) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(data)))]


def _address(app: Flask, code: str) -> str:
    return f"{app.config['PUBLIC_URL']}/s/{code}"


def test_the_page_shows_a_code_that_opens_the_scan_page(app: Flask, manager) -> None:
    page = manager.get(f"/poster/{manager.venue.id}").text
    assert "获取二维码" in page
    assert "二维码下载" in page
    picture = re.search(r'src="data:image/png;base64,([^"]+)"', page)
    assert picture
    assert _codes(base64.b64decode(picture.group(1))) == [_address(app, manager.venue.code)]


def test_the_dialog_has_no_frame(manager) -> None:
    page = manager.get(f"/poster/{manager.venue.id}", headers={"X-Requested-With": "fetch"}).text
    assert "<html" not in page
    assert "建设新苑小区" in page


def test_the_picture_opens_the_scan_page(app: Flask, manager) -> None:
    answer = manager.get(f"/poster/{manager.venue.id}.png")
    assert answer.mimetype == "image/png"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert _codes(answer.data) == [_address(app, manager.venue.code)]


def test_the_page_to_print_names_the_compound_and_says_what_to_do(manager) -> None:
    answer = manager.get(f"/poster/{manager.venue.id}.pdf")
    assert answer.mimetype == "application/pdf"
    text = "".join(pypdf.PdfReader(io.BytesIO(answer.data)).pages[0].extract_text().split())
    assert "建设新苑小区" in text
    assert "用手机扫描上方二维码" in text
    assert "全市居民小区健康登记管理系统" in text


@pytest.mark.parametrize("suffix", ["", ".png", ".pdf"])
def test_another_compound_s_poster_is_not_there(make: Factories, manager, suffix: str) -> None:
    other = make.venue()
    db.session.commit()
    assert manager.get(f"/poster/{other.id}{suffix}").status_code == 404


def test_a_closed_compound_and_a_revoked_code_have_no_poster(make: Factories, login_as) -> None:
    closed, revoked = make.venue(closed_at=now()), make.venue(VenueKind.BUS, code_state=CodeState.REVOKED)
    city = login_as(Role.CITY_ADMIN)
    assert city.get(f"/poster/{closed.id}").status_code == 404
    assert city.get(f"/poster/{revoked.id}").status_code == 404


def test_a_sectors_manager_has_the_posters_of_that_sector_only(make: Factories, login_as) -> None:
    bus, taxi = make.venue(VenueKind.BUS, poster_pin="4711"), make.venue(VenueKind.TAXI)
    manager = login_as(Role.SECTOR_ADMIN, venue_kind=VenueKind.BUS)
    answer = manager.get(f"/poster/{bus.id}.pdf")
    assert "4711" in pypdf.PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    assert manager.get(f"/poster/{taxi.id}").status_code == 404


def test_the_avatar_menu_offers_the_code_of_the_compound_in_hand(manager) -> None:
    assert f'href="/poster/{manager.venue.id}"' in manager.get("/entries/").text


def test_an_auditor_gets_no_poster(make: Factories, login_as) -> None:
    venue = make.venue()
    answer = login_as(Role.AUDITOR).get(f"/poster/{venue.id}.png")
    assert answer.mimetype != "image/png"
