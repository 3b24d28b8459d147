"""Answers of the public pages that no link of a healthy demo leads to: every colour, refusal and fault, under a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask, Response, g

from app import clock
from app.domain.colors import Color
from app.domain.health import EvidenceKind
from app.domain.roles import Role
from app.domain.sectors import CodeState
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import DoubleSighting, Evidence, Venue
from app.models.encryption import document_index
from app.scan_pages import code_visits, pages, rendering, too_many
from app.services import appeals, evidence, look_ups, scan_venues
from app.services.audit import SYSTEM
from app.services.scan_entries import ScanResult
from tests.factories import Factories
from tests.health import DISTRICT, known
from tests.scan_pages.code_phone import GOOD_APPLICATION, CodePhone
from tests.scan_pages.phone import GOOD_FORM, Phone, forms_of

Named = Iterator[tuple[str, Response]]
DOCUMENT = str(GOOD_APPLICATION["document_number"])
FAULTY = {"name": "", "document_number": "41010", "phone_number": "1", "is_returnee": "yes", "consent": ""}
# Characters of a form that is larger than any form of ours.
_TOO_MUCH = 40_000
ACTIVATION = {"line": "1路", "plate": "豫A12345", "contact_name": "李四", "contact_phone": "13900000001"}


@dataclass(frozen=True)
class Place:
    """Where answers are asked for, and in which language."""

    app: Flask
    make: Factories
    language: str

    def venue(self, kind: VenueKind = VenueKind.COMPOUND, **details: Any) -> Venue:
        found = self.make.venue(kind, details.pop("area_code", DISTRICT), **details)
        db.session.commit()
        return found

    def phone(self) -> Phone:
        phone = Phone(self.app)
        phone.client.set_cookie("lang", self.language)
        return phone

    def code_phone(self) -> CodePhone:
        phone = CodePhone(self.app)
        phone.client.set_cookie("lang", self.language)
        return phone


def public_answers(place: Place) -> Named:
    """What a phone may be shown at a poster, and with a health code."""
    for part in (_forms, _results, _refusals, _code_pool, _own_code, _other_codes, _code_forms):
        yield from part(place)


def _forms(place: Place) -> Named:
    for name, kind in (("checkpoint", VenueKind.HIGH_SPEED_STATION), ("sector", VenueKind.FARMERS_MARKET)):
        yield f"form of a {name}", place.phone().scan(place.venue(kind))
    compound, phone = place.venue(area_code="410102001002"), place.phone()
    yield "form with faults", phone.fill_in(compound, **FAULTY)
    phone.fill_in(compound)
    yield "known people", phone.post(compound, {"identity": "1", "form_token": "0"})
    pinned = place.venue(VenueKind.BUS, poster_pin="2468")
    yield "known people and a poster's number", phone.scan(pinned)
    yield "pledge", phone.client.get(f"/s/{compound.code}/pledge")


def _results(place: Place) -> Named:
    found = scan_venues.find(place.venue(VenueKind.FARMERS_MARKET).code)
    assert found is not None
    looks: dict[str, dict[str, Any]] = {
        **{color.name: {"color": color, "reason": "您 14 天内到过中风险地区。"} for color in Color},
        "key area": {"color": Color.RED, "is_key_area": True},
        "refused": {"color": Color.GREEN, "is_refused": True, "is_remote": True},
    }
    for name, look in looks.items():
        given = {"name": "何晓明", "is_refused": False, "is_key_area": False, "recorded_at": clock.now(), **look}
        with place.app.test_request_context("/"):
            page = rendering.result_page(ScanResult(**given), found, place.language)
        yield f"result {name}", page


def _refusals(place: Place) -> Named:
    phone = place.phone()
    yield "unknown place", phone.client.get("/s/NOSUCH")
    yield "revoked code", phone.scan(place.venue(VenueKind.BUS, code_state=CodeState.REVOKED))
    yield "closed place", phone.scan(place.venue(closed_at=clock.now()))
    yield "code that nobody was given", phone.scan(place.venue(VenueKind.BUS, code_state=CodeState.GENERATED))
    open_place = place.venue()
    yield "page that expired", phone.post(open_place, {**GOOD_FORM, "form_token": "0"})
    yield "more than a form", phone.client.post(f"/s/{open_place.code}", data={"name": "何" * _TOO_MUCH})
    with place.app.test_request_context("/"):
        g.public_locale = place.language
        yield "fault of ours at a place", pages.failed(ConnectionError())
        yield "fault of ours with a code", code_visits.failed(ConnectionError())
    for name, sent in (("too often", {}), ("too often with a form", GOOD_FORM)):
        with place.app.test_request_context("/"):
            page = too_many.page(place.language, seconds=20, sent=sent.items())
        yield name, page


def _code_pool(place: Place) -> Named:
    phone, other = place.phone(), place.venue(VenueKind.OTHER, code_state=CodeState.HANDED_OUT)
    yield "activation with faults", phone.post(other, forms_of(phone.scan(other))[0].values)
    venue = place.venue(VenueKind.BUS, code_state=CodeState.HANDED_OUT)
    typed = {**forms_of(phone.scan(venue))[0].values, **ACTIVATION}
    yield "activation, code sent", phone.post(venue, {**typed, "send_code": "1"})
    yield "activated", phone.post(venue, {**typed, "sms_code": "123456"})


def _own_code(place: Place) -> Named:
    """One code from its application to red, with all that its page can tell."""
    phone, index = place.code_phone(), document_index("ID_CARD", DOCUMENT)
    yield "no code yet", phone.get("/code/")
    yield "application with faults", phone.client.post("/code/apply", data={**phone.form(), **FAULTY})
    url = phone.code_url(condition="FEVER")
    declared = db.session.execute(db.select(Evidence)).scalar_one()
    ask = f"{url}/appeal/{declared.id}"
    yield "yellow code", phone.get(url)
    yield "nothing to appeal", phone.get(f"{url}/appeal/987654321")
    yield "appeal with faults", phone.client.post(ask, data={**phone.form(ask), "reason": ""})
    phone.client.post(ask, data={**phone.form(ask), "reason": "体温计有误，已做核酸检测。"})
    yield "code with an appeal", phone.get(url)
    district = place.make.account(Role.DISTRICT_ADMIN, DISTRICT)
    evidence.end(declared.id, reason="误报", actor=SYSTEM)
    look_ups.looked(index, account=district)
    _show_twice(index, district.id)
    yield "green code with a past", phone.get(url)
    about = {"document_number": DOCUMENT, "name": "何晓明", "area_code": DISTRICT}
    brought = evidence.bring(known(EvidenceKind.CLOSE_CONTACT, **about), actor=SYSTEM)
    denied = appeals.open(index, brought.id, reason="未曾同乘。")
    appeals.deny(denied.id, answer="经核实，行程数据无误。", account=district)
    yield "red code with an answered appeal", phone.get(url)


def _show_twice(index: bytes, account_id: int) -> None:
    """The code was seen at two places at once."""
    sightings = {}
    for at, which in enumerate(("first", "second")):
        sightings[f"{which}_place"] = f"幸福小区{at}号院"
        sightings[f"{which}_seen_at"] = clock.now() - timedelta(seconds=60 - at)
        sightings[f"{which}_account_id"] = account_id
    row = DoubleSighting(
        document_index=index, masked_name="何**", number="350100123456", area_code=DISTRICT, **sightings
    )
    db.session.add(row)
    db.session.commit()


def _other_codes(place: Place) -> Named:
    phone = place.code_phone()
    for name in ("何小小", "何大大"):
        url = phone.code_url(document_type="OTHER", document_number=f"G{ord(name[1])}", name=name)
    yield "choice of codes", phone.get("/code/")
    change = f"{url}/phone"
    yield "new phone number with faults", phone.client.post(change, data=phone.form(change))


def _code_forms(place: Place) -> Named:
    phone = place.code_phone()
    yield "code of another phone", phone.get("/code/987654321")
    yield "pledge of a code", phone.get("/code/pledge")
    yield "what a stranger's camera opens", phone.get("/C/X")
    yield "no network", phone.client.get("/static/mobile-offline.html")
