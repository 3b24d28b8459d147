"""Sign-in by phone number and password (Z-A3)."""

from __future__ import annotations

from flask import redirect, render_template, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.utils.base import get_safe_redirect
from flask_babel import lazy_gettext
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from app.extensions import appbuilder
from app.views.navigation import languages


class SignInForm(FlaskForm):
    username = StringField(lazy_gettext("账号"), [InputRequired(lazy_gettext("请输入账号")), Length(max=20)])
    password = PasswordField(lazy_gettext("密码"), [InputRequired(lazy_gettext("请输入密码")), Length(max=128)])


class SignInView(BaseView):
    """「登录」 and 「退出登录」."""

    route_base = "/account"
    default_view = "login"

    @expose("/login/", methods=["GET", "POST"])
    def login(self) -> str | Response:
        if current_user.is_authenticated:
            return redirect(url_for("HomeView.index"))
        form = SignInForm()
        if form.validate_on_submit():
            found = appbuilder.sm.auth_user_db(form.username.data, form.password.data)
            if found:
                locale = session.get("locale")
                session.clear()
                if locale:
                    session["locale"] = locale
                login_user(found, remember=False)
                return redirect(get_safe_redirect(request.args.get("next", "")))
            form.form_errors.append(lazy_gettext("账号或密码不正确"))
        return render_template("auth/login.html", form=form, languages=languages())

    @expose("/logout/", methods=["POST"])
    def logout(self) -> Response:
        logout_user()
        session.clear()
        return redirect(url_for("SignInView.login"))
