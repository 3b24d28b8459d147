"""A health code on its owner's phone (Z-H3, X1): the live QR, why it has its colour, until when, who looked at it."""

from __future__ import annotations

from flask import Response, jsonify, url_for
from flask_babel import force_locale, gettext

from app import clock
from app.domain.code_tokens import RENEWAL_SECONDS
from app.domain.colors import Color
from app.domain.labels import N_
from app.posters import render_token_svg
from app.scan_pages import code_views, language, rendering
from app.scan_pages.code_visits import Caller, code, lead_to, not_here, visited
from app.scan_pages.relative_views import relative_view
from app.services import code_keys, code_tokens, health_colors, held_codes
from app.services.held_codes import ShownCode

_KEYS_KEPT = "public, max-age=300"


@code.get("/code/")
@visited()
def start(caller: Caller) -> Response:
    """Lead to the one code that this phone shows, offer a choice of several, or 「申请」 where there is none (Z40)."""
    shown = [] if caller.is_new_device else held_codes.held_on(caller.device_index)
    if len(shown) == 1:
        return lead_to("code.show", held_id=shown[0].id)
    return rendering.page(
        "code/start.html",
        caller.language,
        page=rendering.code_head(caller.language),
        codes=code_views.choice(shown, caller.language),
        languages=language.links(),
    )


@code.get("/code/<int:held_id>")
@visited()
def show(caller: Caller, held_id: int) -> Response:
    """Return the code page."""
    shown = held_codes.held(held_id, caller.device_index)
    if shown is None:
        return not_here(caller)
    moment = clock.now()
    colored = health_colors.color_of(shown.document_index, moment)
    view = code_views.code_view(shown, colored, moment, caller.language)
    return rendering.page(
        "code/show.html",
        caller.language,
        page=rendering.code_head(caller.language),
        view=view,
        relative=relative_view(shown, caller.device_index, color=colored.color, language=caller.language),
        is_own=shown.is_own,
        address=code_tokens.issue(shown.number, colored.color, moment),
        renewal=RENEWAL_SECONDS,
        token_url=url_for("code.token", held_id=held_id),
        image_url=url_for("code.image", held_id=held_id),
        phone_url=url_for("code.phone", held_id=held_id),
        forget_url=url_for("code.forget", held_id=held_id),
        forget_token=caller.issue_token(_forget_subject(held_id)),
        languages=language.links(),
    )


@code.get("/code/<int:held_id>/token")
@visited()
def token(caller: Caller, held_id: int) -> Response:
    """Return a new live token to draw; the colour's tone tells the page whether to load itself anew."""
    shown = held_codes.held(held_id, caller.device_index)
    if shown is None:
        return _json(404)
    color, address = _issued(shown)
    return _json(200, address=address, tone=color.tone)


@code.get("/code/<int:held_id>/qr.svg")
@visited()
def image(caller: Caller, held_id: int) -> Response:
    """Return a new live token as a picture, for a browser that cannot draw it."""
    shown = held_codes.held(held_id, caller.device_index)
    if shown is None:
        return _json(404)
    with force_locale(caller.language):
        text = render_token_svg(_issued(shown)[1], label=gettext("健康码二维码"))
    response = Response(text, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"
    return response


def _issued(shown: ShownCode) -> tuple[Color, str]:
    """The code's colour at this moment, and the address that says so."""
    moment = clock.now()
    color = health_colors.color_of(shown.document_index, moment).color
    return color, code_tokens.issue(shown.number, color, moment)


@code.post("/code/<int:held_id>/forget")
@visited()
def forget(caller: Caller, held_id: int) -> Response:
    """This phone shows the code no longer."""
    if caller.redeem_token(_forget_subject(held_id)) is not None:
        held_codes.forget(held_id, caller.device_index)
    return lead_to("code.start")


@code.get("/code/keys.json")
@visited()
def keys(caller: Caller) -> Response:  # noqa: ARG001 - public for everybody
    """Return the public keys by number, and this moment, so that a phone can check codes and its clock without us."""
    points = {str(number): point.hex() for number, point in code_keys.public_keys().items()}
    response = _json(200, keys=points, now=int(clock.now().timestamp()))
    response.headers["Cache-Control"] = _KEYS_KEPT
    return response


@code.get("/C/<token>")
@visited()
def stranger(caller: Caller, token: str) -> Response:  # noqa: ARG001 - it says nothing to whoever has it
    """Return what any camera opens from a code: neither name nor colour, nor whether it is live (X6)."""
    lead = N_(
        "这是一个健康码，只有登录后的值守人员才能核验；此页面不显示姓名和颜色。值守人员请登录后打开「核验健康码」扫描。"
    )
    return rendering.message("closed", N_("健康码"), lead, caller.language, code=200)


def _forget_subject(held_id: int) -> str:
    return f"forget-{held_id}"


def _json(status: int, **content: object) -> Response:
    response = jsonify(**content)
    response.status_code = status
    return response
