"""「操作日志」 of the whole area: who did what to which record, read-only (Z-A7, X5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import flash, redirect, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from sqlalchemy import Select, and_, false, or_, select
from werkzeug.wrappers import Response as BaseResponse

from app.clock import day_bounds
from app.domain.areas import code_after
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, AuditEvent
from app.services import areas, audit, audit_checks
from app.views.declarations import Filter, ListColumn, Screen
from app.views.format import moment_text, zone
from app.views.forms import error_text
from app.views.identity import account
from app.views.operation_log import actor_text, change_text
from app.views.page import DetailPage, Field, Link, Section
from app.views.screen_view import ScreenView
from app.views.trail_state import trail_figures
from app.views.trail_words import SUBJECTS, TRAIL_ACTIONS

READERS = frozenset({Role.AUDITOR, Role.CITY_ADMIN, Role.SYSTEM_ADMIN})
CHECKERS = frozenset({Role.AUDITOR, Role.SYSTEM_ADMIN})
# Whoever is no account: what the trail calls them.
_NOBODY = (audit.SYSTEM.label, audit.CITIZEN.label)


def _query() -> Select[Any]:
    return select(AuditEvent)


def _from(query: Select[Any], value: date) -> Select[Any]:
    return query.where(AuditEvent.recorded_at >= day_bounds(value, zone())[0])


def _until(query: Select[Any], value: date) -> Select[Any]:
    return query.where(AuditEvent.recorded_at < day_bounds(value, zone())[1])


def _by_actor(query: Select[Any], value: str) -> Select[Any]:
    if value in _NOBODY:
        return query.where(AuditEvent.actor_id.is_(None), AuditEvent.actor_label == value)
    # By the accounts of that name or phone, for their events have an index; the trail itself has no other.
    account = Account.__table__.c
    named = account.first_name.contains(value, autoescape=True) | (account.username == value)
    return query.where(AuditEvent.actor_id.in_(select(account.id).where(named)))


def _by_area(query: Select[Any], value: str) -> Select[Any]:
    named = [value] if value.isascii() and value.isdigit() else areas.codes_of_name(value)
    ranges = [and_(AuditEvent.area_code >= code, AuditEvent.area_code < code_after(code)) for code in named]
    return query.where(or_(*ranges) if ranges else false())


def _by_action(query: Select[Any], value: str) -> Select[Any]:
    return query.where(AuditEvent.action == value)


def _by_kind(query: Select[Any], value: str) -> Select[Any]:
    return query.where(AuditEvent.subject_type == value)


def _by_key(query: Select[Any], value: str) -> Select[Any]:
    return query.where(AuditEvent.subject_id == value)


def _action(row: AuditEvent) -> str:
    return gettext(TRAIL_ACTIONS.get(row.action, row.action))


def _subject(row: AuditEvent) -> str:
    return f"{gettext(SUBJECTS.get(row.subject_type, row.subject_type))} {row.subject_id}"


SCREEN = Screen(
    title=N_("操作日志"),
    roles=READERS,
    query=_query,
    order=(AuditEvent.id,),
    columns=(
        ListColumn("id", N_("序号"), lambda row: str(row.id), kind="number"),
        ListColumn("recorded_at", N_("操作时间"), lambda row: moment_text(row.recorded_at), kind="datetime"),
        ListColumn("actor", N_("操作人"), lambda row: actor_text(row.actor_label)),
        ListColumn("action", N_("操作"), _action),
        ListColumn("subject", N_("操作对象"), _subject),
        ListColumn("address", N_("来源地址"), lambda row: row.remote_address or "", kind="mono"),
        ListColumn("changes", N_("变更内容"), lambda row: change_text(row.changes)),
    ),
    filters=(
        Filter("since", N_("开始日期"), _from, "date"),
        Filter("until", N_("结束日期"), _until, "date"),
        Filter("actor", N_("操作人"), _by_actor, placeholder=N_("请输入姓名、手机号或“系统”")),
        Filter("action", N_("操作"), _by_action, "select", lambda: sorted(TRAIL_ACTIONS.items())),
        Filter("kind", N_("操作对象"), _by_kind, "select", lambda: list(SUBJECTS.items())),
        Filter("key", N_("对象编号"), _by_key),
        Filter("area", N_("所属区域"), _by_area, placeholder=N_("请输入区域名称或代码")),
    ),
    figures=trail_figures,
    lead=N_("每一次操作都会记录，记录之间首尾相连，不能修改或删除。"),
    empty_title=N_("没有操作记录"),
    export_name="audit_trail",
)


class AuditTrailView(ScreenView):
    """The trail, one event at a time or as an export."""

    route_base = "/audit-trail"
    screen = SCREEN

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {**super().permitted_roles(), "can_check": CHECKERS}

    def toolbar(self) -> Sequence[Link]:
        check = Link(gettext("校验"), url_for("AuditTrailView.check"), method="post", style="primary")
        return [*([check] if account().role in CHECKERS else []), *super().toolbar()]

    @expose("/check", methods=["POST"])
    @has_access
    @permission_name("check")
    def check(self) -> BaseResponse:
        """Have the whole chain looked at by a job."""
        try:
            audit_checks.ask(account())
        except DomainError as fault:
            db.session.rollback()
            flash(error_text(fault), "warning")
        else:
            flash(gettext("已开始校验，完成后刷新本页查看结果。"), "success")
        return redirect(url_for("AuditTrailView.list"))

    def detail_page(self, row: AuditEvent, tab: str) -> DetailPage:  # noqa: ARG002 - one page has no tabs
        fields = [Field(gettext(column.label), str(column.value(row)), is_wide=True) for column in SCREEN.columns]
        fields.append(Field(gettext("校验值"), row.chain_hash.hex(), is_wide=True))
        return DetailPage(
            title=_action(row),
            sections=[Section("", fields)],
            back=Link(gettext(SCREEN.title), url_for("AuditTrailView.list")),
        )


def register(appbuilder: AppBuilder) -> None:
    """Add the screen."""
    appbuilder.add_view(
        AuditTrailView(), "AuditTrailView", label=SCREEN.title, category="accounts", category_label=N_("账号与权限")
    )
