"""「批量导入」 of accounts: template, upload, preview with every fault, confirmation, and what became of it (Z-A7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.roles import Role
from app.extensions import db
from app.models import AccountImport, AccountImportState
from app.services import account_imports
from app.services.account_imports import IMPORTERS
from app.spreadsheets.template import template
from app.views.account_import_pages import (
    TITLE,
    back_link,
    preview_page,
    progress_page,
    state_cell,
)
from app.views.audit_trail import SUBJECTS
from app.views.declarations import ListColumn, Screen
from app.views.downloads import rejected_name, workbook
from app.views.format import moment_text
from app.views.forms import error_text, show_fault
from app.views.identity import account
from app.views.operation_log import ACTIONS
from app.views.page import Link
from app.views.progress import ProgressPage
from app.views.upload_field import file_field
from app.views.upload_page import UploadPage
from app.views.watched import WatchedView


class AccountFileForm(FlaskForm):
    file = file_field(lazy_gettext("支持 .xlsx、.xls、.csv，最多 2,000 行。"))


def _counted(key: str) -> Any:
    return lambda row: f"{row.counts.get(key, 0):,}"


SCREEN = Screen(
    title=N_("账号导入记录"),
    roles=IMPORTERS,
    query=lambda: select(AccountImport),
    order=(AccountImport.id,),
    columns=(
        ListColumn("id", N_("编号"), lambda row: str(row.id), kind="number"),
        ListColumn("file_name", N_("文件"), lambda row: row.file_name),
        ListColumn("state", N_("状态"), lambda row: state_cell(row), kind="status"),
        ListColumn("rows", N_("总行数"), _counted("rows"), kind="number"),
        ListColumn("created", N_("已开通"), _counted("created"), kind="number"),
        ListColumn("rejected", N_("退回"), _counted("rejected"), kind="number"),
        ListColumn("created_at", N_("上传时间"), lambda row: moment_text(row.created_at), kind="datetime"),
    ),
    empty_title=N_("没有导入记录"),
    empty_hint=N_("点击「批量导入」，用表格一次开通多个账号。"),
    export_roles=frozenset(),
)


class AccountImportView(WatchedView):
    """One's own imports, and the page of each from its preview to its end."""

    route_base = "/account-imports"
    screen = SCREEN

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {**super().permitted_roles(), "can_add": IMPORTERS, "can_decide": IMPORTERS}

    def toolbar(self) -> Sequence[Link]:
        return [import_link(), *super().toolbar()]

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def add(self) -> str | BaseResponse:
        """Take the file and go to its preview."""
        form = AccountFileForm()
        if request.method == "POST" and form.validate():
            given = form.file.data
            try:
                found = account_imports.upload(given.stream, name=given.filename or "", account=account())
            except DomainError as fault:
                db.session.rollback()
                field = "file" if fault.code != "imported_too_often" else None
                show_fault(form, DomainError(fault.message, code=fault.code, field=field, **fault.params))
            else:
                return redirect(url_for("AccountImportView.show", key=found.id))
        page = UploadPage(
            title=gettext(TITLE),
            form=form,
            toolbar=[Link(gettext("下载模板"), url_for("AccountImportView.template"))],
            cancel_url=url_for("AccountImportView.list"),
            notes=[gettext("上传后先预览，确认之前不会开通账号；有问题的行会连同原因退回，改好后可以直接再次导入。")],
            back=back_link(),
        )
        return render_template("admin/import_preview.html", page=page)

    @expose("/template")
    @has_access
    @permission_name("add")
    def template(self) -> Response:
        """The sheet to fill in, with the roles that one appoints."""
        sheet = account_imports.sheet_of(account().role)
        name = gettext(sheet.title) + "-" + gettext("模板") + ".xlsx"
        return workbook(template(sheet), name)

    @expose("/<int:key>")
    @has_access
    @permission_name("show")
    def show(self, key: int) -> str:
        """The preview, the progress, or how it ended."""
        found = self.fetch(key)
        if found.state is AccountImportState.CHECKED:
            return render_template("admin/import_preview.html", page=preview_page(found))
        return self.drawn(found)

    def progress_page(self, row: AccountImport) -> ProgressPage:
        return progress_page(row)

    @expose("/<int:key>/rejected")
    @has_access
    @permission_name("show")
    def rejected(self, key: int) -> Response | BaseResponse:
        """The rows at fault with their reasons, ready to be corrected and imported again."""
        found = self.fetch(key)
        try:
            content = account_imports.rejected(found, account=account())
        except DomainError as fault:
            flash(error_text(fault), "warning")
            return redirect(url_for("AccountImportView.show", key=key))
        return workbook(content, rejected_name(found.file_name))

    @expose("/<int:key>/<any(confirm, cancel):decision>", methods=["POST"])
    @has_access
    @permission_name("decide")
    def decide(self, key: int, decision: str) -> BaseResponse:
        """Confirm or cancel the import."""
        found = self.fetch(key)
        decisions = {"confirm": account_imports.confirm, "cancel": account_imports.cancel}
        done = {"confirm": N_("已开始开通账号"), "cancel": N_("已取消")}
        try:
            decisions[decision](found, account=account())
        except DomainError as fault:
            db.session.rollback()
            flash(error_text(fault), "warning")
        else:
            flash(gettext(done[decision]), "success")
        return redirect(url_for("AccountImportView.show", key=key))


def import_link() -> Link:
    """「批量导入」, for the lists of accounts too."""
    return Link(gettext("批量导入"), url_for("AccountImportView.add"))


def register(appbuilder: AppBuilder) -> None:
    """Add the screen; the lists of accounts lead to it."""
    ACTIONS.update(
        {
            "upload_accounts": N_("上传账号表格"),
            "import_accounts": N_("批量开通账号"),
            "cancel_account_import": N_("取消批量开通"),
        }
    )
    SUBJECTS["account_import"] = N_("账号导入")
    appbuilder.add_view(
        AccountImportView(),
        "AccountImportView",
        label=SCREEN.title,
        category="accounts",
        category_label=N_("账号与权限"),
    )
