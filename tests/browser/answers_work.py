"""Answers in the middle of work in the back office: faults beside fields, second questions, steps of an import."""

from __future__ import annotations

import io

from flask.testing import FlaskClient

from app.domain.quarantine import QuarantineStatus
from app.domain.roles import Role
from app.extensions import db
from app.services import imports_checking
from tests.browser.answers import Named, Place
from tests.browser.answers_desk import signed_in
from tests.factories import COMMUNITY
from tests.lists import people_sheet
from tests.web import post

UNKNOWN_TITLES = "那天,机主,打哪个电话,在哪个区\n2020-04-07,何晓明,13900000001,金水区\n"
DAY = "2020-04-07"


def work_answers(place: Place) -> Named:
    """What comes back from a form, at a desk and on a phone, and what an uploaded file asks next."""
    yield from _of_a_compound(place)
    yield from _of_an_import(place)


def _of_a_compound(place: Place) -> Named:
    compound = place.venue(area_code=COMMUNITY)
    waiting = place.make.residency(venue=compound, status=QuarantineStatus.PENDING)
    _manager, client = signed_in(place, Role.COMPOUND_ADMIN, area_code=COMMUNITY, venues=[compound])
    for site, where in (("", "desk"), ("/m", "phone")):
        record = f"{site}/residents/{waiting.id}"
        yield f"{where}, new resident with faults", post(client, f"{site}/residents/new")
        yield f"{where}, second question", post(client, f"{record}/do/confirm")
        yield f"{where}, release with faults", post(client, f"{record}/do/release")
    found = post(client, "/residents/search", {"name": "无此人"}).location
    yield "desk, nobody found", client.get(found)


def _of_an_import(place: Place) -> Named:
    _city, client = signed_in(place, Role.CITY_ADMIN, area_code="4101")
    yield "import without a file", post(client, "/imports/telecom/")
    sheet = (
        people_sheet("telecom", 2, day=DAY) + b"\n" + people_sheet("telecom", 1, day="?", district="老金水", first=9)
    )
    page = upload(client, sheet)
    yield "import that is being checked", client.get(page)
    _check(page)
    yield "preview with faults", client.get(page)
    post(client, f"{page}/confirm")
    yield "import at work", client.get(page)
    page = upload(client, UNKNOWN_TITLES.encode())
    _check(page)
    yield "columns by hand", client.get(f"{page}/columns")
    yield "columns by hand with faults", post(client, f"{page}/columns", page=f"{page}/columns")


def upload(client: FlaskClient, content: bytes) -> str:
    """Return the address of the batch of a file that a city uploads; nobody works on it yet."""
    sent = {"file": (io.BytesIO(content), "名单.csv")}
    return str(post(client, "/imports/telecom/", sent, content_type="multipart/form-data").location)


def _check(page: str) -> None:
    imports_checking.check(int(page.rpartition("/")[2]))
    db.session.expire_all()
