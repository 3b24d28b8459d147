"""「导入」: upload, progress, preview, confirmation, and 「导入记录」 (issue 1.4, Z-T13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from sqlalchemy import Select, select
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectField
from wtforms.validators import Optional

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.screening import ScreeningKind
from app.extensions import db
from app.models import BatchState, ImportBatch
from app.services import files, imports, imports_header
from app.services.imports_counts import Counts
from app.services.lists import IMPORT_LABEL, LISTS, ScreeningList, list_of
from app.spreadsheets.template import template
from app.views.columns_by_hand import chosen_positions, columns_form
from app.views.declarations import Filter, ListColumn, Screen
from app.views.downloads import workbook
from app.views.format import label_text, moment_text
from app.views.forms import error_text, form_response, show_fault
from app.views.identity import account
from app.views.imports_pages import (
    UploadPage,
    columns_page,
    preview_page,
    progress_page,
    progress_state,
    state_cell,
)
from app.views.page import EmptyState, FormPage, Link
from app.views.screen_view import ScreenView
from app.views.screening_names import view_name

_IMPORTERS: frozenset[Role] = frozenset().union(*(declared.importers for declared in LISTS))


class UploadForm(FlaskForm):
    """「点击选择文件对文件进行上传」 (checklist Z100)."""

    file = FileField(
        lazy_gettext("选择文件"),
        [FileRequired(lazy_gettext("请选择要上传的文件"))],
        description=lazy_gettext("支持 .xlsx、.xls、.csv（UTF-8 或 GB18030），单个文件不超过 64 MB。"),
        render_kw={"accept": ".xlsx,.xls,.csv,.txt"},
    )


class CategorizedUploadForm(UploadForm):
    """「选择本地文件，选择所属分类导入」 (checklist Z109)."""

    # Left empty, the file is of its reporter's own category; an unknown one the service refuses.
    category = SelectField(lazy_gettext("所属分类"), [Optional()], validate_choice=False)


def upload_form(declared: ScreeningList) -> UploadForm:
    """The upload form of a list; with the category of the file where the list is divided by it."""
    if declared.category is None or declared.category.of_row is not None:
        return UploadForm()
    form = CategorizedUploadForm()
    form.category.choices = [("", gettext("请选择")), *((c.name, gettext(c.label)) for c in declared.category.choices)]
    if not form.is_submitted():
        form.category.data = declared.file_category(None, account().role) or ""
    return form


class ListImportView(BaseView):
    """Upload and template of one list; its subclasses are made from the declarations."""

    declared: ClassVar[ScreeningList]
    default_view = "upload"

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {"menu_access": cls.declared.importers, "can_upload": cls.declared.importers}

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("upload")
    def upload(self) -> str | BaseResponse:
        """Take the operators' file as it comes, and go to its batch."""
        form = upload_form(self.declared)
        if request.method == "POST" and form.validate():
            given = form.file.data
            try:
                name, category = given.filename or "", form.category.data if "category" in form else None
                batch = imports.upload(self.declared, given.stream, name=name, account=account(), category=category)
            except DomainError as fault:
                show_fault(form, fault)
            else:
                return redirect(url_for("ImportBatchView.show", key=batch.id))
        page = UploadPage(
            title=f"{gettext(self.declared.title)} · {gettext(self.declared.import_label)}",
            lead=gettext(self.declared.lead),
            form=form,
            toolbar=[Link(gettext("下载模板"), url_for(f"{self.endpoint}.template"))],
            cancel_url=url_for("ImportBatchView.list"),
            notes=[gettext("上传后先预览，确认之前不会写入名单；有问题的行会连同原因退回，改好后可以直接再次导入。")],
        )
        return render_template("admin/import_preview.html", page=page)

    @expose("/template")
    @has_access
    @permission_name("upload")
    def template(self) -> Response:
        """The sheet to fill in."""
        name = gettext(self.declared.title) + "-" + gettext("模板") + ".xlsx"
        return workbook(template(self.declared.sheet), name)


def _importable(role: Role | None) -> list[ScreeningList]:
    return [declared for declared in LISTS if role in declared.importers]


def _query() -> Select[Any]:
    return select(ImportBatch).where(ImportBatch.kind.in_([d.kind for d in _importable(account().role)]))


def _counted(name: str) -> Any:
    return lambda row: f"{getattr(Counts.of(row.counts), name):,}"


SCREEN = Screen(
    title=N_("导入记录"),
    roles=_IMPORTERS,
    query=_query,
    order=(ImportBatch.id,),
    columns=(
        ListColumn("id", N_("批次"), lambda row: str(row.id), kind="number"),
        ListColumn("kind", N_("名单"), lambda row: label_text(row.kind)),
        ListColumn("file_name", N_("文件"), lambda row: row.file_name),
        ListColumn("state", N_("状态"), lambda row: state_cell(row), kind="status"),
        ListColumn("rows", N_("总行数"), _counted("rows"), kind="number"),
        ListColumn("new", N_("新增"), _counted("new"), kind="number"),
        ListColumn("rejected", N_("退回"), _counted("rejected_rows"), kind="number"),
        ListColumn("undispatched", N_("未下发"), _counted("undispatched_rows"), kind="number"),
        ListColumn("created_at", N_("上传时间"), lambda row: moment_text(row.created_at), kind="datetime"),
    ),
    filters=(
        Filter(
            "kind",
            N_("名单"),
            lambda query, value: query.where(ImportBatch.kind == ScreeningKind[value]),
            "select",
            lambda: [(declared.kind.name, declared.title) for declared in _importable(account().role)],
        ),
        Filter(
            "state",
            N_("状态"),
            lambda query, value: query.where(ImportBatch.state == BatchState[value]),
            "select",
            lambda: [(state.name, state.label) for state in BatchState],
        ),
    ),
    export_name="imports",
)


