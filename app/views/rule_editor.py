"""「修改规则」: one rule of those in force in a form, simulated or sent to a second person as a new version (X12)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app import clock
from app.domain.colors import Color
from app.domain.errors import DomainError
from app.domain.health import EvidenceKind, Rule
from app.domain.labels import N_, Text
from app.domain.risk import RiskLevel
from app.domain.roles import Role
from app.profiles import ProfileError
from app.profiles.health import RuleFile, check_rules
from app.services import health_rules, rule_changes, simulation
from app.views.format import label_text, profile, today, zone
from app.views.forms import form_response, show_fault
from app.views.health_rules import EDITORS
from app.views.identity import account
from app.views.page import FormPage, Link
from app.views.simulator import preview_page

TITLE = N_("修改规则")
NEW = "new"
_SIMULATE, _PROPOSE = "simulate", "propose"
_LONGEST = 200
_MOST_DAYS = 365
_REQUIRED = lazy_gettext("必填")


def _text(label: Any) -> TextAreaField:
    return TextAreaField(label, [InputRequired(_REQUIRED), Length(max=_LONGEST)], render_kw={"rows": 2})


class RuleForm(FlaskForm):
    """A rule, and the version that it makes of those in force."""

    kind = SelectField(
        lazy_gettext("依据类型"), choices=[(each.name, lazy_gettext(each.label)) for each in EvidenceKind]
    )
    level = SelectField(
        lazy_gettext("风险等级"),
        choices=[("", lazy_gettext("不区分")), *((each.name, lazy_gettext(each.label)) for each in RiskLevel)],
    )
    color = SelectField(lazy_gettext("颜色"))
    days = IntegerField(
        lazy_gettext("天数"),
        [Optional(), NumberRange(min=1, max=_MOST_DAYS)],
        description=lazy_gettext("起始当天为第 0 天；留空时依据结束才恢复。"),
    )
    is_ended_by_negative_test = BooleanField(lazy_gettext("核酸检测阴性后提前结束"))
    sentence_zh = _text(lazy_gettext("颜色说明（中文）"))
    sentence_en = _text(lazy_gettext("颜色说明（英文）"))
    advice_zh = _text(lazy_gettext("应当怎么做（中文）"))
    advice_en = _text(lazy_gettext("应当怎么做（英文）"))
    is_removed = BooleanField(lazy_gettext("删除这条规则"))
    version = StringField(
        lazy_gettext("新版本"),
        [InputRequired(lazy_gettext("请填写版本")), Length(max=40)],
        render_kw={"placeholder": "2022-08"},
    )
    in_force_from = DateField(lazy_gettext("生效日期"), [InputRequired(lazy_gettext("请填写生效日期"))])
    step = RadioField(
        lazy_gettext("下一步"),
        choices=[(_SIMULATE, lazy_gettext("先模拟，不保存")), (_PROPOSE, lazy_gettext("提交审批"))],
        default=_SIMULATE,
    )

    def fill(self, rule: Rule) -> None:
        """Show the rule as it is in force."""
        self.kind.data, self.color.data = rule.kind.name, rule.color.name
        self.level.data = rule.level.name if rule.level else ""
        self.days.data, self.is_ended_by_negative_test.data = rule.days, rule.is_ended_by_negative_test
        self.sentence_zh.data, self.sentence_en.data = rule.sentence.zh, rule.sentence.en
        self.advice_zh.data, self.advice_en.data = rule.advice.zh, rule.advice.en

    def rule(self, key: str) -> Rule:
        """The rule that was typed."""
        return Rule(
            key=key,
            kind=EvidenceKind[self.kind.data],
            level=RiskLevel[self.level.data] if self.level.data else None,
            color=Color[self.color.data],
            days=self.days.data,
            is_ended_by_negative_test=self.is_ended_by_negative_test.data,
            sentence=Text(zh=(self.sentence_zh.data or "").strip(), en=(self.sentence_en.data or "").strip()),
            advice=Text(zh=(self.advice_zh.data or "").strip(), en=(self.advice_en.data or "").strip()),
        )


class RuleEditorView(BaseView):
    """What is not touched stays as it is in force; several rules at once are written as a text (views/health_rules.py)."""

    route_base = "/rule-editor"
    default_view = "edit"

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {"can_edit": EDITORS}

    @expose("/<key>", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def edit(self, key: str) -> str | BaseResponse:
        """Show a rule in force, or an empty form for a new one; simulate or propose what was typed."""
        present = health_rules.in_force(clock.now()).by_key.get(key)
        if present is None and key != NEW:
            abort(404)
        form = _form(present)
        if request.method == "POST" and form.validate():
            try:
                return _follow(form, _changed(form, present))
            except DomainError as fault:
                show_fault(form, fault)
        back = Link(gettext("健康码规则"), url_for("RuleVersionView.list"))
        return form_response(
            FormPage(
                title=gettext(TITLE) if present else gettext("新增规则"),
                lead=gettext("其他规则保持不变。新版本由另一人在「变更审批」中批准后生效。"),
                form=form,
                submit_label=gettext("下一步"),
                cancel_url=back.url,
                back=back,
            )
        )


def _form(present: Rule | None) -> RuleForm:
    form = RuleForm()
    colors = [color for color in profile().codes.hints if color is not Color.GREEN]
    form.color.choices = [(color.name, label_text(color)) for color in colors]
    if present is None:
        del form.is_removed
    if not form.is_submitted():
        form.in_force_from.data = today()
        if present is not None:
            form.fill(present)
    return form


def _changed(form: RuleForm, present: Rule | None) -> RuleFile:
    """The rules in force with this one in its place. Error: rules."""
    rules = list(health_rules.in_force(clock.now()).rules)
    if present is None:
        rules.append(form.rule(_new_key(form.kind.data.lower(), {rule.key for rule in rules})))
    elif form.is_removed.data:
        rules.remove(present)
    else:
        rules[rules.index(present)] = form.rule(present.key)
    try:
        check_rules(rules, place=gettext("规则"))
    except ProfileError as fault:
        raise DomainError(N_("规则有误：%(problem)s"), code="rules", problem=str(fault)) from None
    version = (form.version.data or "").strip()
    return RuleFile(version=version, in_force_from=form.in_force_from.data, rules=tuple(rules))


def _new_key(name: str, known: set[str]) -> str:
    return next(key for number in range(1, len(known) + 2) if (key := f"{name}_{number}") not in known)


def _follow(form: RuleForm, rules: RuleFile) -> str | BaseResponse:
    if form.step.data == _PROPOSE:
        row = rule_changes.propose(rules, account=account())
        flash(gettext("已提交「变更审批」，由另一人批准后生效"), "success")
        return redirect(url_for("RuleVersionView.show", key=row.id))
    found = rules.in_zone(zone())
    preview = simulation.of_rules(found, max(clock.now(), found.in_force_from))
    back = Link(gettext("健康码规则"), url_for("RuleVersionView.list"))
    return render_template(
        "admin/detail.html", page=preview_page(f"{gettext('规则模拟')} · {rules.version}", preview, back=back)
    )


def register(appbuilder: AppBuilder) -> None:
    """Add the view; it is reached from the rules in force."""
    appbuilder.add_view_no_menu(RuleEditorView())
