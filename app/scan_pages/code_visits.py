"""What the pages of health codes share: whose phone asks, within the limits, and answers that no phone keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from flask import Blueprint, Response, current_app, g, request, url_for
from flask_babel import force_locale, gettext
from werkzeug.exceptions import HTTPException

from app import clock
from app.access import Scope, enter_scope
from app.domain.labels import N_
from app.extensions import db
from app.scan_pages import device, form_token, language, limits, rendering, too_many
from app.services import identities

P = ParamSpec("P")

code = Blueprint("code", __name__)

EXPIRED = N_("页面已过期，请重新确认")
NO_COOKIE = N_("您的浏览器没有保存 Cookie，无法申领；请允许 Cookie 后重试")
_MOST_BYTES = 64 * 1024
_PUBLIC = Scope(reason="a person's own health code, filtered by the device's own key", is_everything=True)
# Pages of a venue have its code in their tokens; these are at no venue.
_PLACE = "health-code"


@dataclass(frozen=True)
class Caller:
    """The phone that asks, and the language it reads."""

    device: str
    device_index: bytes
    is_new_device: bool
    language: str

    def issue_token(self, subject: str) -> str:
        """Return the token of a page that can be submitted once, by this phone, for `subject`."""
        return form_token.issue(clock.now(), code=_PLACE, device=self.device, subject=subject)

    def redeem_token(self, subject: str) -> int | None:
        """Return the number of the submitted page; None where it is not ours, not for `subject`, or too old."""
        token = request.form.get("form_token", "")
        return form_token.redeem(token, clock.now(), code=_PLACE, device=self.device, subject=subject)


def visited(
    *, most_bytes: int = _MOST_BYTES
) -> Callable[[Callable[Concatenate[Caller, P], Response]], Callable[P, Response]]:
    """Make a page the answer to a phone within its limits, without row scope, leaving the phone its key."""

    def wrap(page: Callable[Concatenate[Caller, P], Response]) -> Callable[P, Response]:
        @wraps(page)
        def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
            request.max_content_length = most_bytes
            spoken = g.public_locale = language.of(request)
            key = device.of(request)
            index = identities.device_index(key) if key else None
            seconds = limits.seconds_to_wait(index, request.remote_addr)
            if seconds:
                return too_many.page(spoken, seconds=seconds, sent=_typed())
            enter_scope(_PUBLIC)
            if key is None or index is None:
                key = device.new()
                caller = Caller(key, identities.device_index(key), True, spoken)
            else:
                caller = Caller(key, index, False, spoken)
            response = page(caller, *args, **kwargs)
            if caller.is_new_device:
                device.keep(response, key)
            language.keep(response)
            return response

        return answer

    return wrap


def _typed() -> list[tuple[str, str]]:
    """What was submitted, but for photos, which cannot be sent again by a page."""
    return [] if request.files else list(request.form.items(multi=True))


def lead_to(endpoint: str, **values: int | str) -> Response:
    """Return the answer that makes the phone open another of these pages."""
    response = Response(status=303)
    response.headers["Location"] = url_for(endpoint, **values)  # type: ignore[arg-type]  # values are texts
    return response


def not_here(caller: Caller) -> Response:
    """Return the page for a code that this phone does not hold."""
    lead = N_("请在申领健康码的手机上打开，或重新申领。")
    way = way_on(caller, url_for("code.start"))
    return rendering.message("unknown", N_("本机没有这个健康码"), lead, caller.language, code=404, **way)


def way_on(caller: Caller, url: str) -> dict[str, str]:
    """Return what a message needs to lead on to the codes of this phone, or to one of them."""
    with force_locale(caller.language):
        return {"retry_url": url, "retry_label": gettext("打开健康码")}


@code.errorhandler(Exception)
def failed(fault: Exception) -> Response | HTTPException:
    """Answer with a page that a resident can read; the log gets the kind of fault and no values."""
    spoken: str = g.get("public_locale", language.DEFAULT)
    if isinstance(fault, HTTPException):
        return rendering.message("busy", N_("请求无法识别"), N_("请返回后重试。"), spoken, code=fault.code or 400)
    db.session.rollback()
    current_app.logger.error("code page: %s", type(fault).__name__, exc_info=current_app.debug)
    return rendering.message("busy", N_("系统繁忙"), N_("请稍等几秒再试。"), spoken, code=503)