class ImportBatchView(ScreenView):
    """「导入记录」, and the page of one batch from its check to its end."""

    route_base = "/imports"
    screen = SCREEN

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {**super().permitted_roles(), "can_decide": _IMPORTERS}

    def toolbar(self) -> Sequence[Link]:
        links = [
            Link(_upload_label(declared), url_for(f"{view_name(declared)}ImportView.upload"), style="primary")
            for declared in _importable(account().role)
        ]
        return [*links, *super().toolbar()]

    def empty_state(self) -> EmptyState:
        return EmptyState(gettext("没有导入记录"), gettext("上传名单后，每个文件在这里有一条记录。"))

    @expose("/<int:key>")
    @has_access
    @permission_name("show")
    def show(self, key: int) -> str | BaseResponse:
        """The batch's page: its progress, its preview, or how it ended."""
        batch = self.fetch(key)
        if batch.state is BatchState.AWAITING_COLUMNS:
            return redirect(url_for("ImportBatchView.columns_by_hand", key=key))
        if batch.state is BatchState.CHECKED:
            return render_template("admin/import_preview.html", page=preview_page(batch))
        return render_template("admin/progress.html", page=progress_page(batch))

    @expose("/<int:key>/columns", methods=["GET", "POST"])
    @has_access
    @permission_name("decide")
    def columns_by_hand(self, key: int) -> str | BaseResponse:
        """Ask which column is which, once for every file of such a header."""
        batch = self.fetch(key)
        declared = list_of(batch.kind)
        form = columns_form(declared.sheet, imports_header.titles_of(batch))
        if batch.state is not BatchState.AWAITING_COLUMNS:
            return redirect(url_for("ImportBatchView.show", key=key))
        if request.method == "POST" and form.validate():
            try:
                imports.choose_columns(batch, chosen_positions(declared.sheet, form), account=account())
            except DomainError as fault:
                db.session.rollback()
                show_fault(form, fault)
            else:
                return redirect(url_for("ImportBatchView.show", key=key))
        return form_response(columns_page(batch, form))

    @expose("/<int:key>/progress")
    @has_access
    @permission_name("show")
    def progress(self, key: int) -> Response:
        """How far the batch's job is, for the page to ask again and again."""
        return jsonify(progress_state(self.fetch(key)))

    @expose("/<int:key>/rejected")
    @has_access
    @permission_name("show")
    def rejected(self, key: int) -> Response | BaseResponse:
        """The rejected rows with their reasons, ready to be corrected and imported again."""
        batch = self.fetch(key)
        if batch.rejected_file_id is None:
            flash(gettext("这一批没有退回的行。"), "warning")
            return redirect(url_for("ImportBatchView.show", key=key))
        name = f"{batch.file_name.rpartition('.')[0] or batch.file_name}-{gettext('退回数据')}.xlsx"
        return workbook(b"".join(files.pieces(batch.rejected_file_id)), name)

    @expose("/<int:key>/<any(confirm, cancel, undo):decision>", methods=["POST"])
    @has_access
    @permission_name("decide")
    def decide(self, key: int, decision: str) -> str | BaseResponse:
        """Confirm, cancel or take back the batch."""
        batch = self.fetch(key)
        if decision == "undo" and not request.form.get("confirmed"):
            return self._ask_undo(batch)
        decisions = {"confirm": imports.confirm, "cancel": imports.cancel, "undo": imports.undo}
        done = {"confirm": N_("已开始导入"), "cancel": N_("已取消"), "undo": N_("已撤回")}
        try:
            decisions[decision](batch, account=account())
        except DomainError as fault:
            db.session.rollback()
            flash(error_text(fault), "warning")
        else:
            flash(gettext(done[decision]), "success")
        return redirect(url_for("ImportBatchView.show", key=key))

    def _ask_undo(self, batch: ImportBatch) -> str:
        """The question, where no script has asked it."""
        page = FormPage(
            title=gettext("撤回"),
            form=None,
            submit_label=gettext("撤回"),
            cancel_url=url_for("ImportBatchView.show", key=batch.id),
            danger=True,
            notes=[gettext("撤回后，这一批导入的人员会全部从名单中移除。确定撤回吗？")],
        )
        return render_template("admin/confirm.html", page=page)


def _upload_label(declared: ScreeningList) -> str:
    """A list's own word for its import, else the list's title with the common one."""
    if declared.import_label == IMPORT_LABEL:
        return f"{gettext(declared.title)} · {gettext(IMPORT_LABEL)}"
    return gettext(declared.import_label)


def _view_class(declared: ScreeningList) -> type[ListImportView]:
    members = {"declared": declared, "route_base": f"/imports/{declared.key}", "__module__": __name__}
    return type(f"{view_name(declared)}ImportView", (ListImportView,), members)


def register(appbuilder: AppBuilder) -> None:
    """Add each list's upload (in the menu, where a list has a word of its own for it) and 「导入记录」."""
    group = {"category": "screening", "category_label": N_("任务排查")}
    for declared in (each for each in LISTS if each.importers):
        view = _view_class(declared)
        if declared.import_label == IMPORT_LABEL:
            appbuilder.add_view_no_menu(view())
        else:
            appbuilder.add_view(view(), view.__name__, label=declared.import_label, **group)
    appbuilder.add_view(ImportBatchView(), "ImportBatchView", label=SCREEN.title, **group)
