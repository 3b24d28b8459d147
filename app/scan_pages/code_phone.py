"""「更换手机号」 from the code page: the old phone answers, then the new one (Z-H2)."""

from __future__ import annotations

from flask import Response, request, url_for
from flask_babel import force_locale

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.forms.code_phone import CodePhoneForm
from app.scan_pages import language, rendering
from app.scan_pages.code_visits import EXPIRED, Caller, code, lead_to, not_here, visited
from app.scan_pages.faults import beside
from app.services import held_codes, phone_changes
from app.services.held_codes import ShownCode

_SENT = N_("验证码已发送，5分钟内有效")
_WRONG, _TOO_MANY = 422, 429


@code.get("/code/<int:held_id>/phone")
@visited()
def phone(caller: Caller, held_id: int) -> Response:
    """Return the form."""
    shown = held_codes.held(held_id, caller.device_index)
    return not_here(caller) if shown is None else _page(caller, shown, _form(caller))


@code.post("/code/<int:held_id>/phone")
@visited()
def change_phone(caller: Caller, held_id: int) -> Response:
    """Send a code to either phone, or change it and lead back to the code."""
    shown = held_codes.held(held_id, caller.device_index)
    if shown is None:
        return not_here(caller)
    form = _form(caller, is_sent=True)
    if caller.redeem_token(_subject(held_id)) is None:
        return _page(caller, shown, form, notice=EXPIRED)
    with force_locale(caller.language):
        for name in ("old_phone", "new_phone"):
            if request.form.get("action") == name:
                return _send_code(caller, shown, form, name)
        if not form.validate():
            return _page(caller, shown, form, status=_WRONG)
        try:
            phone_changes.change(shown, form.content)
        except DomainError as fault:
            return _refused(caller, shown, form, fault, _WRONG)
    return lead_to("code.show", held_id=held_id)


def _send_code(caller: Caller, shown: ShownCode, form: CodePhoneForm, name: str) -> Response:
    typed = form.phone(name)
    if typed is None:
        return _page(caller, shown, form, status=_WRONG)
    try:
        if name == "old_phone":
            phone_changes.send_to_old(shown, typed, address=request.remote_addr)
        else:
            phone_changes.send_to_new(typed, address=request.remote_addr)
    except DomainError as fault:
        return _refused(caller, shown, form, fault, _TOO_MANY)
    return _page(caller, shown, form, sent=name)


def _refused(caller: Caller, shown: ShownCode, form: CodePhoneForm, fault: DomainError, status: int) -> Response:
    notice = beside(form, fault, caller.language)
    return _page(caller, shown, form, notice=notice, status=status if notice else _WRONG)


def _form(caller: Caller, *, is_sent: bool = False) -> CodePhoneForm:
    with force_locale(caller.language):
        return CodePhoneForm(request.form if is_sent else None)


def _subject(held_id: int) -> str:
    return f"phone-{held_id}"


def _page(
    caller: Caller, shown: ShownCode, form: CodePhoneForm, *, notice: str = "", sent: str = "", status: int = 200
) -> Response:
    return rendering.page(
        "code/phone.html",
        caller.language,
        code=status,
        page=rendering.titled(N_("更换手机号"), caller.language),
        form=form,
        form_token=caller.issue_token(_subject(shown.id)),
        notice=notice,
        sent=sent,
        sent_text=_SENT,
        back_url=url_for("code.show", held_id=shown.id),
        languages=language.links(),
    )
