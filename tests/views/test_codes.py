"""「二维码批次」 and 「二维码列表」: a sector's manager has the own kind only; files come piece by piece (Z-S7)."""

from __future__ import annotations

import re

import pytest

from app.domain.codes import PrintForm
from app.domain.roles import Role
from app.domain.sectors import CodeState
from app.domain.venues import VenueKind
from app.extensions import db
from app.jobs import codes
from app.models import CodeBatch, CodePrint, Venue
from app.services import code_pool, code_prints
from tests.factories import Factories
from tests.web import post


@pytest.fixture
def buses(login_as):
    return login_as(Role.SECTOR_ADMIN, venue_kind=VenueKind.BUS)


def test_a_manager_orders_a_batch_and_hands_it_out(buses) -> None:
    page = buses.get("/code-batches/new").text
    assert re.findall(r'<option[^>]*value="(\w+)"', page) == ["BUS"]
    post(buses, "/code-batches/new", {"kind": "BUS", "size": "3", "remark": "夏季"})
    batch = db.session.query(CodeBatch).one()
    assert f"/code-batches/{batch.id}" in buses.get("/code-batches/").text
    assert buses.get(f"/code-batches/{batch.id}/progress").json["finished"] is False
    codes.generate(batch.id)
    assert buses.get(f"/code-batches/{batch.id}/progress").json["done"] == 3
    answer = post(buses, f"/code-batches/{batch.id}/do/hand_out", {"to": "一公司"}, follow_redirects=True)
    assert "已下发" in answer.text
    db.session.expire_all()
    assert {venue.code_state for venue in db.session.query(Venue)} == {CodeState.HANDED_OUT}


def test_too_many_codes_are_refused_beside_the_field(buses) -> None:
    answer = post(buses, "/code-batches/new", {"kind": "BUS", "size": "10001"})
    assert "每批可生成1到10000个二维码" in answer.text
    assert db.session.query(CodeBatch).count() == 0


def test_another_sectors_batches_codes_and_files_are_not_there(buses, make: Factories) -> None:
    city = make.account(Role.CITY_ADMIN)
    batch = code_pool.generate(kind=VenueKind.TAXI, size=2, remark="", account=city)
    codes.generate(batch.id)
    db.session.expire_all()
    (order,) = code_prints.order(batch, PrintForm.SHEET, account=city)
    codes.print_posters(order.id)
    taxi = db.session.query(Venue).first()
    for address in (f"/code-batches/{batch.id}", f"/code-batches/files/{order.id}"):
        assert buses.get(address).status_code == 404
    assert taxi.name not in buses.get("/codes/").text
    assert post(buses, f"/codes/{taxi.id}/do/revoke", {"reason": "x"}).status_code == 404


def test_a_finished_file_is_downloaded_by_its_name(login_as, make: Factories) -> None:
    city = make.account(Role.CITY_ADMIN)
    batch = code_pool.generate(kind=VenueKind.TAXI, size=2, remark="", account=city)
    codes.generate(batch.id)
    client = login_as(Role.CITY_ADMIN)
    post(client, f"/code-batches/{batch.id}/do/print_sheet", {"confirmed": "1"})
    order = db.session.query(CodePrint).one()
    codes.print_posters(order.id)
    answer = client.get(f"/code-batches/files/{order.id}")
    assert (answer.mimetype, answer.data[:4]) == ("application/pdf", b"%PDF")
    assert ".pdf" in answer.headers["Content-Disposition"]


def test_a_code_is_found_by_its_number_revoked_and_replaced(buses, make: Factories) -> None:
    first, second = (make.venue(VenueKind.BUS, "4101", code=f"GJABCDEFGH2{n}") for n in (1, 2))
    db.session.commit()
    page = buses.get("/codes/?code=gjab-cdef-gh21").text
    assert ("GJAB-CDEF-GH21" in page, "GJAB-CDEF-GH22" in page) == (True, False)
    post(buses, f"/codes/{first.id}/do/revoke", {"reason": "丢失"})
    post(buses, f"/codes/{second.id}/do/replace", {"confirmed": "1"})
    post(buses, f"/codes/{second.id}/do/ask_pin", {"confirmed": "1"})
    db.session.expire_all()
    assert first.code_state is CodeState.REVOKED
    assert second.code != "GJABCDEFGH22"
    assert re.fullmatch(r"[0-9]{4}", second.poster_pin)
