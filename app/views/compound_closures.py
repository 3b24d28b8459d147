"""「小区封控」: which compounds are closed on which ground, and the way back (issue 2.1, X4)."""

from __future__ import annotations

from typing import Any

from flask import g, url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.domain.areas import AreaLevel
from app.domain.labels import N_
from app.models import ClosureState, CompoundClosure, Venue
from app.services import areas, compound_closures
from app.services.audit import Actor
from app.services.screening import account_names
from app.views.declarations import Filter, ListColumn, RowAction, Screen
from app.views.format import label_text, moment_text
from app.views.health_cells import (
    MENU,
    MENU_LABEL,
    OFFICERS,
    READERS,
    change_counts,
    change_state,
    ground_choices,
    ground_text,
)
from app.views.identity import account
from app.views.operation_log import ACTIONS
from app.views.page import Cell, Column, DetailPage, EmptyState, Field, Link, Row, Section
from app.views.screen_view import ScreenView

_TONES = {ClosureState.WAITING: "yellow", ClosureState.CLOSED: "red", ClosureState.REOPENED: "green"}


class ClosureForm(FlaskForm):
    """「封控」: on which ground, and why."""

    ground = SelectField(lazy_gettext("法律依据"), [InputRequired(lazy_gettext("请选择法律依据"))])
    text = TextAreaField(
        lazy_gettext("事由"), [InputRequired(lazy_gettext("请写明事由（不超过 1000 字）")), Length(max=1000)]
    )


def _form(_row: Venue) -> ClosureForm:
    form = ClosureForm()
    form.ground.choices = [("", gettext("请选择")), *ground_choices()]
    return form


def _close(row: Venue, form: ClosureForm, _actor: Actor) -> None:
    compound_closures.close(row, ground=form.ground.data, text=form.text.data or "", account=account())


def _is_closable(row: Venue) -> bool:
    if "closed_compounds" not in g:  # once a page, not once a row
        g.closed_compounds = compound_closures.open_venue_ids()
    return row.is_open and row.id not in g.closed_compounds


# Stands on the list of compounds (views/venues.py).
CLOSE = RowAction(
    "close_off",
    N_("封控"),
    _close,
    OFFICERS,
    done=N_("已提交「变更审批」，由另一人批准后封控"),
    form=_form,
    visible=_is_closable,
    confirm=N_("批准后，小区全体居民的健康码立即按规则变色，解封时恢复。"),
    style="danger",
)


def _extend(row: CompoundClosure, _form: Any, _actor: Actor) -> None:
    compound_closures.extend(row, account=account())


def _reopen(row: CompoundClosure, _form: Any, _actor: Actor) -> None:
    compound_closures.reopen(row, account=account())


def _is_closed(row: CompoundClosure) -> bool:
    return row.state is ClosureState.CLOSED


def _by_state(query: Select[Any], value: str) -> Select[Any]:
    return query.where(CompoundClosure.state == ClosureState[value])


def _by_name(query: Select[Any], value: str) -> Select[Any]:
    return query.join(CompoundClosure.venue).where(Venue.name.contains(value, autoescape=True))


def _state(row: CompoundClosure) -> Cell:
    return Cell(label_text(row.state), tone=_TONES.get(row.state, "gray"))


SCREEN = Screen(
    title=N_("小区封控"),
    lead=N_("在「小区管理」中封控小区，写明法律依据，由另一人批准后生效；解封时居民的依据同时结束。"),
    roles=READERS,
    query=lambda: select(CompoundClosure).options(joinedload(CompoundClosure.venue)),
    order=(CompoundClosure.id,),
    columns=(
        ListColumn("name", N_("小区名称"), lambda row: row.venue.name),
        ListColumn("area", N_("所属区域"), lambda row: areas.full_name(row.area_code, top=AreaLevel.DISTRICT)),
        ListColumn("state", N_("状态"), _state, kind="status"),
        ListColumn("text", N_("事由"), lambda row: row.text),
        ListColumn("closed_at", N_("封控时间"), lambda row: moment_text(row.closed_at), kind="datetime"),
        ListColumn("reopened_at", N_("解封时间"), lambda row: moment_text(row.reopened_at), kind="datetime"),
    ),
    filters=(
        Filter("name", N_("小区名称"), _by_name, placeholder=N_("请输入小区名称")),
        Filter("state", N_("状态"), _by_state, "select", lambda: [(each.name, each.label) for each in ClosureState]),
    ),
    subject=lambda row: row.venue.name,
    actions=(
        RowAction(
            "extend",
            N_("补录新居民"),
            _extend,
            OFFICERS,
            done=N_("已提交「变更审批」，由另一人批准后生效"),
            visible=_is_closed,
            confirm=N_("把封控后登记的居民也列入，由另一人批准后生效。"),
        ),
        RowAction(
            "reopen",
            N_("解封"),
            _reopen,
            OFFICERS,
            done=N_("已提交；人数较多时须另一人在「变更审批」中批准"),
            visible=_is_closed,
            confirm=N_("解封后，因封控变色的居民恢复到没有封控时的颜色。"),
            style="primary",
        ),
    ),
    empty_title=N_("没有封控的小区"),
    empty_hint=N_("在「小区管理」中点击「封控」。"),
    export_name="compound_closures",
)


class CompoundClosureView(ScreenView):
    """A closure with its ground, and every change of colours that belongs to it."""

    route_base = "/compound-closures"
    screen = SCREEN

    def detail_page(self, row: CompoundClosure, tab: str) -> DetailPage:  # noqa: ARG002 - one page has no tabs
        names = account_names((row.proposed_by_id,))
        facts = [
            Field(gettext("所属区域"), areas.full_name(row.area_code, top=AreaLevel.DISTRICT)),
            Field(gettext("提交人"), names.get(row.proposed_by_id, "")),
            Field(gettext("提交时间"), moment_text(row.proposed_at)),
            Field(gettext("封控时间"), moment_text(row.closed_at)),
            Field(gettext("解封时间"), moment_text(row.reopened_at)),
            Field(gettext("法律依据"), ground_text(row.ground), is_wide=True),
            Field(gettext("事由"), row.text, is_wide=True),
        ]
        return DetailPage(
            title=row.venue.name,
            status=_state(row),
            sections=[Section(gettext("封控情况"), facts)],
            table=_changes(row),
            empty=EmptyState(gettext("没有变更")),
            links=[self.action_link(action, row) for action in self.usable_actions(row)],
            back=Link(gettext(SCREEN.title), url_for("CompoundClosureView.list")),
        )


def _changes(row: CompoundClosure) -> tuple[list[Column], list[Row]]:
    columns = [
        Column("proposed_at", gettext("提交时间"), "datetime"),
        Column("changed", gettext("变色人数"), "number"),
        Column("counts", gettext("颜色变化"), is_wide=True),
        Column("state", gettext("状态"), "status"),
    ]
    rows = [
        Row(
            str(each.id),
            [
                Cell(moment_text(each.proposed_at), url=url_for("ChangeSetView.show", key=each.id)),
                Cell(f"{each.changed:,}"),
                Cell(change_counts(each)),
                change_state(each),
            ],
        )
        for each in compound_closures.sets_of(row)
    ]
    return columns, rows


def register(appbuilder: AppBuilder) -> None:
    """Add the screen."""
    ACTIONS.update(
        {
            "close_compound": N_("提交小区封控"),
            "extend_closure": N_("补录封控小区居民"),
            "reopen_compound": N_("提交小区解封"),
        }
    )
    appbuilder.add_view(
        CompoundClosureView(), "CompoundClosureView", label=SCREEN.title, category=MENU, category_label=MENU_LABEL
    )
