"""One address per poster (Z-S1): the form, 「登记信息确认」, and the result that a guard looks at."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from urllib.parse import parse_qsl

from flask import Blueprint, Response, current_app, g, jsonify, request, url_for
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from app import clock
from app.access import Scope, enter_scope
from app.domain.labels import N_
from app.domain.venues import VenueFamily
from app.extensions import db
from app.forms import places
from app.forms.registration import RegistrationForm
from app.scan_pages import device, form_token, headers, language, limits, rendering
from app.scan_pages.express import COUNTED
from app.services import identities, known_scans, registration, scan_venues
from app.services.scan_entries import Scan, SentBefore
from app.services.scan_venues import ScanVenue

Sent = MultiDict[str, str]

scan = Blueprint("scan", __name__)

_MOST_BYTES = 64 * 1024
_IDENTITY = re.compile(r"[0-9]{1,18}")
_PUBLIC = Scope(reason="public scan page, filtered by the device's own key", is_everything=True)
_EXPIRED = N_("页面已过期，请重新确认")
_NO_COOKIE = N_("您的浏览器没有保存 Cookie，无法登记；请允许 Cookie 后重试")


@dataclass(frozen=True)
class Visit:
    """A request to a venue's page: where, by which phone, in which language."""

    venue: ScanVenue
    device: str
    device_index: bytes
    is_new_device: bool
    language: str


def _visited(page: Callable[[Visit], Response]) -> Callable[[str], Response]:
    """Make `page` the answer for a venue's code: within the limits, at a venue that is open, without row scope."""

    @wraps(page)
    def answer(code: str) -> Response:
        request.max_content_length = _MOST_BYTES
        spoken = g.public_locale = language.of(request)
        key = device.of(request)
        index = identities.device_index(key) if key else None
        if COUNTED not in request.environ and not limits.admits(index, request.remote_addr):
            return rendering.too_many(spoken)
        enter_scope(_PUBLIC)
        venue = scan_venues.find(code)
        if venue is None or venue.kind.family is not VenueFamily.COMPOUND:
            return _unknown(spoken)
        if key is None or index is None:
            key = device.new()
            return page(Visit(venue, key, identities.device_index(key), True, spoken))
        return page(Visit(venue, key, index, False, spoken))

    return answer


def _unknown(spoken: str) -> Response:
    lead = N_("请确认扫描的是现场张贴的二维码；如二维码被覆盖、涂改或已停用，请告知现场工作人员。")
    return rendering.message("unknown", N_("场所码无效或已停用"), lead, spoken, code=404)


@scan.get("/s/<code>")
@_visited
def show(visit: Visit) -> Response:
    """Return 「登记信息确认」 where this phone has registered somebody, else the form (Z-S3)."""
    if "form" not in request.args:
        known = [] if visit.is_new_device else identities.known_on(visit.device_index)
        if known:
            return _confirm_page(visit, known)
    return _form_page(visit, _form(visit))


@scan.post("/s/<code>")
@_visited
def submit(visit: Visit) -> Response:
    """Return the result of the submitted page; a page that cannot be taken comes back with what was typed."""
    # The body as it is: the framework's parser of uploads costs as much as the database, and a tap is three values.
    sent = MultiDict(parse_qsl(request.get_data(as_text=True), keep_blank_values=True))
    identity = sent.get("identity", "")
    if _IDENTITY.fullmatch(identity):
        return _submit_known(visit, int(identity), sent)
    return _submit_form(visit, sent)


def _submit_known(visit: Visit, identity_id: int, sent: Sent) -> Response:
    moment = clock.now()
    entry_id = form_token.redeem(
        sent.get("form_token", ""),
        moment,
        code=visit.venue.code,
        device=visit.device,
        subject=str(identity_id),
    )
    if entry_id is None:
        return _show_again(visit)
    if sent.get("action") == "forget":
        identities.forget(identity_id, visit.device_index)
        return _show_again(visit, notice="")
    result = known_scans.register_known(identity_id, _scan(visit, entry_id, moment))
    if result is None:
        return _show_again(visit)
    return rendering.result_page(result, visit.venue, visit.language)


def _scan(visit: Visit, entry_id: int, moment: datetime) -> Scan:
    return Scan(entry_id=entry_id, venue=visit.venue, device_index=visit.device_index, moment=moment)


def _show_again(visit: Visit, *, notice: str = _EXPIRED) -> Response:
    known = identities.known_on(visit.device_index)
    notice = _NO_COOKIE if visit.is_new_device else notice
    return _confirm_page(visit, known, notice=notice) if known else _form_page(visit, _form(visit), notice=notice)


def _submit_form(visit: Visit, sent: Sent) -> Response:
    form = _form(visit, sent)
    moment = clock.now()
    if "choose_origin" in sent:
        return _form_page(visit, form)
    entry_id = form_token.redeem(sent.get("form_token", ""), moment, code=visit.venue.code, device=visit.device)
    with force_locale(visit.language):
        is_valid = form.validate()
    if not is_valid or entry_id is None:
        return _form_page(visit, form, notice=_notice(visit, entry_id), code=422 if not is_valid else 200)
    try:
        result = registration.register(form.filled, _scan(visit, entry_id, moment))
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
        return RegistrationForm(
            sent,
            profile=region,
            today=clock.local_date(clock.now(), region.zone),
            language=visit.language,
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
        form_token=form_token.issue(clock.now(), code=visit.venue.code, device=visit.device),
        notice=notice,
        consent_url=url_for("scan.pledge", code=visit.venue.code),
        areas_url=url_for("scan.areas", code="CODE"),
        languages=language.links(),
    )
    return _kept(visit, response)


def _confirm_page(visit: Visit, known: list[identities.KnownIdentity], *, notice: str = "") -> Response:
    moment = clock.now()
    people = [
        (
            one.id,
            one.masked_name,
            one.masked_document,
            form_token.issue(moment, code=visit.venue.code, device=visit.device, subject=str(one.id)),
        )
        for one in known
    ]
    response = rendering.page(
        "scan/confirm.html",
        visit.language,
        page=rendering.head_for(visit.venue, visit.language),
        lead=rendering.profile().saved_identities.lead.in_(visit.language),
        venue=visit.venue,
        identities=people,
        notice=notice,
        fill_url="?form=1",
        languages=language.links(),
    )
    return _kept(visit, response)


def _kept(visit: Visit, response: Response) -> Response:
    if visit.is_new_device:
        device.keep(response, visit.device)
    language.keep(response)
    return response


@scan.get("/s/<code>/pledge")
@_visited
def pledge(visit: Visit) -> Response:
    """Return the text to which the form's tick consents (D7)."""
    texts = rendering.profile().page(visit.venue.kind)
    return rendering.pledge_page(texts, visit.language, back_url=url_for("scan.show", code=visit.venue.code, form=1))


@scan.get("/areas/<code>.json")
def areas(code: str) -> Response:
    """Return the names of the areas right below a province or city, for the lists of 出发地; nothing about anybody."""
    response = jsonify(children=[{"code": child, "name": name} for child, name in places.areas_below(code)])
    response.headers.extend(headers.PROMISES)
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
