"""「风险地区模拟」: whose colours a risk-area file would change, before anybody imports it; nothing is kept (X12)."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.roles import Role
from app.services import risk_area_preview
from app.services.risk_area_import import EDITORS, MOST_BYTES
from app.services.risk_area_preview import FilePreview
from app.views.forms import form_response, show_fault
from app.views.health_cells import MENU, MENU_LABEL
from app.views.health_simulator import preview_page
from app.views.identity import account
from app.views.page import DetailPage, Field, FormPage, Link, Section
from app.views.risk_area_lists import OfficialForm

TITLE = N_("风险地区模拟")
_MOST_NAMES = 50


class RiskAreaSimulatorView(BaseView):
    """What would this file do to everybody."""

    route_base = "/risk-area-simulator"
    default_view = "list"

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {"menu_access": EDITORS, "can_list": EDITORS}

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("list")
    def list(self) -> str:
        """Ask about a file; answer with counts, a masked sample and the names that match nothing."""
        form = OfficialForm()
        if request.method == "POST" and form.validate():
            try:
                found = risk_area_preview.preview(form.file.data.read(MOST_BYTES + 1), account=account())
            except DomainError as fault:
                show_fault(form, fault)
            else:
                return render_template("admin/detail.html", page=_page(found))
        return form_response(
            FormPage(
                title=gettext(TITLE),
                lead=gettext("导入这份名单会改变多少人的颜色？只计算，不保存。"),
                form=form,
                submit_label=gettext("模拟"),
                cancel_url=url_for("RiskAreaView.list"),
            )
        )


def _page(found: FilePreview) -> DetailPage:
    names = "、".join(found.unmatched[:_MOST_NAMES]) + ("…" if len(found.unmatched) > _MOST_NAMES else "")
    facts = [
        Field(gettext("行数 / 已对应地区"), f"{found.rows} / {found.rows - len(found.unmatched)}"),
        Field(gettext("未对应的名称"), names, is_wide=True),
    ]
    back = Link(gettext(TITLE), url_for("RiskAreaSimulatorView.list"))
    return preview_page(gettext(TITLE), found.changes, Section(gettext("数量核对"), facts), back=back)


def register(appbuilder: AppBuilder) -> None:
    """Add the view."""
    appbuilder.add_view(
        RiskAreaSimulatorView(), "RiskAreaSimulatorView", label=TITLE, category=MENU, category_label=MENU_LABEL
    )
