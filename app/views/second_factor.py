"""「动态口令」: an authenticator app for one's own sign-in, put into use and out of it (issue 5)."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from app.domain.errors import DomainError
from app.domain.roles import Role
from app.posters import render_token_svg
from app.services import second_factor
from app.views.format import moment_text
from app.views.forms import show_fault
from app.views.identity import account, session_in_hand
from app.views.password import is_open_before_duties
from app.views.sign_in import onward, step
from app.views.sites import page_of_phone

_SHOW, _RENEW = "SecondFactorView.show", "SecondFactorView.renew"
_FEW_CODES = 3


class OwnPasswordForm(FlaskForm):
    """What shows that the account's owner is here, and not whoever found the session open."""

    password = PasswordField(
        lazy_gettext("密码"),
        [InputRequired(lazy_gettext("请输入密码")), Length(max=128)],
        render_kw={"autocomplete": "current-password"},
    )


class EnrolForm(OwnPasswordForm):
    second_code = StringField(
        lazy_gettext("动态口令"),
        [InputRequired(lazy_gettext("请输入动态口令")), Length(max=10)],
        description=lazy_gettext("输入应用中显示的6位数字，确认添加成功。"),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class OwnerForm(OwnPasswordForm):
    second_code = StringField(
        lazy_gettext("动态口令"),
        [InputRequired(lazy_gettext("请输入动态口令")), Length(max=20)],
        description=lazy_gettext("手机不在身边的，输入一个恢复码。"),
        render_kw={"autocomplete": "one-time-code"},
    )


class SecondFactorView(BaseView):
    """One's own second factor."""

    route_base = "/account/second-factor"
    default_view = "show"

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {"can_show": frozenset(Role)}

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("show")
    def show(self) -> str | Response:
        """Show how to put it into use, or how it stands; put it into use with password and code."""
        if second_factor.standing(account()) is not None:
            return _standing_page(OwnerForm(formdata=None))
        form = EnrolForm()
        if form.validate_on_submit():
            try:
                codes = second_factor.enrol(account(), **_proof(form), session=session_in_hand())
            except DomainError as fault:
                show_fault(form, fault)
            else:
                return _codes_page(codes, gettext("动态口令已启用。"))
        return _offer_page(form)

    @expose("/remove", methods=["POST"])
    @has_access
    @permission_name("show")
    def remove(self) -> str | Response:
        """Put it out of use with password and code."""
        form = OwnerForm()
        if form.validate_on_submit():
            try:
                second_factor.remove(account(), **_proof(form), session=session_in_hand())
            except DomainError as fault:
                show_fault(form, fault)
            else:
                flash(gettext("动态口令已停用"), "success")
                return redirect(step(_SHOW))
        return _standing_page(form)

    @expose("/recovery-codes", methods=["GET", "POST"])
    @has_access
    @permission_name("show")
    def renew(self) -> str | Response:
        """Give new recovery codes for password and code; the app stays in use."""
        if second_factor.standing(account()) is None:
            return redirect(step(_SHOW))
        form = OwnerForm()
        if form.validate_on_submit():
            try:
                codes = second_factor.renew_recovery_codes(account(), **_proof(form))
            except DomainError as fault:
                show_fault(form, fault)
            else:
                return _codes_page(codes, gettext("恢复码已更换，原恢复码已作废。"))
        notes = [gettext("更换后得到10个新的恢复码，原有恢复码立即作废；手机应用不受影响。")]
        return render_template("auth/renew_recovery_codes.html", form=form, notes=notes, cancel_url=step(_SHOW))


def _proof(form: EnrolForm | OwnerForm) -> dict[str, str]:
    return {"password": form.password.data, "code": form.second_code.data}


def _codes_page(codes: list[str], done: str) -> str:
    """Show the codes in the answer itself: nothing keeps them, so that they cannot be shown again."""
    return render_template("auth/recovery_codes.html", codes=codes, done=done, home_url=onward())


def _offer_page(form: EnrolForm) -> str:
    offer = second_factor.offer(account(), session_in_hand())
    is_demanded = second_factor.is_demanded(account())
    notes = [gettext("您的角色可以查看大量个人信息，须启用动态口令后才能使用系统。")] if is_demanded else []
    return render_template(
        "auth/second_factor_offer.html",
        form=form,
        notes=[*notes, gettext("启用后，登录时除密码外还要输入手机应用显示的口令，密码泄露时他人也无法登录。")],
        picture=Markup(render_token_svg(offer.address, label=gettext("二维码"))),  # noqa: S704 - drawn by us
        secret=offer.text,
        cancel_url=None if is_demanded else onward(),
    )


def _standing_page(form: OwnerForm) -> str | Response:
    standing = second_factor.standing(account())
    if standing is None:  # put out of use meanwhile, from another session
        return redirect(step(_SHOW))
    count = standing.codes_left
    notes = [
        gettext("动态口令已于 %(moment)s 启用。", moment=moment_text(standing.enrolled_at)),
        gettext("剩余恢复码：%(count)s 个", count=count),
    ]
    if count < _FEW_CODES:
        notes.append(gettext("恢复码即将用完，请更换恢复码。"))
    if second_factor.is_demanded(account()):
        notes.append(gettext("更换手机时请先停用，再用新手机启用；停用期间不能使用其他页面。"))
    return render_template(
        "auth/second_factor.html",
        form=form,
        notes=notes,
        action_url=step("SecondFactorView.remove"),
        renew_url=step(_RENEW),
        cancel_url=onward(),
    )


def _demand_second_factor() -> Response | None:
    """Send whoever has to use one, and has begun this session without, to 「动态口令」, whatever page was asked for."""
    if is_open_before_duties(_SHOW) or request.endpoint == "PasswordView.change":
        return None
    if not current_user.is_authenticated or not second_factor.is_demanded(account()):
        return None
    return None if session_in_hand().has_second_factor else redirect(url_for(_SHOW, next=page_of_phone()))


def register(appbuilder: AppBuilder) -> None:
    """Add the view, and the rule that some roles have to use it."""
    appbuilder.add_view_no_menu(SecondFactorView())
    current_app.before_request(_demand_second_factor)
