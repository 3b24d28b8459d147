"""The two addresses of every declared screen at which it is exported: masked, and in full with a reason."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import get_locale, gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.domain.errors import DomainError
from app.extensions import db
from app.services import exports
from app.services.exports import Asked
from app.spreadsheets.writer import Format
from app.views.declarations import Screen
from app.views.exporting import Table, export_response, is_long
from app.views.forms import error_text, form_response, show_fault
from app.views.identity import account, current_venue_id
from app.views.page import FormPage, Link

CURSORS = ("after", "before")
FORMAT = "format"


class FullExportForm(FlaskForm):
    """What the unmasked rows are needed for."""

    reason = TextAreaField(lazy_gettext("导出原因"), [InputRequired(lazy_gettext("请写明导出原因")), Length(max=200)])
    fmt = RadioField(
        lazy_gettext("文件格式"), choices=[("xlsx", "Excel"), ("csv", "CSV")], default="xlsx", validate_choice=False
    )


class ExportRoutes(BaseView):
    """A screen adds `export_table`, its rows as they are searched for."""

    screen: ClassVar[Screen]

    def export_table(self) -> Table:
        raise NotImplementedError(f"{type(self).__name__} has rows to export")

    def export_conditions(self) -> str:
        """Return what the rows are narrowed by, in words."""
        return ""

    @expose("/export")
    @has_access
    @permission_name("export")
    def export(self) -> BaseResponse:
        """Return the filtered rows (all, without a filter) as an Excel or CSV file, personal data masked (Z-R8)."""
        try:
            return self._deliver(self._asked(fmt=asked_format()))
        except DomainError as fault:
            db.session.rollback()
            flash(error_text(fault), "warning")
            return redirect(self._list_url())

    @expose("/export/full", methods=["GET", "POST"])
    @has_access
    @permission_name("export")
    def export_in_full(self) -> str | BaseResponse:
        """Ask what the unmasked rows are needed for, and deliver them with an event of who took them and why."""
        if not may_export_in_full(self.screen):
            flash(gettext("这个页面不能完整导出。"), "warning")
            return redirect(self._list_url())
        form = FullExportForm()
        if request.method == "POST" and form.validate():
            try:
                return self._deliver(
                    self._asked(reason=form.reason.data or "", is_full=True, fmt=_format(form.fmt.data))
                )
            except DomainError as fault:
                db.session.rollback()
                show_fault(form, fault)
        return form_response(
            FormPage(
                title=f"{gettext(self.screen.title)} · {gettext('完整导出')}",
                form=form,
                submit_label=gettext("导出"),
                cancel_url=self._list_url(),
                danger=True,
                notes=[gettext("导出的证件号、手机号等不脱敏。导出会被记录：谁、何时、因为什么，文件中也会写明。")],
                back=Link(gettext(self.screen.title), self._list_url()),
            )
        )

    def _list_url(self) -> str:
        return url_for(f"{self.endpoint}.list", **self._words())  # type: ignore[arg-type]  # values are texts

    @staticmethod
    def _words() -> dict[str, list[str]]:
        words = request.args.to_dict(flat=False)
        return {key: values for key, values in words.items() if key not in (*CURSORS, FORMAT)}

    def _asked(self, *, is_full: bool = False, reason: str = "", fmt: Format = "xlsx") -> Asked:
        return Asked(
            screen=type(self).__name__,
            title=self.screen.title,
            subject=self.screen.export_name,
            words=self._words(),
            conditions=self.export_conditions(),
            locale=str(get_locale()),
            venue_id=current_venue_id(),
            is_full=is_full,
            reason=reason,
            fmt=fmt,
        )

    def _deliver(self, asked: Asked) -> BaseResponse:
        """Send the workbook at once, or leave it to a job and lead to where it will be."""
        table = self.export_table()
        if not is_long(table):
            return export_response(table, asked)
        found = exports.order(asked, account=account())
        flash(gettext("数据较多，正在生成文件，完成后可以在此下载。"), "success")
        return redirect(url_for("ExportFileView.show", key=found.id))


def export_links(endpoint: str, search: dict[str, Any]) -> list[Link]:
    """Return 「导出」 for what was searched, as Excel and as CSV."""
    as_csv = url_for(endpoint, **{**search, FORMAT: "csv"})
    return [Link(gettext("导出"), url_for(endpoint, **search)), Link(gettext("导出 CSV"), as_csv, style="quiet")]


def asked_format() -> Format:
    """Return the kind of file that the address asks for: Excel, unless it says CSV."""
    return _format(request.args.get(FORMAT))


def _format(asked: str | None) -> Format:
    return "csv" if asked == "csv" else "xlsx"


def may_export_in_full(screen: Screen) -> bool:
    """Return whether this account may have the screen's rows unmasked."""
    return account().role in screen.full_export_roles and any(column.full for column in screen.columns)
