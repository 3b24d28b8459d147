"""「导入」: upload, progress, preview, confirmation, and 「导入记录」 (issue 1.4, Z-T13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from sqlalchemy import Select, select
from werkzeug.wrappers import Response as BaseResponse

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.screening import ScreeningKind
from app.extensions import db
from app.models import BatchState, ImportBatch
from app.services import imports, imports_header, imports_values
from app.services.imports_counts import Counts
from app.services.lists import IMPORT_LABEL, LISTS, ScreeningList, list_of
from app.views.columns_by_hand import chosen_positions, columns_form
from app.views.declarations import Filter, ListColumn, Screen
from app.views.downloads import rejected_name, stored_file
from app.views.format import label_text, moment_text
from app.views.forms import error_text, form_response, show_fault
from app.views.identity import account
from app.views.imports_findings import state_cell
from app.views.imports_pages import columns_page, preview_page, progress_page
from app.views.imports_upload import upload_label, view_class
from app.views.page import EmptyState, FormPage, Link
from app.views.progress import ProgressPage
from app.views.screening_names import view_name
from app.views.values_by_hand import chosen_meanings, values_form, values_page
from app.views.watched import WatchedView

_IMPORTERS: frozenset[Role] = frozenset().union(*(declared.importers for declared in LISTS))


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


class ImportBatchView(WatchedView):
    """「导入记录」, and the page of one batch from its check to its end."""

    route_base = "/imports"
    screen = SCREEN

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {**super().permitted_roles(), "can_decide": _IMPORTERS}

    def toolbar(self) -> Sequence[Link]:
        links = [
            Link(upload_label(declared), url_for(f"{view_name(declared)}ImportView.upload"), style="primary")
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
        return self.drawn(batch)

    def progress_page(self, row: ImportBatch) -> ProgressPage:
        return progress_page(row)

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

    @expose("/<int:key>/values", methods=["GET", "POST"])
    @has_access
    @permission_name("decide")
    def values_by_hand(self, key: int) -> str | BaseResponse:
        """Ask what the texts mean that nobody knew, once for every file of the list."""
        batch = self.fetch(key)
        questions = imports_values.questions_of(batch) if batch.state is BatchState.CHECKED else []
        if not questions:
            return redirect(url_for("ImportBatchView.show", key=key))
        form = values_form(questions)
        if request.method == "POST" and form.validate():
            try:
                imports_values.explain(batch, chosen_meanings(questions, form), account=account())
            except DomainError as fault:
                db.session.rollback()
                show_fault(form, fault)
            else:
                return redirect(url_for("ImportBatchView.show", key=key))
        return form_response(values_page(batch, form))

    @expose("/<int:key>/rejected")
    @has_access
    @permission_name("show")
    def rejected(self, key: int) -> Response | BaseResponse:
        """The rejected rows with their reasons, ready to be corrected and imported again."""
        batch = self.fetch(key)
        try:
            file_id = imports.take_rejected(batch, account=account())
        except DomainError as fault:
            flash(error_text(fault), "warning")
            return redirect(url_for("ImportBatchView.show", key=key))
        why, name = "what was refused of a batch that was found in the reader's scope", rejected_name(batch.file_name)
        return stored_file(file_id, why=why, name=name)

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


def register(appbuilder: AppBuilder) -> None:
    """Add each list's upload (in the menu, where a list has a word of its own for it) and 「导入记录」."""
    group = {"category": "screening", "category_label": N_("任务排查")}
    for declared in (each for each in LISTS if each.importers):
        view = view_class(declared)
        if declared.import_label == IMPORT_LABEL:
            appbuilder.add_view_no_menu(view())
        else:
            appbuilder.add_view(view(), view.__name__, label=declared.import_label, **group)
    appbuilder.add_view(ImportBatchView(), "ImportBatchView", label=SCREEN.title, **group)
