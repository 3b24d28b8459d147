"""「登录会话」: where one's account is signed in, and the way to end that (Z-A3)."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.domain.roles import Role
from app.models import SignInSession
from app.services import sessions
from app.views.format import label_text, moment_text
from app.views.identity import account, session_in_hand
from app.views.page import Cell, Column, EmptyState, Link, ListPage, PageNav, Row


class SessionsView(BaseView):
    """One's own sessions; nobody else's, however high."""

    route_base = "/account/sessions"
    default_view = "show"

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {"can_show": frozenset(Role)}

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> str:
        """Show the open sessions, this one marked."""
        rows = [_row(session) for session in sessions.open_sessions(account())]
        toolbar = []
        if len(rows) > 1:
            toolbar.append(Link(gettext("结束其他会话"), url_for("SessionsView.end_others"), "danger", "post"))
        page = ListPage(
            title=gettext("登录会话"),
            lead=gettext("您的账号正在以下设备上登录。发现不是本人的，请立即结束该会话并修改密码。"),
            columns=_columns(),
            rows=rows,
            nav=PageNav(gettext("共 %(count)s 条", count=len(rows))),
            empty=EmptyState(gettext("暂无数据")),
            toolbar=toolbar,
        )
        return render_template("admin/list.html", page=page)

    @expose("/<int:key>/end", methods=["POST"])
    @has_access
    @permission_name("show")
    def end(self, key: int) -> Response:
        """End one of one's own sessions."""
        if not sessions.end_one(account(), key):
            abort(404)
        flash(gettext("会话已结束"), "success")
        return redirect(url_for("SessionsView.show"))

    @expose("/end-others", methods=["POST"])
    @has_access
    @permission_name("show")
    def end_others(self) -> Response:
        """End every session of one's own but this one."""
        count = sessions.end_others(account(), session_in_hand())
        flash(gettext("已结束 %(count)s 个其他会话", count=count), "success")
        return redirect(url_for("SessionsView.show"))


def _columns() -> list[Column]:
    return [
        Column("device", gettext("设备")),
        Column("network", gettext("网络地址"), "mono"),
        Column("started_at", gettext("登录时间"), "datetime"),
        Column("last_seen_at", gettext("最近活动"), "datetime"),
        Column("state", gettext("状态"), "status"),
    ]


def _row(session: SignInSession) -> Row:
    is_this = session.id == session_in_hand().id
    cells = [
        Cell(f"{label_text(session.browser)} · {label_text(session.system)}"),
        Cell(session.network),
        Cell(moment_text(session.started_at)),
        Cell(moment_text(session.last_seen_at)),
        Cell(gettext("本次登录"), "green") if is_this else Cell(gettext("其他登录"), "gray"),
    ]
    ending = Link(gettext("结束会话"), url_for("SessionsView.end", key=session.id), "danger", "post")
    return Row(str(session.id), cells, links=() if is_this else (ending,))


def register(appbuilder: AppBuilder) -> None:
    """Add the view; the avatar menu leads to it."""
    appbuilder.add_view_no_menu(SessionsView())
