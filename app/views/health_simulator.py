"""「健康码模拟」: one person on a day under some rules, and what new rules would do to everybody; nothing is written (X12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from flask import url_for
from flask_appbuilder import AppBuilder
from flask_babel import get_locale, gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app import clock
from app.domain.documents import DocumentType
from app.domain.health import Evaluation
from app.domain.labels import N_
from app.extensions import db
from app.models import RuleVersion
from app.models.encryption import document_index
from app.profiles.health import rules_as_yaml
from app.services import health_rules, look_ups, simulation
from app.views.format import label_text, moment_text, today, zone
from app.views.health_cells import MENU, MENU_LABEL, OFFICERS, color_cell
from app.views.health_rules import EDITORS, RulesForm, rules_of
from app.views.identity import account
from app.views.page import Cell, Column, DetailPage, EmptyState, Field, FormPage, Link, Row, Section
from app.views.simulator import Simulator, preview_page

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
        [
            InputRequired(lazy_gettext("请写明查看目的（至少 4 个字）")),
            Length(min=4, max=200, message=lazy_gettext("请写明查看目的（至少 4 个字）")),
        ],
    )


def _person_form() -> PersonForm:
    form = PersonForm()
    health_rules.in_force(clock.now())
    versions = db.session.execute(select(RuleVersion.version).order_by(RuleVersion.id.desc())).scalars()
    form.version.choices = [("", gettext("当日有效的规则")), *((each, each) for each in versions)]
    if not form.is_submitted():
        form.day.data = today()
    return form


class SimulatorView(Simulator):
    """Questions only: nothing that is asked here changes anything."""

    route_base = "/health-simulator"
    roles = OFFICERS

    def form(self) -> PersonForm:
        return _person_form()

    def question(self, form: PersonForm) -> FormPage:
        return FormPage(
            title=gettext(TITLE),
            form=form,
            submit_label=gettext("模拟"),
            cancel_url="/",
            notes=[gettext("模拟不会改变任何人的颜色；查看会被记录，本人可以看到。")],
        )

    def answer(self, form: PersonForm) -> DetailPage:
        """Return a person's colour on the day, with reasons."""
        return _person_page(form)


class RuleSimulatorView(Simulator):
    """What would these rules do to everybody."""

    route_base = "/rule-simulator"
    roles = EDITORS

    def form(self) -> RulesForm:
        form = RulesForm()
        if not form.is_submitted():
            form.version.data, form.in_force_from.data = gettext("草稿"), today()
            form.rules.data = rules_as_yaml(health_rules.in_force(clock.now()).rules)
        return form

    def question(self, form: RulesForm) -> FormPage:
        return FormPage(
            title=gettext(RULES_TITLE),
            lead=gettext("这些规则会改变多少人的颜色？只计算，不保存。"),
            form=form,
            submit_label=gettext("模拟"),
            cancel_url="/",
        )

    def answer(self, form: RulesForm) -> DetailPage:
        """Return counts and a masked sample."""
        rules = rules_of(form).in_zone(zone())
        preview = simulation.of_rules(rules, max(clock.now(), rules.in_force_from))
        back = Link(gettext(RULES_TITLE), url_for("RuleSimulatorView.list"))
        return preview_page(f"{gettext(RULES_TITLE)} · {rules.version}", preview, back=back)


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


def register(appbuilder: AppBuilder) -> None:
    """Add the view."""
    appbuilder.add_view(SimulatorView(), "SimulatorView", label=TITLE, category=MENU, category_label=MENU_LABEL)
    appbuilder.add_view(
        RuleSimulatorView(), "RuleSimulatorView", label=RULES_TITLE, category=MENU, category_label=MENU_LABEL
    )
