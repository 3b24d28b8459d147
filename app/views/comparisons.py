"""「数据对比」: upload a list, get back who is known here, as a page and as a workbook (Z-T12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from app.domain.comparison import ComparisonState
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.text import row_number
from app.extensions import db
from app.models import Comparison
from app.services import comparisons
from app.spreadsheets.comparison_sheet import COMPARED
from app.views.audit_trail import SUBJECTS
from app.views.columns_by_hand import chosen_positions, columns_form
from app.views.comparison_pages import (
    RESULT,
    matches_page,
    matches_query,
    progress_page,
    state_cell,
)
from app.views.declarations import Filter, ListColumn, Screen
from app.views.exporting import Table
from app.views.format import moment_text
from app.views.forms import form_response, show_fault
from app.views.identity import account
from app.views.operation_log import ACTIONS, FIELDS
from app.views.page import FormPage, Link
from app.views.progress import ProgressPage
from app.views.upload_field import file_field
from app.views.watched import WatchedView


class ComparisonForm(FlaskForm):
    """The list and what for."""

    file = file_field(lazy_gettext("支持 .xlsx、.xls、.csv，最多 100,000 行。"))
    reason = TextAreaField(lazy_gettext("对比原因"), [InputRequired(lazy_gettext("请写明对比原因")), Length(max=200)])


SCREEN = Screen(
    title=N_("数据对比"),
    roles=comparisons.COMPARERS,
    query=lambda: select(Comparison),
    order=(Comparison.id,),
    columns=(
        ListColumn("id", N_("编号"), lambda row: str(row.id), kind="number"),
        ListColumn("file_name", N_("文件"), lambda row: row.file_name),
        ListColumn("reason", N_("对比原因"), lambda row: row.reason),
        ListColumn("state", N_("状态"), lambda row: state_cell(row), kind="status"),
        ListColumn("rows", N_("总行数"), lambda row: f"{row.done:,}", kind="number"),
        ListColumn("known", N_("已知人员行数"), lambda row: f"{sum(row.counts.values()):,}", kind="number"),
        ListColumn("created_at", N_("上传时间"), lambda row: moment_text(row.created_at), kind="datetime"),
        ListColumn("expires_at", N_("到期时间"), lambda row: moment_text(row.expires_at), kind="datetime"),
    ),
    filters=(
        Filter(
            "state",
            N_("状态"),
            lambda query, value: query.where(Comparison.state == ComparisonState[value]),
            "select",
            lambda: [(state.name, state.label) for state in ComparisonState],
        ),
    ),
    lead=N_("上传任意名单，查询其中哪些人已在本地登记；只告知本辖区的人员，每次对比都会记录原因。"),
    empty_title=N_("没有对比记录"),
    empty_hint=N_("点击「上传名单」开始对比，结果保留 7 天。"),
    export_name="comparisons",
)


class ComparisonView(WatchedView):
    """One's own comparisons, and the page of each from its upload to its result."""

    route_base = "/comparisons"
    screen = SCREEN

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {**super().permitted_roles(), "can_add": SCREEN.roles}

    def toolbar(self) -> Sequence[Link]:
        return [Link(gettext("上传名单"), url_for("ComparisonView.add"), style="primary"), *super().toolbar()]

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def add(self) -> str | BaseResponse:
        """Take the list and the reason, and go to the comparison."""
        form = ComparisonForm()
        if request.method == "POST" and form.validate():
            given = form.file.data
            try:
                found = comparisons.start(
                    given.stream, name=given.filename or "", reason=form.reason.data or "", account=account()
                )
            except DomainError as fault:
                db.session.rollback()
                show_fault(form, fault)
            else:
                return redirect(url_for("ComparisonView.show", key=found.id))
        notes = [
            gettext("对比会被记录：谁、何时、因为什么。每个账号每天最多 %(most)s 次。", most=comparisons.LIMIT.most)
        ]
        return _form(gettext("上传名单"), form, gettext("上传并对比"), notes)

    @expose("/<int:key>")
    @has_access
    @permission_name("show")
    def show(self, key: int) -> str | BaseResponse:
        """The progress, the question for the columns, or who is known."""
        found = self.fetch(key)
        if found.state is ComparisonState.AWAITING_COLUMNS:
            return redirect(url_for("ComparisonView.columns_by_hand", key=key))
        if found.state is ComparisonState.DONE:
            return render_template("admin/list.html", page=matches_page(found, request.args))
        return self.drawn(found)

    def progress_page(self, row: Comparison) -> ProgressPage:
        return progress_page(row)

    @expose("/<int:key>/columns", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def columns_by_hand(self, key: int) -> str | BaseResponse:
        """Ask which column is which, where the titles do not tell."""
        found = self.fetch(key)
        form = columns_form(COMPARED, comparisons.titles_of(found))
        if request.method == "POST" and form.validate():
            try:
                comparisons.choose_columns(found, chosen_positions(COMPARED, form), account=account())
            except DomainError as fault:
                db.session.rollback()
                show_fault(form, fault)
            else:
                return redirect(url_for("ComparisonView.show", key=key))
        elif found.state is not ComparisonState.AWAITING_COLUMNS:
            return redirect(url_for("ComparisonView.show", key=key))
        notes = [gettext("没有认出能够识别人员的列。请指定证件号或手机号所在的列，或同时指定姓名和出生日期。")]
        return _form(f"{gettext('选择列')} · {found.file_name}", form, gettext("开始对比"), notes)

    def export_table(self) -> Table:
        """The comparisons, or who is known of one of them."""
        key = row_number(request.args.get("comparison", ""))
        if key is None:
            return super().export_table()
        return Table(RESULT, matches_query(self.fetch(key)), RESULT.columns)


def _form(title: str, form: Any, submit: str, notes: Sequence[str]) -> str:
    back = url_for("ComparisonView.list")
    label = gettext(SCREEN.title)
    return form_response(
        FormPage(title=title, form=form, submit_label=submit, cancel_url=back, notes=notes, back=Link(label, back))
    )


def register(appbuilder: AppBuilder) -> None:
    """Add the screen."""
    ACTIONS.update({"compare_list": N_("数据对比"), "choose_comparison_columns": N_("指定对比的列")})
    FIELDS["columns"] = N_("列")
    SUBJECTS["comparison"] = N_("数据对比")
    appbuilder.add_view(
        ComparisonView(), "ComparisonView", label=SCREEN.title, category="screening", category_label=N_("任务排查")
    )
