"""「健康码规则」: versions of the rules, and a new one on its way to a second person (X12)."""

from __future__ import annotations

from typing import Any

from flask import Response, g, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import get_locale, gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Select, select
from wtforms import DateField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app import clock
from app.domain.errors import DomainError
from app.domain.health import Rule, RuleSet
from app.domain.labels import N_
from app.domain.roles import Role
from app.models import RuleState, RuleVersion
from app.profiles import ProfileError
from app.profiles.health import RuleFile, read_rules, rules_as_yaml
from app.services import health_rules, rule_changes
from app.services.audit import Actor
from app.views.declarations import Creation, ListColumn, Screen
from app.views.format import date_text, label_text, moment_text, zone
from app.views.health_cells import MENU, MENU_LABEL, READERS, color_cell
from app.views.identity import account
from app.views.page import Cell, Column, DetailPage, EmptyState, Field, Link, Row, Section
from app.views.screen_view import ScreenView

EDITORS = frozenset({Role.CITY_ADMIN})
_TONES = {RuleState.PROPOSED: "yellow", RuleState.APPROVED: "green"}


class RulesForm(FlaskForm):
    """「新版本」: the rules as a text, beginning with those now in force."""

    version = StringField(
        lazy_gettext("版本"),
        [InputRequired(lazy_gettext("请填写版本")), Length(max=40)],
        render_kw={"placeholder": "2022-08"},
    )
    in_force_from = DateField(lazy_gettext("生效日期"), [InputRequired(lazy_gettext("请填写生效日期"))])
    rules = TextAreaField(
        lazy_gettext("规则"),
        [InputRequired(lazy_gettext("请填写规则")), Length(max=60_000)],
        description=lazy_gettext(
            "每条规则写明 key、kind、color、days、sentence 和 advice；不合格式的地方会在这里指出。"
        ),
        render_kw={"rows": 30, "spellcheck": "false", "class": "mono"},
    )


def rules_of(form: RulesForm) -> RuleFile:
    """The rules that were typed. Error: rules, with the place and what is wrong there."""
    try:
        rules = read_rules(form.rules.data or "", place=gettext("规则"))
    except ProfileError as fault:
        raise DomainError(N_("规则有误：%(problem)s"), code="rules", field="rules", problem=str(fault)) from None
    return RuleFile(version=(form.version.data or "").strip(), in_force_from=form.in_force_from.data, rules=rules)


def _form() -> RulesForm:
    form = RulesForm()
    if not form.is_submitted():
        form.rules.data = rules_as_yaml(health_rules.in_force(clock.now()).rules)
    return form


def _propose(form: RulesForm, _actor: Actor) -> RuleVersion:
    return rule_changes.propose(rules_of(form), account=account())


def _version_in_force() -> str:
    """Return the version that counts now, asked once a page."""
    if "rules_in_force" not in g:
        g.rules_in_force = health_rules.in_force(clock.now()).version
    return str(g.rules_in_force)


def _state(row: RuleVersion) -> Cell:
    if row.version == _version_in_force():
        return Cell(gettext("正在使用"), tone="green")
    return Cell(label_text(row.state), tone=_TONES.get(row.state, "gray"))


def _query() -> Select[Any]:
    # The profile's own rules become the first version when they are first needed.
    _version_in_force()
    return select(RuleVersion)


SCREEN = Screen(
    title=N_("健康码规则"),
    lead=N_("颜色由这里的规则和依据算出。新版本须由另一人在「变更审批」中批准后才会生效。"),
    roles=READERS,
    query=_query,
    order=(RuleVersion.id,),
    columns=(
        ListColumn("version", N_("版本"), lambda row: row.version),
        ListColumn("state", N_("状态"), _state, kind="status"),
        ListColumn("in_force_from", N_("生效时间"), lambda row: moment_text(row.in_force_from), kind="datetime"),
        ListColumn("count", N_("规则条数"), lambda row: str(len(row.rules)), kind="number"),
        ListColumn("created_at", N_("提交时间"), lambda row: moment_text(row.created_at), kind="datetime"),
    ),
    subject=lambda row: row.version,
    creation=Creation(
        _form,
        _propose,
        EDITORS,
        label=N_("新版本"),
        done=N_("已提交「变更审批」，由另一人批准后生效"),
        lead=N_(
            "从正在使用的规则改起；只改一条时，在正在使用的版本中点击该规则。提交前可以先在「规则模拟」中查看会改变多少人。"
        ),
    ),
    empty_title=N_("还没有规则"),
    export_name="health_rules",
)


