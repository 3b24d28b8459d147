"""The first scan of a code of the pool: whoever received it says what place it hangs at, and proves the phone (Z-S7)."""

from __future__ import annotations

from functools import cache
from urllib.parse import parse_qsl

from flask import Response, request
from flask_babel import force_locale, gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import StringField

from app import clock
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.sectors import CodeState, Particular
from app.domain.text import digits
from app.domain.venues import VenueKind
from app.forms.fields import Needed
from app.forms.sector_venues import SectorVenueForm, form_class
from app.scan_pages import language, rendering
from app.scan_pages.rendering import PageHead
from app.scan_pages.visits import Visit
from app.services import sector_venues

Sent = MultiDict[str, str]

_EXPIRED = N_("页面已过期，请重新提交")
_PHONE = Particular.CONTACT_PHONE.value
_LEADS = N_("此二维码尚未激活。请领取人如实填写以下信息，激活后方可张贴使用。")


def ask(visit: Visit) -> Response:
    """Return the form of the kind; for a code that nobody was given, a page that says so."""
    if visit.venue.state is CodeState.GENERATED:
        lead = N_("请联系行业管理员下发后再激活使用。")
        return rendering.message("closed", N_("此二维码尚未下发"), lead, visit.language, code=403)
    return _page(visit, _form(visit))


def activate(visit: Visit) -> Response:
    """Send the code to the contact's phone, or make the place; faults stand beside their fields (Z-S10)."""
    if visit.venue.state is CodeState.GENERATED:
        return ask(visit)
    sent = MultiDict(parse_qsl(request.get_data(as_text=True), keep_blank_values=True))
    form = _form(visit, sent)
    if visit.redeem(sent.get("form_token", ""), clock.now(), subject="activation") is None:
        return _page(visit, form, notice=_EXPIRED)
    with force_locale(visit.language):
        return _send_code(visit, form) if "send_code" in sent else _activate(visit, form, sent)


def _send_code(visit: Visit, form: SectorVenueForm) -> Response:
    field = form[_PHONE]
    if not field.validate(form):
        return _page(visit, form, code=422)
    try:
        phone = form.value(Particular.CONTACT_PHONE)
        sector_venues.send_activation_code(phone, area_code=visit.venue.area_code, address=request.remote_addr)
    except DomainError as fault:
        return _refused(visit, form, fault, code=429)
    return _page(visit, form, notice=N_("验证码已发送，请查看联系人手机短信"))


def _activate(visit: Visit, form: SectorVenueForm, sent: Sent) -> Response:
    if not form.validate():
        return _page(visit, form, code=422)
    try:
        sector_venues.activate(visit.venue.id, form.values, sms_code=digits(sent.get("sms_code", "")))
    except DomainError as fault:
        return _refused(visit, form, fault, code=422)
    lead = N_("请按要求张贴二维码。再次扫码即进入居民扫码页。")
    return rendering.message(
        "done",
        N_("激活成功"),
        lead,
        visit.language,
        code=200,
        retry_url="?form=1",
        retry_label=gettext("打开居民扫码页"),
    )


def _refused(visit: Visit, form: SectorVenueForm, fault: DomainError, *, code: int) -> Response:
    text = gettext(fault.message, **fault.params)
    if fault.field not in form:
        return rendering.message("closed", fault.message, N_("请重新扫码。"), visit.language, code=409)
    form[fault.field].errors = [*form[fault.field].errors, text]
    return _page(visit, form, code=code)


def _form(visit: Visit, sent: Sent | None = None) -> SectorVenueForm:
    with force_locale(visit.language):
        return _with_code(visit.venue.kind)(sent, area_prefix=visit.venue.area_code)


@cache
def _with_code(kind: VenueKind) -> type[SectorVenueForm]:
    """Return the kind's form with the field of the code that proves the phone."""
    base = form_class(kind)  # first: fields stand in the order in which they were made
    # Longer than a code, for those pasted with a blank: a browser cuts what is too long without a word.
    looks = {"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": 8}
    code = StringField(lazy_gettext("验证码"), [Needed(lazy_gettext("请填写验证码"))], render_kw=looks)
    return type("ActivationForm", (base,), {"sms_code": code})


def _page(visit: Visit, form: SectorVenueForm, *, notice: str = "", code: int = 200) -> Response:
    title = rendering.head_for(visit.venue, visit.language).title
    with force_locale(visit.language):
        head = PageHead(gettext("二维码激活"), gettext(_LEADS), rendering.profile().issuer.in_(visit.language))
    response = rendering.page(
        "scan/activate.html",
        visit.language,
        code=code,
        page=head,
        kind_title=title,
        code_number=visit.venue.code,
        form=form,
        form_token=visit.token(clock.now(), subject="activation"),
        phone_field=_PHONE,
        notice=notice,
        languages=language.links(),
    )
    return visit.kept(response)
