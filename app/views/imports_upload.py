"""「导入」 of each list: its upload and its template, made from the declarations (Z-T13)."""

from __future__ import annotations

from typing import ClassVar

from flask import Response, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectField
from wtforms.validators import Optional

from app.domain.errors import DomainError
from app.domain.roles import Role
from app.services import imports
from app.services.lists import IMPORT_LABEL, ScreeningList
from app.spreadsheets.template import template
from app.views.downloads import workbook
from app.views.forms import show_fault
from app.views.identity import account
from app.views.page import Link
from app.views.screening_names import view_name
from app.views.upload_field import file_field
from app.views.upload_page import UploadPage


class UploadForm(FlaskForm):
    """「点击选择文件对文件进行上传」 (checklist Z100)."""

    file = file_field(lazy_gettext("支持 .xlsx、.xls、.csv（UTF-8 或 GB18030），单个文件不超过 64 MB。"))


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


def upload_label(declared: ScreeningList) -> str:
    """A list's own word for its import, else the list's title with the common one."""
    if declared.import_label == IMPORT_LABEL:
        return f"{gettext(declared.title)} · {gettext(IMPORT_LABEL)}"
    return gettext(declared.import_label)


def view_class(declared: ScreeningList) -> type[ListImportView]:
    members = {"declared": declared, "route_base": f"/imports/{declared.key}", "__module__": __name__}
    return type(f"{view_name(declared)}ImportView", (ListImportView,), members)
