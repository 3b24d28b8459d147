"""Answers on the way into the back office, its refusals and faults, and what a guard reads of a code."""

from __future__ import annotations

from typing import Any

from flask import make_response, session
from flask.testing import FlaskClient

from app import clock
from app.domain import one_time_codes
from app.domain.colors import Color
from app.domain.health import EvidenceKind
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, HealthCode, SignInSession
from app.services import code_tokens, evidence
from app.services.audit import SYSTEM
from app.views import errors
from tests.browser.answers import Named, Place
from tests.factories import Factories, id_card, phone
from tests.health import DISTRICT, known
from tests.second_factors import next_step, secret_on
from tests.web import open_session, post

LOGIN, FORGOT = "/account/login/", "/account/password/forgot"
SECOND_FACTOR = "/account/second-factor/"
PHONE = "13700137000"
GUEST = {"document_number": id_card(8, birth="19850607"), "phone_number": phone(8)}


def desk_answers(place: Place) -> Named:
    """What whoever wants in is shown, and whoever went astray."""
    for part in (_sign_in, _forgotten, _second_factor, _duties, _faults, _checks):
        yield from part(place)


def _visitor(place: Place) -> FlaskClient:
    client = place.app.test_client()
    client.get(f"/language/{place.language}")
    return client


def signed_in(place: Place, role: Role, **details: Any) -> tuple[Account, FlaskClient]:
    account = place.make.account(role, details.pop("area_code", DISTRICT), **details)
    db.session.commit()
    client = _visitor(place)
    open_session(client, account)
    return account, client


def _sign_in(place: Place) -> Named:
    client = _visitor(place)
    place.app.config["CAPTCHA"] = True
    try:
        asked = [post(client, LOGIN, page=LOGIN), client.get(f"{LOGIN}?next=/m/")]
    finally:
        place.app.config["CAPTCHA"] = False
    yield from zip(("sign-in with a captcha and faults", "sign-in of a phone with a captcha"), asked, strict=True)
    typed = {"username": PHONE, "password": "wrong-password-1"}
    for _ in range(4):
        post(client, LOGIN, typed, page=LOGIN)
    yield "sign-in with a code", post(client, LOGIN, typed, page=LOGIN)
    yield "sign-in of a phone with a code", post(client, f"{LOGIN}?next=/m/", typed, page=LOGIN)


def _forgotten(place: Place) -> Named:
    place.make.account(Role.DISTRICT_ADMIN, DISTRICT, phone=PHONE)
    db.session.commit()
    client = _visitor(place)
    yield "forgotten password, code sent", post(client, f"{FORGOT}/code", {"phone": PHONE}, page=FORGOT)
    proved = post(client, FORGOT, {"phone": PHONE, "sms_code": "123456"}, page=FORGOT)
    yield "new password with faults", post(client, proved.location, {"new_password": "1"}, page=proved.location)


def _second_factor(place: Place) -> Named:
    account, client = signed_in(place, Role.CITY_ADMIN, area_code="4101")
    offered = client.get(SECOND_FACTOR)
    yield "offer of a second factor with faults", post(client, SECOND_FACTOR, page=SECOND_FACTOR)
    code = one_time_codes.code_at(secret_on(offered.text), next_step() - 2)
    sent = {"password": Factories.password, "second_code": code}
    yield "recovery codes", post(client, SECOND_FACTOR, sent, page=SECOND_FACTOR)
    yield "second factor in use", client.get(SECOND_FACTOR)
    yield "new recovery codes", client.get(f"{SECOND_FACTOR}recovery-codes")
    other = _visitor(place)
    typed = {"username": account.username, "password": Factories.password}
    second = post(other, LOGIN, typed, page=LOGIN).location
    yield "second step with a wrong code", post(other, second, {"second_code": "000000"}, page=second)


def _duties(place: Place) -> Named:
    _owner, client = signed_in(place, Role.DISTRICT_ADMIN, must_change_password=True)
    url = client.get("/").location
    yield "first password with faults", post(client, url, {"old_password": "1", "new_password": "1"}, page=url)


def _faults(place: Place) -> Named:
    _owner, client = signed_in(place, Role.COMPOUND_ADMIN, venues=[place.venue()])
    yield "nothing here", client.get("/residents/987654321")
    yield "nothing here on a phone", client.get("/m/nowhere")
    yield "not allowed", client.get("/audit-trail/")
    yield "page expired for a visitor", _visitor(place).post(LOGIN, data={})
    yield "page expired", client.post("/switch-compound")
    for code in (409, 413, 429, 500, 503):
        with place.app.test_request_context("/"):
            session["locale"] = place.language
            page = make_response(errors.page(code))
        yield f"fault {code}", page
    db.session.execute(db.delete(SignInSession))
    db.session.commit()
    yield "sign-in after the end of a session", client.get(post(client, "/switch-compound").location)
    yield "the same on a phone", client.get(client.get("/m/residents/").location)


def _checks(place: Place) -> Named:
    venue = place.venue()
    _first, client = signed_in(place, Role.COMPOUND_ADMIN, venues=[venue])
    _second, other = signed_in(place, Role.COMPOUND_ADMIN, venues=[place.venue()])
    yield "check", client.get("/check/")
    yield "check of no code", post(client, "/check/", {"shown": "12345"})
    for color, declared in ((Color.GREEN, {}), (Color.YELLOW, {"condition": "FEVER"})):
        shown = _code_of(place, **declared)
        yield f"check of a {color.tone} code", post(client, "/check/", {"shown": shown})
    about = {"document_number": GUEST["document_number"], "name": "何晓明"}
    evidence.bring(known(EvidenceKind.CLOSE_CONTACT, **about), actor=SYSTEM)
    yield "check of a red code that was elsewhere", post(other, "/check/", {"shown": shown})
    yield "check, told of a code elsewhere", client.get("/check/")


def _code_of(place: Place, **declared: str) -> str:
    """The guest shows a live code."""
    place.code_phone().code_url(**GUEST, **declared)
    number = db.session.execute(db.select(HealthCode.number).order_by(HealthCode.id.desc()).limit(1)).scalar_one()
    return code_tokens.issue(number, Color.GREEN, clock.now())
