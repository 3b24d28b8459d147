"""「变更审批」: changes of many colours that wait for a second person, and the way back (X4)."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_appbuilder import AppBuilder
from flask_babel import get_locale, gettext
from sqlalchemy import Select, select

from app import clock
from app.domain.colors import Color
from app.domain.labels import N_
from app.models import ChangeCause, ChangeSet, ChangeSetState
from app.services import change_sets, health_rules
from app.services.screening import account_names
from app.views.decisions import ReasonForm, decisions, reasoned
from app.views.declarations import Filter, ListColumn, RowAction, Screen
from app.views.first_page import WAITING, Waiting
from app.views.format import label_text, moment_text
from app.views.health_cells import (
    MENU,
    MENU_LABEL,
    OFFICERS,
    READERS,
    change_counts,
    change_state,
    change_text,
    may_decide,
)
from app.views.operation_log import ACTIONS, FIELDS
from app.views.page import Cell, Column, DetailPage, EmptyState, Field, Link, Row, Section
from app.views.screen_view import ScreenView


def _is_waiting(row: ChangeSet) -> bool:
    return row.state is ChangeSetState.WAITING and may_decide(row.proposed_by_id, row.area_code)


SCREEN = Screen(
    title=N_("变更审批"),
    lead=N_("会让较多人变色的名单、规则、风险地区和小区封控，须由另一人核对后批准，也可以整批撤回。"),
    roles=READERS,
    query=lambda: select(ChangeSet),
    order=(ChangeSet.id,),
    columns=(
        ListColumn("cause", N_("变更来源"), lambda row: label_text(row.cause)),
        ListColumn("title", N_("名称"), lambda row: row.title),
        ListColumn("changed", N_("变色人数"), lambda row: f"{row.changed:,}", kind="number"),
        ListColumn("counts", N_("颜色变化"), change_counts),
        ListColumn("state", N_("状态"), change_state, kind="status"),
        ListColumn("proposed_at", N_("提交时间"), lambda row: moment_text(row.proposed_at), kind="datetime"),
        ListColumn("applied_at", N_("生效时间"), lambda row: moment_text(row.applied_at), kind="datetime"),
    ),
    filters=(
        Filter(
            "state",
            N_("状态"),
            lambda query, value: query.where(ChangeSet.state == ChangeSetState[value]),
            "select",
            lambda: [(state.name, state.label) for state in ChangeSetState],
        ),
        Filter(
            "cause",
            N_("变更来源"),
            lambda query, value: query.where(ChangeSet.cause == ChangeCause[value]),
            "select",
            lambda: [(cause.name, cause.label) for cause in ChangeCause],
        ),
    ),
    subject=lambda row: gettext("%(title)s，%(count)s 人变色", title=row.title, count=row.changed),
    actions=(
        *decisions(
            roles=OFFICERS,
            approve=change_sets.approve,
            reject=change_sets.reject,
            is_decidable=_is_waiting,
            confirm=N_("批准后立即生效。请先在详情中核对人数和样例。确定批准吗？"),
            done=N_("已批准，颜色已更新"),
        ),
        RowAction(
            "roll_back",
            N_("整批撤回"),
            reasoned(change_sets.roll_back),
            OFFICERS,
            done=N_("已撤回，颜色已恢复"),
            form=lambda _row: ReasonForm(),
            visible=lambda row: row.state is ChangeSetState.APPLIED,
            confirm=N_("撤回后，这次变更的依据全部失效，颜色恢复到没有这次变更时的样子。"),
            style="danger",
        ),
    ),
    empty_title=N_("没有变更"),
    empty_hint=N_("名单、规则或风险地区的变更会出现在这里。"),
    export_name="change_sets",
)


class ChangeSetView(ScreenView):
    """A change with its counts, a masked sample, and by which rule."""

    route_base = "/change-sets"
    screen = SCREEN

    def detail_page(self, row: ChangeSet, tab: str) -> DetailPage:  # noqa: ARG002 - one page has no tabs
        return DetailPage(
            title=row.title,
            status=change_state(row),
            sections=[Section(gettext("变更内容"), _facts(row)), Section(gettext("人数"), _numbers(row))],
            table=_sample(row),
            empty=EmptyState(gettext("没有人会变色")),
            links=[self.action_link(action, row) for action in self.usable_actions(row)],
            back=Link(gettext(SCREEN.title), url_for("ChangeSetView.list")),
        )


def _facts(row: ChangeSet) -> list[Field]:
    names = account_names((row.proposed_by_id, row.decided_by_id, row.rolled_back_by_id))
    return [
        Field(gettext("变更来源"), label_text(row.cause)),
        Field(gettext("提交人"), names.get(row.proposed_by_id or 0, "")),
        Field(gettext("提交时间"), moment_text(row.proposed_at)),
        Field(gettext("审批人"), names.get(row.decided_by_id or 0, "")),
        Field(gettext("审批时间"), moment_text(row.decided_at)),
        Field(gettext("生效时间"), moment_text(row.applied_at)),
        Field(gettext("撤回人"), names.get(row.rolled_back_by_id or 0, "")),
        Field(gettext("撤回时间"), moment_text(row.rolled_back_at)),
        Field(gettext("理由"), row.decision_reason or "", is_wide=True),
    ]


def _numbers(row: ChangeSet) -> list[Field]:
    found = [Field(change_text(name), f"{count:,}") for name, count in sorted(row.counts.items())]
    return [Field(gettext("变色人数"), f"{row.changed:,}"), *found]


def sample_table(sample: Any) -> tuple[list[Column], list[Row]]:
    """A masked sample of whom a change would recolour, and by which rule."""
    columns = [
        Column("name", gettext("姓名")),
        Column("document", gettext("证件号"), "mono"),
        Column("from", gettext("现在"), "status"),
        Column("to", gettext("变更后"), "status"),
        Column("rule", gettext("适用规则")),
    ]
    return columns, [
        Row(
            str(number),
            [
                Cell(each["name"]),
                Cell(each["document"]),
                *(Cell(label_text(color), tone=color.tone) for color in (Color[each["from"]], Color[each["to"]])),
                Cell(rule_text(each["rule"])),
            ],
        )
        for number, each in enumerate(sample)
    ]


def rule_text(key: str) -> str:
    """What a rule says, by its key; the key alone where the rules in force do not have it."""
    rule = health_rules.in_force(clock.now()).by_key.get(key)
    return rule.sentence.in_(get_locale()) if rule else key


def _sample(row: ChangeSet) -> tuple[list[Column], list[Row]]:
    return sample_table(row.sample)


def _waiting() -> Select[Any]:
    return select(ChangeSet.id).where(ChangeSet.state == ChangeSetState.WAITING)


def register(appbuilder: AppBuilder) -> None:
    """Add the screen, and what waits to the first page."""
    ACTIONS.update(
        {
            "propose_change_set": N_("提交批量变更"),
            "approve_change_set": N_("批准批量变更"),
            "reject_change_set": N_("驳回批量变更"),
            "roll_back_change_set": N_("撤回批量变更"),
        }
    )
    FIELDS.update({"cause": N_("变更来源"), "changed": N_("变色人数"), "counts": N_("颜色变化")})
    appbuilder.add_view(ChangeSetView(), "ChangeSetView", label=SCREEN.title, category=MENU, category_label=MENU_LABEL)
    WAITING.append(Waiting(N_("变更审批"), OFFICERS, _waiting, "ChangeSetView.list", {"state": "WAITING"}, tone="red"))
