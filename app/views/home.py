"""The first page, the compound switcher and the language switch."""

from __future__ import annotations

from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import IndexView
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.domain.roles import Role
from app.domain.text import row_number
from app.views.first_page import home_page
from app.views.identity import choose_venue
from app.views.sign_in import safe_next


class HomeView(IndexView):
    """「/」 and the switches of the frame."""

    route_base = ""
    default_view = "index"

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {"can_switch": frozenset(Role)}

    @expose("/")
    def index(self) -> str | Response:
        """Show what there is to do; whoever is not signed in comes to the sign-in."""
        if not current_user.is_authenticated:
            return redirect(url_for("SignInView.login"))
        return render_template("admin/home.html", page=home_page())

    @expose("/switch-compound", methods=["POST"])
    @has_access
    @permission_name("switch")
    def switch(self) -> Response:
        """Take another compound in hand (「切换小区」)."""
        chosen = row_number(request.form.get("venue_id", ""))
        if chosen is None or not choose_venue(chosen):
            flash(gettext("没有这个小区的管理权限。"), "warning")
        return redirect(_back())

    @expose("/language/<code>")
    def language(self, code: str) -> Response:
        """Switch the language and return to the page."""
        if code not in current_app.config["LANGUAGES"]:
            abort(404)
        session["locale"] = code
        return redirect(_back())


def _back() -> str:
    """Return the path of the page that sent the request here, if it is one of ours."""
    return safe_next(request.referrer or "")
