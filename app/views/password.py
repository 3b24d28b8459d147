"""「修改密码」 and 「忘记密码」 (Z-A3, Z-A4)."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, url_for
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
from app.services import sign_in
from app.views.forms import error_text, show_fault
from app.views.identity import account
from app.views.sign_in import code_answer, start_session

_TOO_MANY = 429
_NEW = {"autocomplete": "new-password"}
# What stays open to somebody whose password must be changed first.
_OPEN = frozenset({"PasswordView.change", "SignInView.logout", "HomeView.language", "static", "appbuilder.static"})


class ChangePasswordForm(FlaskForm):
    old_password = PasswordField(
        lazy_gettext("原密码"),
        [InputRequired(lazy_gettext("请输入原密码")), Length(max=128)],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = PasswordField(
        lazy_gettext("新密码"), [InputRequired(lazy_gettext("请输入新密码"))], render_kw={**_NEW, "minlength": 10}
    )
    repeated = PasswordField(
        lazy_gettext("确认新密码"),
        [
            InputRequired(lazy_gettext("请再次输入新密码")),
            EqualTo("new_password", lazy_gettext("两次输入的新密码不一致")),
        ],
        render_kw=_NEW,
    )


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
                sign_in.change_password(person, old=form.old_password.data, new=form.new_password.data)
            except DomainError as fault:
                show_fault(form, fault)
            else:
                start_session(person)
                flash(gettext("密码修改成功"), "success")
                return redirect(url_for("HomeView.index"))
        is_forced = bool(account().must_change_password)
        notes = [gettext("这是临时密码，请先修改密码再使用系统。")] if is_forced else []
        return render_template(
            "auth/change_password.html",
            form=form,
            notes=[*notes, *(gettext(rule) for rule in RULES)],
            cancel_url=None if is_forced else url_for("HomeView.index"),
        )

    @expose("/forgot", methods=["GET", "POST"])
    def forgot(self) -> str | BaseResponse:
        """Ask for the phone and its code, then send a temporary password there."""
        form = ForgotPasswordForm()
        if form.validate_on_submit():
            try:
                sign_in.reset_password(form.phone.data, form.sms_code.data, request.remote_addr)
            except DomainError as fault:
                _show(form, fault)
            else:
                flash(gettext("密码重置成功，新密码已发送至您的手机。"), "success")
                return redirect(url_for("SignInView.login"))
        return _forgot_page(form)

    @expose("/forgot/code", methods=["POST"])
    def send_code(self) -> str | BaseResponse | tuple[Response, int]:
        """Send the code; the answer is the same for a phone without an account."""
        form = ForgotPasswordForm()
        try:
            sign_in.send_reset_code(form.phone.data or "", request.remote_addr)
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
        action_url=url_for("PasswordView.forgot"),
        sms_url=url_for("PasswordView.send_code"),
        login_url=url_for("SignInView.login"),
    )


def _demand_change() -> BaseResponse | None:
    """Send whoever has a temporary password to 「修改密码」, whatever page was asked for."""
    endpoint = request.endpoint or ""
    if endpoint in _OPEN or endpoint.startswith(("scan.", "code.")):
        return None
    if current_user.is_authenticated and current_user.must_change_password:
        return redirect(url_for("PasswordView.change"))
    return None


def register(appbuilder: AppBuilder) -> None:
    """Add the view, and the rule that a temporary password is changed first."""
    appbuilder.add_view_no_menu(PasswordView())
    current_app.before_request(_demand_change)
