"""「修改密码」 and 「忘记密码」 (Z-A3, Z-A4)."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, session, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from app.domain.errors import DomainError
from app.domain.passwords import RULES
from app.domain.roles import Role
from app.extensions import db
from app.models import Account
from app.services import own_password, sessions
from app.views.forms import error_text, show_fault
from app.views.identity import account, session_in_hand
from app.views.sign_in import code_answer, onward, open_session, origin, step
from app.views.sites import page_of_phone

_TOO_MANY = 429
_TICKET_KEY = "new_password"
_NEW = {"autocomplete": "new-password"}
_CHANGE = "PasswordView.change"
# What stays open to somebody who has to do something else first.
_OPEN = frozenset({"SignInView.logout", "HomeView.language", "static", "appbuilder.static"})


def _new_password() -> Any:
    return PasswordField(
        lazy_gettext("新密码"), [InputRequired(lazy_gettext("请输入新密码"))], render_kw={**_NEW, "minlength": 10}
    )


def _repeated() -> Any:
    checks = [
        InputRequired(lazy_gettext("请再次输入新密码")),
        EqualTo("new_password", lazy_gettext("两次输入的新密码不一致")),
    ]
    return PasswordField(lazy_gettext("确认新密码"), checks, render_kw=_NEW)


class ChangePasswordForm(FlaskForm):
    old_password = PasswordField(
        lazy_gettext("原密码"),
        [InputRequired(lazy_gettext("请输入原密码")), Length(max=128)],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = _new_password()
    repeated = _repeated()


class NewPasswordForm(FlaskForm):
    new_password = _new_password()
    repeated = _repeated()


class ForgotPasswordForm(FlaskForm):
    phone = StringField(
        lazy_gettext("手机号"),
        [InputRequired(lazy_gettext("请输入手机号")), Length(max=20)],
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )
    sms_code = StringField(
        lazy_gettext("验证码"),
        [InputRequired(lazy_gettext("请输入验证码")), Length(max=8)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class PasswordView(BaseView):
    """The ways to a new password."""

    route_base = "/account/password"
    default_view = "change"

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {"can_change": frozenset(Role)}

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("change")
    def change(self) -> str | BaseResponse:
        """Change one's own password; this session goes on, the others end."""
        form = ChangePasswordForm()
        if form.validate_on_submit():
            person = db.session.get_one(Account, account().id)
            try:
                own_password.change(person, old=form.old_password.data, new=form.new_password.data)
            except DomainError as fault:
                show_fault(form, fault)
            else:
                is_strong = session_in_hand().has_second_factor
                open_session(person, sessions.begin(person, origin(), has_second_factor=is_strong))
                flash(gettext("密码修改成功"), "success")
                return redirect(onward())
        is_forced = bool(account().must_change_password)
        notes = [gettext("这是临时密码，请先修改密码再使用系统。")] if is_forced else []
        return render_template(
            "auth/change_password.html",
            form=form,
            notes=[*notes, *(gettext(rule) for rule in RULES)],
            cancel_url=None if is_forced else onward(),
        )

    @expose("/forgot", methods=["GET", "POST"])
    def forgot(self) -> str | BaseResponse:
        """Ask for the phone and its code; 「提交」 leads to the new password (decision 7)."""
        form = ForgotPasswordForm()
        if form.validate_on_submit():
            try:
                session[_TICKET_KEY] = own_password.prove_phone(
                    form.phone.data, form.sms_code.data, request.remote_addr
                )
            except DomainError as fault:
                _show(form, fault)
            else:
                return redirect(step("PasswordView.set_anew"))
        return _forgot_page(form)

    @expose("/new", methods=["GET", "POST"])
    def set_anew(self) -> str | BaseResponse:
        """Set the new password of whoever has just shown that the phone is theirs, once; then comes the sign-in."""
        if not own_password.may_set_anew(session.get(_TICKET_KEY)):
            return self._ask_for_code_again()
        form = NewPasswordForm()
        if form.validate_on_submit():
            try:
                own_password.set_anew(session.get(_TICKET_KEY), form.new_password.data)
            except DomainError as fault:
                show_fault(form, fault)
            else:
                session.pop(_TICKET_KEY)
                flash(gettext("密码重置成功，请使用新密码登录。"), "success")
                return redirect(step("SignInView.login"))
        notes = [gettext("手机号验证成功，请设置新密码；设置后原密码失效。"), *(gettext(rule) for rule in RULES)]
        return render_template("auth/new_password.html", form=form, notes=notes)

    @staticmethod
    def _ask_for_code_again() -> BaseResponse:
        flash(gettext("验证已过期，请重新获取验证码"), "warning")
        return redirect(step("PasswordView.forgot"))

    @expose("/forgot/code", methods=["POST"])
    def send_code(self) -> str | BaseResponse | tuple[Response, int]:
        """Send the code; the answer is the same for a phone without an account."""
        form = ForgotPasswordForm()
        try:
            own_password.send_reset_code(form.phone.data or "", request.remote_addr)
        except DomainError as fault:
            _show(form, fault)
            return code_answer(error_text(fault), _TOO_MANY) or _forgot_page(form)
        message = gettext("如果该手机号已开通账号，验证码已发送，5分钟内有效。")
        return code_answer(message) or _forgot_page(form, note=message)


def _show(form: Any, fault: DomainError) -> None:
    """The domain speaks of a phone_number; this form's field is called phone."""
    if fault.code == "phone":
        form.phone.errors = [*form.phone.errors, error_text(fault)]
    else:
        show_fault(form, fault)


def _forgot_page(form: Any, note: str = "") -> str:
    return render_template(
        "auth/forgot_password.html",
        form=form,
        note=note,
        action_url=step("PasswordView.forgot"),
        sms_url=step("PasswordView.send_code"),
        login_url=step("SignInView.login"),
    )


def _demand_change() -> BaseResponse | None:
    """Send whoever has a temporary password to 「修改密码」, whatever page was asked for."""
    if is_open_before_duties(_CHANGE) or not current_user.is_authenticated:
        return None
    return redirect(url_for(_CHANGE, next=page_of_phone())) if current_user.must_change_password else None


def is_open_before_duties(page: str) -> bool:
    """Whether this request is for `page`, or for what stays open to somebody who has to do something there first."""
    endpoint = request.endpoint or ""
    return endpoint == page or endpoint in _OPEN or endpoint.startswith(("scan.", "code."))


def register(appbuilder: AppBuilder) -> None:
    """Add the view, and the rule that a temporary password is changed first."""
    appbuilder.add_view_no_menu(PasswordView())
    current_app.before_request(_demand_change)
