"""「导出统计管理」: one's own exports, how far each is, and the files as long as they are kept (Z145)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Response, flash, redirect, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from sqlalchemy import Select, select
from werkzeug.wrappers import Response as BaseResponse

from app.clock import day_bounds
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.roles import Role
from app.extensions import db
from app.models import ExportFile, ExportState
from app.services import exports
from app.views.audit_trail import SUBJECTS
from app.views.declarations import Filter, ListColumn, Screen
from app.views.downloads import stored_file
from app.views.format import label_text, moment_text, yes_no, zone
from app.views.forms import error_text
from app.views.identity import account
from app.views.operation_log import ACTIONS, FIELDS
from app.views.page import Cell, EmptyState, Field, Link, Section
from app.views.progress import ProgressPage
from app.views.watched import WatchedView, failure_notes

# Who only checks codes at a door has no list to export.
EXPORTERS = frozenset(Role) - {Role.SCANNER}
_TONES = {
    ExportState.READY: "green",
    ExportState.SENT: "green",
    ExportState.FAILED: "red",
    ExportState.EXPIRED: "gray",
}


def _from(query: Select[Any], value: date) -> Select[Any]:
    return query.where(ExportFile.created_at >= day_bounds(value, zone())[0])


def _until(query: Select[Any], value: date) -> Select[Any]:
    return query.where(ExportFile.created_at < day_bounds(value, zone())[1])


def _state(row: ExportFile) -> Cell:
    return Cell(label_text(row.state), tone=_TONES.get(row.state, "blue"))


SCREEN = Screen(
    title=N_("导出统计管理"),
    roles=EXPORTERS,
    query=lambda: select(ExportFile),
    order=(ExportFile.id,),
    columns=(
        ListColumn("id", N_("编号"), lambda row: str(row.id), kind="number"),
        ListColumn("title", N_("导出内容"), lambda row: gettext(row.title)),
        ListColumn("conditions", N_("查询条件"), lambda row: row.conditions or ""),
        ListColumn("rows", N_("行数"), lambda row: f"{row.rows:,}", kind="number"),
        ListColumn("is_full", N_("完整导出"), lambda row: yes_no(row.is_full)),
        ListColumn("state", N_("状态"), _state, kind="status"),
        ListColumn("created_at", N_("导出时间"), lambda row: moment_text(row.created_at), kind="datetime"),
        ListColumn("expires_at", N_("到期时间"), lambda row: moment_text(row.expires_at), kind="datetime"),
    ),
    filters=(
        Filter(
            "state",
            N_("状态"),
            lambda query, value: query.where(ExportFile.state == ExportState[value]),
            "select",
            lambda: [(state.name, state.label) for state in ExportState],
        ),
        Filter("since", N_("开始日期"), _from, "date"),
        Filter("until", N_("结束日期"), _until, "date"),
    ),
    lead=N_("您自己的每一次导出。超过 50,000 行的在后台生成，文件保留 7 天。"),
    export_name="exports",
    export_roles=frozenset(),
)


class ExportFileView(WatchedView):
    """The list, and each export from its order to its file."""

    route_base = "/exports"
    screen = SCREEN

    def empty_state(self) -> EmptyState:
        return EmptyState(gettext("没有导出记录"), gettext("在各个页面点击「导出」后，每次导出在这里有一条记录。"))

    def row_links(self, row: ExportFile) -> Sequence[Link]:
        return [*_download(row), *super().row_links(row)]

    def progress_page(self, row: ExportFile) -> ProgressPage:
        """Return how far the export is, or the way to its file."""
        return ProgressPage(
            title=f"{gettext(row.title)} · {gettext('导出')}",
            status=_state(row),
            done=row.rows,
            total=max(row.total, row.rows),
            is_finished=row.state is not ExportState.RUNNING,
            progress_url=url_for("ExportFileView.progress", key=row.id),
            refresh_url=url_for("ExportFileView.show", key=row.id),
            figures=[],
            links=_download(row),
            notes=failure_notes(row.failure),
            sections=[Section(gettext("导出信息"), _facts(row))],
            back=Link(gettext(SCREEN.title), url_for("ExportFileView.list")),
        )

    @expose("/<int:key>/file")
    @has_access
    @permission_name("show")
    def file(self, key: int) -> Response | BaseResponse:
        """The finished file."""
        try:
            file_id = exports.take(self.fetch(key), account=account())
        except DomainError as fault:
            db.session.rollback()
            flash(error_text(fault), "warning")
            return redirect(url_for("ExportFileView.show", key=key))
        return stored_file(file_id, why="a file of an export that was found in its owner's scope")


def _download(found: ExportFile) -> list[Link]:
    if found.state is not ExportState.READY:
        return []
    return [Link(gettext("下载"), url_for("ExportFileView.file", key=found.id), style="primary", icon="download")]


def _facts(found: ExportFile) -> list[Field]:
    facts = [
        Field(gettext("编号"), str(found.id)),
        Field(gettext("查询条件"), found.conditions or gettext("全部")),
        Field(gettext("完整导出"), yes_no(found.is_full)),
        Field(gettext("导出时间"), moment_text(found.created_at)),
        Field(gettext("完成时间"), moment_text(found.finished_at)),
        Field(gettext("到期时间"), moment_text(found.expires_at)),
    ]
    return [*facts, Field(gettext("导出原因"), found.reason)] if found.reason else facts


def register(appbuilder: AppBuilder) -> None:
    """Add the screen."""
    ACTIONS.update({"order_export": N_("提交导出"), "download_export": N_("下载导出文件")})
    FIELDS["full"] = N_("完整导出")
    SUBJECTS["export_file"] = N_("导出文件")
    appbuilder.add_view(
        ExportFileView(), "ExportFileView", label=SCREEN.title, category="screening", category_label=N_("任务排查")
    )
