"""「健康码模拟」: one person on a day under some rules, and what new rules would do to everybody; nothing is written (X12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from flask import render_template, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import get_locale, gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app import clock
from app.domain.documents import DocumentType
from app.domain.errors import DomainError
from app.domain.health import Evaluation
from app.domain.labels import N_
from app.domain.roles import Role
from app.extensions import db
from app.models import RuleVersion
from app.models.encryption import document_index
from app.profiles.health import rules_as_yaml
from app.services import health_rules, look_ups, simulation
from app.services.simulation import Preview
from app.views.change_sets import sample_table
from app.views.format import label_text, moment_text, today, zone
from app.views.forms import form_response, show_fault
from app.views.health_cells import MENU, MENU_LABEL, OFFICERS, change_text, color_cell
from app.views.health_rules import EDITORS, RulesForm, rules_of
from app.views.identity import account
from app.views.page import Cell, Column, DetailPage, EmptyState, Field, FormPage, Link, Row, Section

TITLE = N_("健康码模拟")
RULES_TITLE = N_("规则模拟")


class PersonForm(FlaskForm):
    """Whom, on which day, by which rules, and what for."""

    document_type = RadioField(
        lazy_gettext("证件类型"),
        choices=[(each.name, lazy_gettext(each.label)) for each in DocumentType],
        default=DocumentType.ID_CARD.name,
    )
    document_number = StringField(lazy_gettext("证件号"), [InputRequired(lazy_gettext("请填写证件号")), Length(max=30)])
    day = DateField(lazy_gettext("日期"), [InputRequired(lazy_gettext("请填写日期"))])
    version = SelectField(lazy_gettext("规则版本"), choices=[])
    purpose = TextAreaField(
        lazy_gettext("查看目的"),
        [InputRequired(lazy_gettext("请写明查看目的（至少 4 个字）")), Length(min=4, max=200)],
    )


def _person_form() -> PersonForm:
    form = PersonForm()
    health_rules.in_force(clock.now())
    versions = db.session.execute(select(RuleVersion.version).order_by(RuleVersion.id.desc())).scalars()
    form.version.choices = [("", gettext("当日有效的规则")), *((each, each) for each in versions)]
    if not form.is_submitted():
        form.day.data = today()
    return form


class SimulatorView(BaseView):
    """Questions only: nothing that is asked here changes anything."""

    route_base = "/health-simulator"
    default_view = "list"

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {"menu_access": OFFICERS, "can_list": OFFICERS}

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("list")
    def list(self) -> str:
        """Ask about a person; answer with colour and reasons."""
        form = _person_form()
        if request.method == "POST" and form.validate():
            try:
                return render_template("admin/detail.html", page=_person_page(form))
            except DomainError as fault:
                show_fault(form, fault)
        return form_response(
            FormPage(
                title=gettext(TITLE),
                form=form,
                submit_label=gettext("模拟"),
                cancel_url="/",
                notes=[gettext("模拟不会改变任何人的颜色；查看会被记录，本人可以看到。")],
            )
        )


class RuleSimulatorView(BaseView):
    """What would these rules do to everybody."""

    route_base = "/rule-simulator"
    default_view = "list"

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {"menu_access": EDITORS, "can_list": EDITORS}

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("list")
    def list(self) -> str:
        """Ask about rules; answer with counts and a masked sample."""
        form = RulesForm()
        if request.method == "POST" and form.validate():
            try:
                rules = rules_of(form).in_zone(zone())
                preview = simulation.of_rules(rules, max(clock.now(), rules.in_force_from))
            except DomainError as fault:
                show_fault(form, fault)
            else:
                title = f"{gettext(RULES_TITLE)} · {rules.version}"
                back = Link(gettext(RULES_TITLE), url_for("RuleSimulatorView.list"))
                return render_template("admin/detail.html", page=preview_page(title, preview, back=back))
        if not form.is_submitted():
            form.version.data, form.in_force_from.data = gettext("草稿"), today()
            form.rules.data = rules_as_yaml(health_rules.in_force(clock.now()).rules)
        return form_response(
            FormPage(
                title=gettext(RULES_TITLE),
                lead=gettext("这些规则会改变多少人的颜色？只计算，不保存。"),
                form=form,
                submit_label=gettext("模拟"),
                cancel_url="/",
            )
        )


def _person_page(form: PersonForm) -> DetailPage:
    number = (form.document_number.data or "").strip().upper()
    index = document_index(form.document_type.data, number)
    look_ups.check_in_reach(index)
    look_ups.looked(index, account=account(), purpose=(form.purpose.data or "").strip())
    # The end of the day: what became known in its course counts.
    moment = datetime.combine(form.day.data, time(23, 59, 59), tzinfo=zone())
    found = simulation.color_on(index, moment, version=form.version.data or None)
    return DetailPage(
        title=f"{gettext(TITLE)} · {form.day.data}",
        status=color_cell(found.color),
        sections=[Section(gettext("结果"), _facts(found))],
        table=_reasons(found),
        empty=EmptyState(gettext("没有使其变色的依据")),
        back=Link(gettext(TITLE), url_for("SimulatorView.list")),
    )


def _facts(found: Evaluation) -> Sequence[Field]:
    return [
        Field(gettext("颜色"), label_text(found.color)),
        Field(gettext("自动变色时间"), moment_text(found.changes_at)),
    ]


def _reasons(found: Evaluation) -> tuple[Any, Any]:
    columns = [
        Column("color", gettext("颜色"), "status"),
        Column("sentence", gettext("颜色说明"), is_wide=True),
        Column("began_at", gettext("开始时间"), "datetime"),
        Column("ends_at", gettext("结束时间"), "datetime"),
        Column("version", gettext("规则版本")),
    ]
    rows = [
        Row(
            str(number),
            [
                color_cell(reason.color),
                Cell(reason.sentence.in_(get_locale())),
                Cell(moment_text(reason.began_at)),
                Cell(moment_text(reason.ends_at)),
                Cell(reason.version),
            ],
        )
        for number, reason in enumerate(found.reasons)
    ]
    return columns, rows


def preview_page(title: str, preview: Preview, *sections: Section, back: Link) -> DetailPage:
    """How many would change from which colour to which, and a masked sample."""
    counts = [Field(change_text(name), f"{count:,}") for name, count in sorted(preview.counts.items())]
    fields = [Field(gettext("变色人数"), f"{preview.changed:,}"), *counts]
    return DetailPage(
        title=title,
        sections=[Section(gettext("人数"), fields), *sections],
        table=sample_table(preview.sample),
        empty=EmptyState(gettext("没有人会变色")),
        back=back,
    )


def register(appbuilder: AppBuilder) -> None:
    """Add the view."""
    appbuilder.add_view(SimulatorView(), "SimulatorView", label=TITLE, category=MENU, category_label=MENU_LABEL)
    appbuilder.add_view(
        RuleSimulatorView(), "RuleSimulatorView", label=RULES_TITLE, category=MENU, category_label=MENU_LABEL
    )