class RuleVersionView(ScreenView):
    """Each version with its rules: sentence, colour, days."""

    route_base = "/health-rules"
    screen = SCREEN

    def detail_page(self, row: RuleVersion, tab: str) -> DetailPage:  # noqa: ARG002 - one page has no tabs
        rules = health_rules.of_version(row.version)
        facts = [
            Field(gettext("生效时间"), moment_text(row.in_force_from)),
            Field(gettext("生效日期"), date_text(row.in_force_from.astimezone(zone()).date())),
            Field(gettext("提交时间"), moment_text(row.created_at)),
        ]
        links = []
        if row.change_set_id and account().role is not Role.DISTRICT_ADMIN:
            links.append(Link(gettext("变更审批"), url_for("ChangeSetView.show", key=row.change_set_id)))
        return DetailPage(
            title=f"{gettext(SCREEN.title)} · {row.version}",
            status=_state(row),
            sections=[Section(gettext("基本信息"), facts)],
            table=_table(row, rules),
            empty=EmptyState(gettext("没有规则")),
            links=[
                *_editing(row),
                *links,
                Link(gettext("下载"), url_for("RuleVersionView.download", key=row.id), icon="download"),
            ],
            back=Link(gettext(SCREEN.title), url_for("RuleVersionView.list")),
        )

    @expose("/<int:key>/download")
    @has_access
    @permission_name("show")
    def download(self, key: int) -> Response:
        """Return the rules of a version as the text that a new version is written in."""
        row = self.fetch(key)
        text = rules_as_yaml(health_rules.of_version(row.version).rules)
        name = f"health-rules-{row.id}.yaml"
        return Response(
            text, mimetype="application/yaml", headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )


def _is_editable(row: RuleVersion) -> bool:
    return row.version == _version_in_force() and account().role in EDITORS


def _editing(row: RuleVersion) -> list[Link]:
    url = url_for("RuleEditorView.edit", key="new")
    return [Link(gettext("新增规则"), url, style="primary")] if _is_editable(row) else []


def _table(row: RuleVersion, rules: RuleSet) -> tuple[list[Column], list[Row]]:
    """The rules, and how each differs from those in force; those that this version leaves out stand at the end."""
    present = health_rules.of_version(_version_in_force()).by_key
    columns = [
        Column("difference", gettext("与正在使用的版本相比"), "status"),
        Column("kind", gettext("依据类型")),
        Column("color", gettext("颜色"), "status"),
        Column("days", gettext("天数"), "number"),
        Column("sentence", gettext("颜色说明"), is_wide=True),
        Column("advice", gettext("应当怎么做"), is_wide=True),
    ]
    gone = [rule for rule in present.values() if rule.key not in rules.by_key]
    rows = [
        Row(rule.key, [_difference(rule, present.get(rule.key)), *_cells(rule, _is_editable(row))])
        for rule in rules.rules
    ]
    left_out = Cell(gettext("已删除"), tone="red")
    return columns, [*rows, *(Row(rule.key, [left_out, *_cells(rule, False)]) for rule in gone)]


def _difference(rule: Rule, present: Rule | None) -> Cell:
    if present is None:
        return Cell(gettext("新增"), tone="yellow")
    return Cell(gettext("相同"), tone="gray") if rule == present else Cell(gettext("已修改"), tone="yellow")


def _cells(rule: Rule, is_editable: bool) -> list[Cell]:
    url = url_for("RuleEditorView.edit", key=rule.key) if is_editable else None
    level = gettext("（%(note)s）", note=label_text(rule.level)) if rule.level else ""
    return [
        Cell(label_text(rule.kind) + level, url=url),
        color_cell(rule.color),
        Cell(str(rule.days) if rule.days else gettext("不限")),
        Cell(rule.sentence.in_(get_locale())),
        Cell(rule.advice.in_(get_locale())),
    ]


def register(appbuilder: AppBuilder) -> None:
    """Add the screen."""
    appbuilder.add_view(
        RuleVersionView(), "RuleVersionView", label=SCREEN.title, category=MENU, category_label=MENU_LABEL
    )
