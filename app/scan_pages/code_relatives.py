"""「为家人申领」 from one's own green code (F-P4): one page, whole without JavaScript; the relative's phone answers."""

from __future__ import annotations

from flask import Response, abort, request, url_for
from flask_babel import force_locale, gettext
from werkzeug.datastructures import MultiDict

from app import clock
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.forms.relative import RelativeForm, form_for
from app.profiles.model import RelativesPolicy
from app.scan_pages import language, rendering
from app.scan_pages.code_visits import EXPIRED, Caller, code, lead_to, not_here, visited
from app.scan_pages.faults import beside
from app.services import health_colors, held_codes, relatives
from app.services.held_codes import ShownCode

_SENT = N_("验证码已发送，5分钟内有效")
_NOT_ALLOWED, _TOO_MANY, _WRONG = 403, 429, 422


@code.get("/code/<int:held_id>/relative")
@visited()
def ask_for_relative(caller: Caller, held_id: int) -> Response:
    """Return the form."""
    policy, shown = _policy(), held_codes.held(held_id, caller.device_index)
    if shown is None:
        return not_here(caller)
    return _refusal(caller, shown) or _page(caller, shown, _form(caller, policy))


@code.post("/code/<int:held_id>/relative")
@visited()
def apply_for_relative(caller: Caller, held_id: int) -> Response:
    """Send a code to the relative's phone, or lead to the relative's code; what was typed is not lost."""
    policy, shown = _policy(), held_codes.held(held_id, caller.device_index)
    if shown is None:
        return not_here(caller)
    if refusal := _refusal(caller, shown):
        return refusal
    form = _form(caller, policy, request.form)
    form_number = caller.redeem_token(_subject(held_id))
    if form_number is None:
        return _page(caller, shown, form, notice=EXPIRED)
    if request.form.get("action") == "send_code":
        return _send_code(caller, shown, form)
    with force_locale(caller.language):
        if not form.validate():
            return _page(caller, shown, form, status=_WRONG)
    try:
        application = form.application(form_number=form_number)
        theirs = relatives.apply(application, by=shown, device_index=caller.device_index, moment=clock.now())
    except DomainError as fault:
        return _page(caller, shown, form, notice=beside(form, fault, caller.language), status=_WRONG)
    return lead_to("code.show", held_id=theirs)


def _policy() -> RelativesPolicy:
    """What the region allows; a page that is not there where it allows nothing."""
    return relatives.policy() or abort(404)


def _refusal(caller: Caller, shown: ShownCode) -> Response | None:
    """The answer to whoever may not apply: from a relative's code, or not green (F13)."""
    if not shown.is_own:
        return not_here(caller)
    if relatives.may_apply(shown, health_colors.color_of(shown.document_index, clock.now()).color):
        return None
    lead = N_("本人健康码为绿码时才能为家人申领，恢复绿码后可再来办理。")
    with force_locale(caller.language):
        back = {"retry_url": url_for("code.show", held_id=shown.id), "retry_label": gettext("返回")}
    return rendering.message("closed", N_("暂不能为家人申领"), lead, caller.language, code=_NOT_ALLOWED, **back)


def _send_code(caller: Caller, shown: ShownCode, form: RelativeForm) -> Response:
    with force_locale(caller.language):
        is_phone = form.validate_phone()
    if not is_phone:
        return _page(caller, shown, form, status=_WRONG)
    try:
        relatives.send_code(shown, form.checked_phone, address=request.remote_addr)
    except DomainError as fault:
        return _page(caller, shown, form, notice=beside(form, fault, caller.language), status=_TOO_MANY)
    return _page(caller, shown, form, notice=_SENT)


def _form(caller: Caller, policy: RelativesPolicy, sent: MultiDict[str, str] | None = None) -> RelativeForm:
    today = clock.local_date(clock.now(), rendering.profile().zone)
    with force_locale(caller.language):
        return form_for(policy)(sent, policy=policy, today=today, language=caller.language)


def _subject(held_id: int) -> str:
    return f"relative-{held_id}"


def _page(caller: Caller, shown: ShownCode, form: RelativeForm, *, notice: str = "", status: int = 200) -> Response:
    policy, spoken = _policy(), caller.language
    return rendering.page(
        "code/relative.html",
        spoken,
        code=status,
        page=rendering.head_of(policy.page, spoken),
        form=form,
        form_token=caller.issue_token(_subject(shown.id)),
        notice=notice,
        is_sent=notice == _SENT,
        pledge=[text.in_(spoken) for text in policy.pledge.paragraphs],
        back_url=url_for("code.show", held_id=shown.id),
        languages=language.links(),
    )
