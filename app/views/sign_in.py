"""Sign-in by phone number, password and captcha, and with an SMS code after four wrong passwords (Z-A3, Z-A5)."""

from __future__ import annotations

import io
from typing import Any

from flask import Response, current_app, jsonify, redirect, render_template, request, send_file, session, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext, lazy_gettext
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from app.domain.errors import DomainError
from app.models import Account
from app.services import captchas, second_step, sessions, sign_in
from app.services.sessions import Origin
from app.services.sign_in import Attempt
from app.views.forms import error_text, show_fault
from app.views.identity import account, session_in_hand
from app.views.sites import is_of_phone

CAPTCHA_KEY = "captcha"
_TICKET_KEY = "second_step"
_TOO_MANY = 429
_CODE = {"autocomplete": "one-time-code", "inputmode": "numeric"}


class SignInForm(FlaskForm):
    username = StringField(
        lazy_gettext("账号"),
        [InputRequired(lazy_gettext("请输入账号")), Length(max=20)],
        render_kw={"autocomplete": "username", "inputmode": "tel"},
    )
    password = PasswordField(
        lazy_gettext("密码"),
        [InputRequired(lazy_gettext("请输入密码")), Length(max=128)],
        render_kw={"autocomplete": "current-password"},
    )
    captcha = StringField(
        lazy_gettext("验证码"),
        [InputRequired(lazy_gettext("请输入验证码")), Length(max=8)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    sms_code = StringField(lazy_gettext("手机验证码"), [Length(max=8)], render_kw=_CODE)


class SecondStepForm(FlaskForm):
    second_code = StringField(
        lazy_gettext("动态口令"),
        [InputRequired(lazy_gettext("请输入动态口令")), Length(max=20)],
        description=lazy_gettext("打开手机上的身份验证器应用，输入显示的6位数字；手机不在身边的，输入一个恢复码。"),
        render_kw={"autocomplete": "one-time-code", "autofocus": True},
    )


class SignInView(BaseView):
    """「登录」 and 「退出登录」."""

    route_base = "/account"
    default_view = "login"

    @expose("/login/", methods=["GET", "POST"])
    def login(self) -> str | BaseResponse:
        """Show the sign-in and perform it; the page that was asked for comes next."""
        if current_user.is_authenticated:
            return redirect(onward())
        form = _form()
        if form.validate_on_submit():
            try:
                return _let_in(_sign_in(form))
            except DomainError as fault:
                show_fault(form, fault)
        return _page(form)

    @expose("/login/second", methods=["GET", "POST"])
    def second(self) -> str | BaseResponse:
        """Ask for the one-time code of whoever has shown the password, and open the session."""
        ticket, form = session.get(_TICKET_KEY), SecondStepForm()
        login_url = step("SignInView.login")
        if current_user.is_authenticated or not second_step.is_waiting(ticket):
            return redirect(onward() if current_user.is_authenticated else login_url)
        if form.validate_on_submit():
            try:
                person, secret = second_step.take(ticket, form.second_code.data, origin())
            except DomainError as fault:
                show_fault(form, fault)
            else:
                open_session(person, secret)
                return redirect(onward())
        action_url = step("SignInView.second")
        return render_template("auth/second_step.html", form=form, action_url=action_url, login_url=login_url)

    @expose("/login/code", methods=["POST"])
    def send_code(self) -> str | BaseResponse | tuple[Response, int]:
        """Send the SMS code of Z-A5; the answer tells nothing about the account."""
        form = _form()
        try:
            sign_in.send_sign_in_code(form.username.data or "", request.remote_addr)
        except DomainError as fault:
            return code_answer(error_text(fault), _TOO_MANY) or _page(form, note=error_text(fault))
        message = gettext("如果账号存在，验证码已发送到该账号的手机，5分钟内有效。")
        return code_answer(message) or _page(form, note=message)

    @expose("/captcha.png")
    def captcha(self) -> Response:
        """Draw a new captcha for this session."""
        name, png = captchas.draw(replacing=session.get(CAPTCHA_KEY), address=request.remote_addr)
        session[CAPTCHA_KEY] = name
        return Response(png, mimetype="image/png")

    @expose("/captcha.wav")
    def spoken_captcha(self) -> Response:
        """Read the captcha of this session aloud, in pieces for browsers that want it so."""
        name, sound = captchas.speak(session.get(CAPTCHA_KEY), address=request.remote_addr)
        session[CAPTCHA_KEY] = name
        return send_file(io.BytesIO(sound), mimetype="audio/wav", conditional=True)

    @expose("/logout/", methods=["POST"])
    def logout(self) -> BaseResponse:
        """End the session, at the server too, and return to the sign-in (Z50)."""
        if current_user.is_authenticated:
            sessions.end(account(), session_in_hand())
        logout_user()
        session.clear()
        return redirect(url_for("SignInView.login", next=request.form.get("next") or None))


def _form() -> SignInForm:
    form = SignInForm()
    if not current_app.config["CAPTCHA"]:
        del form.captcha
    return form


def _sign_in(form: Any) -> Account:
    if "captcha" in form:
        captchas.check(session.pop(CAPTCHA_KEY, None), form.captcha.data)
        form.captcha.raw_data = form.captcha.data = None  # the next picture shows something else
    attempt = Attempt(form.username.data, form.password.data, form.sms_code.data or "", request.remote_addr)
    return sign_in.sign_in(attempt)


def _let_in(person: Account) -> BaseResponse:
    """Open the session of whoever has shown the password, or lead to the second step."""
    ticket = second_step.ticket_for(person)
    if ticket is None:
        open_session(person, sign_in.start(person, origin()))
        return redirect(onward())
    session[_TICKET_KEY] = ticket
    return redirect(step("SignInView.second"))


def onward() -> str:
    """Return the page that was asked for before the sign-in or a duty came between; the first page for none."""
    return safe_next(request.args.get("next", ""))


def step(endpoint: str) -> str:
    """Return the address of a page that comes between, too, and leads on to where this one does."""
    return url_for(endpoint, next=request.args.get("next") or None)


def _page(form: Any, note: str = "") -> str:
    typed = form.username.data or ""
    if request.method == "GET" or not sign_in.wants_code(typed, request.remote_addr):
        del form.sms_code
    return render_template(
        "mobile/login.html" if is_of_phone(onward()) else "auth/login.html",
        form=form,
        note=note,
        action_url=step("SignInView.login"),
        captcha_url=url_for("SignInView.captcha"),
        sound_url=url_for("SignInView.spoken_captcha"),
        sms_url=step("SignInView.send_code"),
        forgot_url=step("PasswordView.forgot"),
    )


def code_answer(message: str, status: int = 200) -> tuple[Response, int] | None:
    """Return what the page's script reads; None for a browser that sent the form itself."""
    if request.headers.get("X-Requested-With") != "fetch":
        return None
    return jsonify(message=message), status


def origin() -> Origin:
    """Return where this request comes from."""
    return Origin(request.remote_addr, request.user_agent.string)


def open_session(person: Account, secret: str) -> None:
    """Let the cookie open the session of `secret`, with nothing in it from before but the language."""
    locale = session.get("locale")
    session.clear()
    if locale:
        session["locale"] = locale
    login_user(person, remember=False)
    session["_user_id"] = secret  # in place of the account's number: a session is found by its own secret


def safe_next(url: str) -> str:
    """Return the path of `url` if it is a page of ours, else the first page: nobody is sent elsewhere from here."""
    if url.startswith(request.host_url):
        url = "/" + url[len(request.host_url) :]
    is_path = url.startswith("/") and not url.startswith("//")
    if is_path and url.isprintable() and "\\" not in url:
        return _openable(url)
    return url_for("HomeView.index")


def _openable(url: str) -> str:
    """Return the address, or of one that only takes forms the nearest above it that can be opened."""
    routes = current_app.url_map.bind("")
    path = url.partition("?")[0]
    if "GET" in (routes.allowed_methods(path) or ("GET",)):
        return url
    parents = [path.rsplit("/", level)[0] for level in range(1, path.count("/") + 1)]
    above = (page for parent in parents for page in (f"{parent}/", parent))
    return next(page for page in above if "GET" in routes.allowed_methods(page))
