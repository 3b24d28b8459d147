"""「操作日志」 of the whole area: who did what to which record, read-only (Z-A7, X5)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext
from sqlalchemy import Select, select

from app.clock import day_bounds
from app.domain.labels import N_
from app.domain.roles import Role
from app.models import AuditEvent
from app.views.declarations import Filter, ListColumn, Screen
from app.views.format import moment_text, zone
from app.views.operation_log import ACTIONS, actor_text, change_text
from app.views.page import DetailPage, Field, Link, Section
from app.views.screen_view import ScreenView

READERS = frozenset({Role.AUDITOR, Role.CITY_ADMIN, Role.SYSTEM_ADMIN})
SUBJECTS = {
    "ab_user": N_("账号"),
    "residency": N_("居民"),
    "person": N_("人员"),
    "entry_record": N_("进出记录"),
    "venue": N_("场所"),
    "import_batch": N_("导入批次"),
    "screening_entry": N_("名单人员"),
    "outgoing_message": N_("短信"),
    "screen": N_("页面"),
    "job": N_("任务"),
}


def _query() -> Select[Any]:
    return select(AuditEvent)


def _from(query: Select[Any], value: date) -> Select[Any]:
    return query.where(AuditEvent.recorded_at >= day_bounds(value, zone())[0])


def _until(query: Select[Any], value: date) -> Select[Any]:
    return query.where(AuditEvent.recorded_at < day_bounds(value, zone())[1])


def _by_actor(query: Select[Any], value: str) -> Select[Any]:
    return query.where(AuditEvent.actor_label.contains(value, autoescape=True))


def _by_action(query: Select[Any], value: str) -> Select[Any]:
    return query.where(AuditEvent.action == value)


def _by_kind(query: Select[Any], value: str) -> Select[Any]:
    return query.where(AuditEvent.subject_type == value)


def _by_key(query: Select[Any], value: str) -> Select[Any]:
    return query.where(AuditEvent.subject_id == value)


def _action(row: AuditEvent) -> str:
    return gettext(ACTIONS.get(row.action, row.action))


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
        Filter("actor", N_("操作人"), _by_actor, placeholder=N_("请输入操作人")),
        Filter("action", N_("操作"), _by_action, "select", lambda: list(ACTIONS.items())),
        Filter("kind", N_("操作对象"), _by_kind, "select", lambda: list(SUBJECTS.items())),
        Filter("key", N_("对象编号"), _by_key),
    ),
    lead=N_("每一次操作都会记录，记录之间首尾相连，不能修改或删除。"),
    empty_title=N_("没有操作记录"),
    export_name="audit_trail",
)


class AuditTrailView(ScreenView):
    """The trail, one event at a time or as an export."""

    route_base = "/audit-trail"
    screen = SCREEN

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
