"""The application for a health code (Z-H1): one page, whole without JavaScript; a code by text message proves the phone."""

from __future__ import annotations

from flask import Response, request, url_for
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict

from app import clock
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.forms.code_application import CodeApplicationForm
from app.scan_pages import language, rendering
from app.scan_pages.code_visits import EXPIRED, NO_COOKIE, Caller, code, lead_to, visited
from app.scan_pages.faults import beside
from app.services import health_codes, verification
from app.services.verification import CodeRequest, Purpose

_SUBJECT = "apply"
_SENT = N_("验证码已发送，5分钟内有效")
_TOO_MANY, _WRONG = 429, 422
# Buttons that fill the page in further and do not submit it.
_CHOOSE = ("choose_origin", "choose_registered")


@code.get("/code/apply")
@visited()
def ask(caller: Caller) -> Response:
    """Return the form 「郑好码」."""
    return _page(caller, _form(caller))


@code.post("/code/apply")
@visited()
def apply(caller: Caller) -> Response:
    """Lead to the applicant's code; a form that cannot be taken comes back with what was typed (Z-S10)."""
    form = _form(caller, request.form)
    if any(name in request.form for name in _CHOOSE):
        return _page(caller, form)
    form_number = caller.redeem_token(_SUBJECT)
    if form_number is None:
        return _page(caller, form, notice=NO_COOKIE if caller.is_new_device else EXPIRED)
    if request.form.get("action") == "send_code":
        return _send_code(caller, form)
    with force_locale(caller.language):
        if not form.validate():
            return _page(caller, form, status=_WRONG)
    try:
        held_id = health_codes.apply(
            form.application(form_number=form_number), device_index=caller.device_index, moment=clock.now()
        )
    except DomainError as fault:
        return _refused(caller, form, fault, _WRONG)
    return lead_to("code.show", held_id=held_id)


def _send_code(caller: Caller, form: CodeApplicationForm) -> Response:
    with force_locale(caller.language):
        is_phone = form.validate_phone()
    if not is_phone:
        return _page(caller, form, status=_WRONG)
    wanted = CodeRequest(form.checked_phone, Purpose.HEALTH_CODE, request.remote_addr)
    try:
        verification.send_code(wanted)
    except DomainError as fault:
        return _refused(caller, form, fault, _TOO_MANY)
    return _page(caller, form, notice=_SENT)


def _refused(caller: Caller, form: CodeApplicationForm, fault: DomainError, status: int) -> Response:
    return _page(caller, form, notice=beside(form, fault, caller.language), status=status)


def _form(caller: Caller, sent: MultiDict[str, str] | None = None) -> CodeApplicationForm:
    region = rendering.profile()
    with force_locale(caller.language):
        return CodeApplicationForm(
            sent,
            profile=region,
            today=clock.local_date(clock.now(), region.zone),
            language=caller.language,
            document_type="ID_CARD",
        )


def _page(caller: Caller, form: CodeApplicationForm, *, notice: str = "", status: int = 200) -> Response:
    return rendering.page(
        "code/apply.html",
        caller.language,
        code=status,
        page=rendering.code_head(caller.language),
        form=form,
        form_token=caller.issue_token(_SUBJECT),
        notice=notice,
        is_sent=notice == _SENT,
        city=form.city_name(caller.language),
        residence_label=rendering.profile().codes.residence_label.in_(caller.language),
        consent_url=url_for("code.pledge"),
        areas_url=url_for("scan.areas", code="CODE"),
        languages=language.links(),
    )


@code.get("/code/pledge")
@visited()
def pledge(caller: Caller) -> Response:
    """Return the text to which the form's tick consents (D7)."""
    return rendering.pledge_page(rendering.profile().codes.page, caller.language, back_url=url_for("code.ask"))
