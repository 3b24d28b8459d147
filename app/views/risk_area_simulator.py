"""「风险地区模拟」: whose colours a risk-area file would change, before anybody imports it; nothing is kept (X12)."""

from __future__ import annotations

from flask import url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext

from app.domain.labels import N_
from app.services import risk_area_preview
from app.services.risk_area_import import EDITORS, MOST_BYTES
from app.services.risk_area_preview import FilePreview
from app.views.health_cells import MENU, MENU_LABEL
from app.views.identity import account
from app.views.page import DetailPage, Field, FormPage, Link, Section
from app.views.risk_area_lists import OfficialForm
from app.views.simulator import Simulator, preview_page

TITLE = N_("风险地区模拟")
_MOST_NAMES = 50


class RiskAreaSimulatorView(Simulator):
    """What would this file do to everybody."""

    route_base = "/risk-area-simulator"
    roles = EDITORS

    def form(self) -> OfficialForm:
        return OfficialForm()

    def question(self, form: OfficialForm) -> FormPage:
        return FormPage(
            title=gettext(TITLE),
            lead=gettext("导入这份名单会改变多少人的颜色？只计算，不保存。"),
            form=form,
            submit_label=gettext("模拟"),
            cancel_url=url_for("RiskAreaView.list"),
        )

    def answer(self, form: OfficialForm) -> DetailPage:
        """Return counts, a masked sample and the names that match nothing."""
        return _page(risk_area_preview.preview(form.file.data.read(MOST_BYTES + 1), account=account()))


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
