"""One address per poster (Z-S1): the form, 「登记信息确认」, and the result that a guard looks at."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from flask import Blueprint, Response, current_app, g, jsonify, request, url_for
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from app import clock
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.text import digits
from app.domain.venues import VenueFamily
from app.extensions import db
from app.forms import places
from app.forms.families import FORMS
from app.forms.registration import RegistrationForm
from app.models.entry import entry_moment
from app.scan_pages import activation_page, device, language, rendering
from app.scan_pages.visits import Visit, visited
from app.services import identities, known_scans, registration
from app.services.limits import network_of
from app.services.scan_entries import Scan, SentBefore

Sent = MultiDict[str, str]

scan = Blueprint("scan", __name__)

_IDENTITY = re.compile(r"[0-9]{1,18}")
_EXPIRED = N_("页面已过期，请重新确认")
_NO_COOKIE = N_("您的浏览器没有保存 Cookie，无法登记；请允许 Cookie 后重试")


@scan.get("/s/<code>")
@visited
def show(visit: Visit) -> Response:
    """Return 「登记信息确认」 where this phone has registered somebody, else the form (Z-S3).

    A code that nobody has activated asks for what its kind is activated with (Z-S7).
    """
    if visit.venue.state.awaits_activation:
        return activation_page.ask(visit)
    if "form" not in request.args:
        known = _known(visit)
        if known:
            return _confirm_page(visit, known)
    return _form_page(visit, _form(visit))


@scan.post("/s/<code>")
@visited
def submit(visit: Visit) -> Response:
    """Return the result of the submitted page; a page that cannot be taken comes back with what was typed."""
    if visit.venue.state.awaits_activation:
        return activation_page.activate(visit)
    # The body as it is: the framework's parser of uploads costs as much as the database, and a tap is three values.
    sent = MultiDict(parse_qsl(request.get_data(as_text=True), keep_blank_values=True))
    identity = sent.get("identity", "")
    if _IDENTITY.fullmatch(identity) and visit.venue.kind.family is not VenueFamily.CHECKPOINT:
        return _submit_known(visit, int(identity), sent)
    return _submit_form(visit, sent)


def _submit_known(visit: Visit, identity_id: int, sent: Sent) -> Response:
    moment = clock.now()
    entry_id = visit.redeem(sent.get("form_token", ""), moment, subject=str(identity_id))
    if entry_id is None:
        return _show_again(visit)
    if sent.get("action") == "forget":
        identities.forget(identity_id, visit.device_index)
        return _show_again(visit, notice="")
    try:
        result = known_scans.register_known(identity_id, _scan(visit, entry_id, moment, sent))
    except DomainError as fault:
        return _form_page(visit, _form(visit), notice=fault.message)
    if result is None:
        return _show_again(visit)
    return rendering.result_page(result, visit.venue, visit.language)


def _scan(visit: Visit, entry_id: int, moment: datetime, sent: Sent) -> Scan:
    """Return the scan; remote where the page is an old one or does not know what stands on the poster (X6, Z46)."""
    pin, longest = visit.venue.poster_pin, timedelta(minutes=rendering.profile().remote_after_minutes)
    knows_pin = pin is None or digits(sent.get("poster_pin", "")) == pin
    return Scan(
        entry_id=entry_id,
        venue=visit.venue,
        device_index=visit.device_index,
        moment=moment,
        is_remote=not knows_pin or moment - entry_moment(entry_id) > longest,
        address=network_of(request.remote_addr),
    )


def _known(visit: Visit) -> list[identities.KnownIdentity]:
    """Return whom this phone may register here in one tap; a checkpoint asks everything anew (Z-S6)."""
    if visit.is_new_device or visit.venue.kind.family is VenueFamily.CHECKPOINT:
        return []
    return identities.known_on(visit.device_index)


def _show_again(visit: Visit, *, notice: str = _EXPIRED) -> Response:
    known = _known(visit)
    notice = _NO_COOKIE if visit.is_new_device else notice
    return _confirm_page(visit, known, notice=notice) if known else _form_page(visit, _form(visit), notice=notice)


def _submit_form(visit: Visit, sent: Sent) -> Response:
    form = _form(visit, sent)
    moment = clock.now()
    if "choose_origin" in sent:
        return _form_page(visit, form)
    entry_id = visit.redeem(sent.get("form_token", ""), moment)
    with force_locale(visit.language):
        is_valid = form.validate()
    if not is_valid or entry_id is None:
        return _form_page(visit, form, notice=_notice(visit, entry_id), code=422 if not is_valid else 200)
    try:
        result = registration.register(form.filled, _scan(visit, entry_id, moment, sent))
    except SentBefore:
        return _form_page(visit, form, notice=_EXPIRED)
    response = rendering.result_page(result, visit.venue, visit.language)
    device.keep(response, visit.device)
    return response


def _notice(visit: Visit, entry_id: int | None) -> str:
    if entry_id is not None:
        return ""
    return _NO_COOKIE if visit.is_new_device else _EXPIRED


def _form(visit: Visit, sent: Sent | None = None) -> RegistrationForm:
    region = rendering.profile()
    with force_locale(visit.language):
        return FORMS[visit.venue.kind.family](
            sent,
            profile=region,
            today=clock.local_date(clock.now(), region.zone),
            language=visit.language,
            has_pin=visit.venue.poster_pin is not None,
            document_type="ID_CARD",
        )


def _form_page(visit: Visit, form: RegistrationForm, *, notice: str = "", code: int = 200) -> Response:
    response = rendering.page(
        "scan/form.html",
        visit.language,
        code=code,
        page=rendering.head_for(visit.venue, visit.language),
        venue=visit.venue,
        form=form,
        form_token=visit.token(clock.now()),
        notice=notice,
        pledge_title=rendering.profile().page(visit.venue.kind).pledge_title.in_(visit.language),
        consent_url=url_for("scan.pledge", code=visit.venue.code),
        areas_url=url_for("scan.areas", code="CODE"),
        languages=language.links(),
    )
    return visit.kept(response)


def _confirm_page(visit: Visit, known: list[identities.KnownIdentity], *, notice: str = "") -> Response:
    moment, is_sector = clock.now(), visit.venue.kind.family is VenueFamily.SECTOR
    people = [(one.id, one.masked_name, one.masked_document, visit.token(moment, subject=str(one.id))) for one in known]
    response = rendering.page(
        "scan/confirm.html",
        visit.language,
        page=rendering.head_for(visit.venue, visit.language),
        lead=rendering.profile().saved_identities.lead.in_(visit.language),
        venue=visit.venue,
        identities=people,
        notice=notice,
        asks_pin=visit.venue.poster_pin is not None,
        # Known people get the result at once (Z-S8); where several use the phone, one of them must be chosen.
        goes_on=is_sector and len(known) == 1 and not notice and visit.venue.poster_pin is None,
        languages=language.links(),
    )
    return visit.kept(response)


@scan.get("/s/<code>/pledge")
@visited
def pledge(visit: Visit) -> Response:
    """Return the text to which the form's tick consents (D7)."""
    texts = rendering.profile().page(visit.venue.kind)
    return rendering.pledge_page(texts, visit.language, back_url=url_for("scan.show", code=visit.venue.code, form=1))


@scan.get("/areas/<code>.json")
def areas(code: str) -> Response:
    """Return the names of the areas right below a province or city, for the lists of 出发地; nothing about anybody."""
    response = jsonify(children=[{"code": child, "name": name} for child, name in places.areas_below(code)])
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@scan.errorhandler(Exception)
def failed(fault: Exception) -> Response | HTTPException:
    """Answer with a page that a resident can read; the log gets the kind of fault and no values."""
    if isinstance(fault, HTTPException):
        return rendering.message("busy", N_("请求无法识别"), N_("请重新扫码。"), _spoken(), code=fault.code or 400)
    db.session.rollback()
    current_app.logger.error("scan page: %s", type(fault).__name__, exc_info=current_app.debug)
    lead = N_("登记没有保存，请稍等几秒再试。")
    return rendering.message("busy", N_("系统繁忙"), lead, _spoken(), code=503)


def _spoken() -> str:
    spoken: str = g.get("public_locale", language.DEFAULT)
    return spoken
