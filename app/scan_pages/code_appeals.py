"""An appeal from the code page (X2): against one reason, with a text and up to three photos."""

from __future__ import annotations

from flask import Response, request, url_for
from flask_babel import force_locale, gettext

from app import clock
from app.domain.errors import DomainError
from app.domain.health import Reason
from app.domain.labels import N_
from app.scan_pages import language, rendering
from app.scan_pages.code_visits import EXPIRED, Caller, code, lead_to, not_here, visited, way_on
from app.services import appeals, health_colors, held_codes, photos
from app.services.held_codes import ShownCode

_MEGABYTE = 1024 * 1024
_MOST_BYTES = 20 * _MEGABYTE
_WRONG, _GONE = 422, 404


@code.get("/code/<int:held_id>/appeal/<int:evidence_id>")
@visited()
def appeal(caller: Caller, held_id: int, evidence_id: int) -> Response:
    """Return the form of an appeal against a reason of the code's present colour."""
    shown = held_codes.held(held_id, caller.device_index)
    if shown is None:
        return not_here(caller)
    reason = _reason(shown, evidence_id)
    return _page(caller, shown, reason) if reason is not None else _no_reason(caller, held_id)


@code.post("/code/<int:held_id>/appeal/<int:evidence_id>")
@visited(most_bytes=_MOST_BYTES)
def send_appeal(caller: Caller, held_id: int, evidence_id: int) -> Response:
    """Send the appeal to whoever answers for the reason, and lead back to the code; sent twice, it is one."""
    shown = held_codes.held(held_id, caller.device_index)
    if shown is None:
        return not_here(caller)
    reason = _reason(shown, evidence_id)
    if reason is None:
        return _no_reason(caller, held_id)
    typed = request.form.get("reason", "")
    if caller.redeem_token(_subject(held_id, evidence_id)) is None:
        return _page(caller, shown, reason, typed=typed, notice=EXPIRED)
    try:
        most = rendering.profile().health.appeal_photos
        sent = photos.cleaned(request.files.getlist("photos"), most=most)
        appeals.open(shown.document_index, evidence_id, reason=typed, photos=sent)
    except DomainError as fault:
        if fault.code != "appealed":
            return _page(caller, shown, reason, typed=typed, fault=fault)
    return lead_to("code.show", held_id=held_id)


def _reason(shown: ShownCode, evidence_id: int) -> Reason | None:
    reasons = health_colors.color_of(shown.document_index, clock.now()).reasons
    return next((reason for reason in reasons if reason.fact_key == evidence_id), None)


def _no_reason(caller: Caller, held_id: int) -> Response:
    lead = N_("这条依据已不影响您的健康码，无需申诉。")
    way = way_on(caller, url_for("code.show", held_id=held_id))
    return rendering.message("closed", N_("无需申诉"), lead, caller.language, code=_GONE, **way)


def _subject(held_id: int, evidence_id: int) -> str:
    return f"appeal-{held_id}-{evidence_id}"


def _page(
    caller: Caller,
    shown: ShownCode,
    reason: Reason,
    *,
    typed: str = "",
    notice: str = "",
    fault: DomainError | None = None,
) -> Response:
    with force_locale(caller.language):
        errors = {fault.field or "reason": gettext(fault.message, **fault.params)} if fault else {}
    policy = rendering.profile().health
    return rendering.page(
        "code/appeal.html",
        caller.language,
        code=_WRONG if fault else 200,
        page=rendering.titled(N_("健康码申诉"), caller.language),
        sentence=reason.sentence.in_(caller.language),
        typed=typed,
        errors=errors,
        notice=notice,
        hours=policy.appeal_hours,
        most_photos=policy.appeal_photos,
        form_token=caller.issue_token(_subject(shown.id, reason.fact_key)),
        back_url=url_for("code.show", held_id=shown.id),
        languages=language.links(),
    )
