"""「风险地区名单」: the files that came, and the two ways of bringing one (2.1)."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from werkzeug.wrappers import Response as BaseResponse

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.risk import RiskLevel
from app.domain.roles import Role
from app.extensions import db
from app.models import RiskArea, RiskAreaList, RiskListState
from app.services.risk_area_entries import import_sheet
from app.services.risk_area_import import EDITORS, MOST_BYTES, import_official
from app.spreadsheets.declarations import RISK_AREAS
from app.spreadsheets.template import template
from app.views.declarations import ListColumn, Screen
from app.views.downloads import workbook
from app.views.format import label_text, moment_text
from app.views.forms import show_fault
from app.views.identity import account
from app.views.page import Cell, DetailPage, Field, FormPage, Link, Section
from app.views.risk_areas import READERS
from app.views.screen_view import ScreenView
from app.views.upload_field import file_field

_TONES = {RiskListState.IN_FORCE: "green", RiskListState.WAITING: "yellow"}


def _state(row: RiskAreaList) -> Cell:
    return Cell(label_text(row.state), tone=_TONES.get(row.state, "gray"))


def _counted(level: RiskLevel) -> Any:
    return lambda row: f"{row.listed.get(level.name, 0):,}"


SCREEN = Screen(
    title=N_("风险地区名单"),
    roles=READERS,
    query=lambda: select(RiskAreaList),
    order=(RiskAreaList.published_at, RiskAreaList.id),
    columns=(
        ListColumn("published_at", N_("发布时间"), lambda row: moment_text(row.published_at), kind="datetime"),
        ListColumn("source", N_("来源"), lambda row: label_text(row.source)),
        ListColumn("file_name", N_("文件"), lambda row: row.file_name),
        ListColumn("state", N_("状态"), _state, kind="status"),
        *(ListColumn(level.name, level.label, _counted(level), kind="number") for level in RiskLevel),
        ListColumn("created_at", N_("导入时间"), lambda row: moment_text(row.created_at), kind="datetime"),
    ),
    empty_title=N_("还没有导入过风险地区名单"),
    export_name="risk_area_lists",
)


class RiskAreaListView(ScreenView):
    """Each file with what it says of itself beside what was found in it."""

    route_base = "/risk-area-lists"
    screen = SCREEN

    def detail_page(self, row: RiskAreaList, tab: str) -> DetailPage:  # noqa: ARG002 - one page has no tabs
        facts = [
            Field(gettext("发布时间"), moment_text(row.published_at)),
            Field(gettext("来源"), label_text(row.source)),
            Field(gettext("文件"), row.file_name),
            Field(gettext("文件校验值"), row.sha256 or "", is_wide=True),
            Field(gettext("导入时间"), moment_text(row.created_at)),
        ]
        return DetailPage(
            title=f"{gettext(SCREEN.title)} · {moment_text(row.published_at)}",
            status=_state(row),
            sections=[Section(gettext("基本信息"), facts), Section(gettext("数量核对"), _counts(row))],
            back=Link(gettext(SCREEN.title), url_for("RiskAreaListView.list")),
        )


def _counts(row: RiskAreaList) -> list[Field]:
    counted = select(func.count(), func.count(RiskArea.matched_code)).where(RiskArea.list_id == row.id)
    rows, matched = db.session.execute(counted).one()
    fields = [
        Field(
            gettext("%(level)s：文件写明 / 实际地点", level=label_text(level)),
            f"{row.announced.get(level.name, '—')} / {row.listed.get(level.name, 0)}",
        )
        for level in RiskLevel
    ]
    return [*fields, Field(gettext("行数 / 已对应地区"), f"{rows} / {matched}")]


class OfficialForm(FlaskForm):
    file = file_field(
        lazy_gettext("官方发布的 JSON 原文件，不需要整理。名单从文件中写明的时间起生效。"), accept=".json"
    )


class SheetForm(FlaskForm):
    file = file_field(lazy_gettext("支持 .xlsx、.xls、.csv（UTF-8 或 GB18030），每行一个地点，必须写明依据。"))


class RiskAreaFileView(BaseView):
    """The official file as it was published, or a sheet of places."""

    route_base = "/risk-areas/import"
    default_view = "official"

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {"can_upload": EDITORS}

    @expose("/official", methods=["GET", "POST"])
    @has_access
    @permission_name("upload")
    def official(self) -> str | BaseResponse:
        """Take the official file and lead to its list."""
        form = OfficialForm()
        if request.method == "POST" and form.validate():
            given = form.file.data
            return self._bring(form, gettext("导入官方名单"), import_official, given.read(MOST_BYTES + 1))
        return self._page(form, gettext("导入官方名单"))

    @expose("/sheet", methods=["GET", "POST"])
    @has_access
    @permission_name("upload")
    def sheet(self) -> str | BaseResponse:
        """Take a sheet of places and lead to its list."""
        form = SheetForm()
        if request.method == "POST" and form.validate():
            return self._bring(form, gettext("表格导入"), import_sheet, form.file.data.stream)
        return self._page(form, gettext("表格导入"))

    @expose("/template")
    @has_access
    @permission_name("upload")
    def template(self) -> Response:
        """The sheet to fill in."""
        name = gettext(RISK_AREAS.title) + "-" + gettext("模板") + ".xlsx"
        return workbook(template(RISK_AREAS), name)

    def _bring(self, form: Any, title: str, perform: Any, content: Any) -> str | BaseResponse:
        try:
            risk_list = perform(content, name=form.file.data.filename or "", account=account())
        except DomainError as fault:
            db.session.rollback()
            show_fault(
                form,
                fault if fault.field else DomainError(fault.message, code=fault.code, field="file", **fault.params),
            )
            return self._page(form, title)
        if risk_list.state is RiskListState.WAITING:
            flash(gettext("已提交「变更审批」，由另一人批准后生效。"), "warning")
        else:
            flash(gettext("已导入，名单已生效。"), "success")
        return redirect(url_for("RiskAreaListView.show", key=risk_list.id))

    def _page(self, form: Any, title: str) -> str:
        back = url_for("RiskAreaView.list")
        links = [] if isinstance(form, OfficialForm) else [gettext("请先下载模板，按列填写后上传。")]
        page = FormPage(
            title=title,
            form=form,
            submit_label=gettext("导入"),
            cancel_url=back,
            notes=links,
            back=Link(gettext("风险地区"), back),
        )
        return render_template("admin/form.html", page=page)


def register(appbuilder: AppBuilder) -> None:
    """Add the screens of this module."""
    appbuilder.add_view(
        RiskAreaListView(), "RiskAreaListView", label=SCREEN.title, category="health", category_label=N_("健康码管理")
    )
    appbuilder.add_view_no_menu(RiskAreaFileView())
