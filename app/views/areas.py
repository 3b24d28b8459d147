"""「区划管理」: the area tree with nodes of our own: added, named, ended, moved; by city and system administrators (Z-A1, D17)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Select, select
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from app.access import current_scope
from app.domain.area_moves import ADDABLE, MOVABLE
from app.domain.areas import AreaLevel, area_level
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.venues import VenueFamily
from app.extensions import db
from app.models import Area, Venue
from app.services import area_edits, area_tree, areas
from app.services.audit import Actor
from app.views.declarations import Creation, Filter, ListColumn, RowAction, Screen
from app.views.page import Cell, Column, DetailPage, EmptyState, Field, Link, Row, Section
from app.views.person_filters import starts_with
from app.views.screen_view import ScreenView

EDITORS = frozenset({Role.CITY_ADMIN, Role.SYSTEM_ADMIN})
_MOST_SHOWN = 200
_SEPARATORS = re.compile(r"[、，,;；\s]+")


class AreaForm(FlaskForm):
    """What an area is called."""

    name = StringField(lazy_gettext("区划名称"), [InputRequired(lazy_gettext("请填写区划名称")), Length(max=80)])
    aliases = StringField(
        lazy_gettext("名单中的其他写法"),
        [Length(max=400)],
        description=lazy_gettext("多个写法用顿号隔开，如：郑东、郑东管委会"),
    )


class NewAreaForm(AreaForm):
    """A node of our own, and below which it lies."""

    target = SelectField(lazy_gettext("上级区划"), [InputRequired(lazy_gettext("请选择上级区划"))])


def parents_for(levels: Sequence[AreaLevel]) -> list[tuple[str, str]]:
    """Return code and full name of the areas of `levels` in the scope in hand, with what lies above them."""
    scope = current_scope()
    tree = area_tree.current()
    found = [one for level in levels for one in tree.of_level(level) if scope.covers(one.code)]
    return [(one.code, areas.full_name(one.code)) for one in sorted(found, key=lambda one: one.code)]


def _new_form() -> NewAreaForm:
    form = NewAreaForm()
    form.target.choices = parents_for([level.parent for level in ADDABLE if level.parent])
    form.target.data = form.target.data or request.args.get("below")
    return form


def _edit_form(row: Area) -> AreaForm:
    return AreaForm(name=row.name, aliases="、".join(row.aliases))


def _aliases(form: AreaForm) -> list[str]:
    return _SEPARATORS.split(form.aliases.data or "")


def _create(form: NewAreaForm, actor: Actor) -> Area:
    return area_edits.add(form.target.data, form.name.data or "", _aliases(form), actor=actor)


def _edit(row: Area, form: AreaForm, actor: Actor) -> None:
    area_edits.edit(row.code, form.name.data or "", _aliases(form), actor=actor)


def _end(row: Area, _form: Any, actor: Actor) -> None:
    area_edits.end(row.code, actor=actor)


def _query() -> Select[Any]:
    # Names are everybody's; the editor shows what lies in the account's own area.
    return select(Area).where(starts_with(Area.code, current_scope().area_prefix or "-"))


def _by_name(query: Select[Any], value: str) -> Select[Any]:
    return query.where(Area.name.contains(value, autoescape=True))


def _by_level(query: Select[Any], value: str) -> Select[Any]:
    return query.where(Area.level == value)


def _by_code(query: Select[Any], value: str) -> Select[Any]:
    return query.where(Area.code.startswith(value, autoescape=True))


def _state(row: Area) -> Cell:
    if row.ended_at is not None:
        return Cell(gettext("已停用"), tone="gray")
    own = row.official_code is None
    return Cell(gettext("自设"), tone="blue") if own else Cell(gettext("使用中"), tone="green")


def _is_editable(row: Area) -> bool:
    return row.ended_at is None and area_level(row.code) in ADDABLE


SCREEN = Screen(
    title=N_("区划管理"),
    roles=EDITORS,
    query=_query,
    order=(Area.code,),
    subject=lambda row: row.name,
    columns=(
        ListColumn("name", N_("区划名称"), lambda row: row.name),
        ListColumn("level", N_("级别"), lambda row: gettext(area_level(row.code).label)),
        ListColumn("above", N_("上级区划"), lambda row: areas.full_name(row.parent_code or "")),
        ListColumn("code", N_("区划代码"), lambda row: row.code, kind="mono"),
        ListColumn("official", N_("统计用区划代码"), lambda row: row.official_code or "", kind="mono"),
        ListColumn("aliases", N_("名单中的其他写法"), lambda row: "、".join(row.aliases)),
        ListColumn("state", N_("状态"), _state, kind="status"),
    ),
    filters=(
        Filter("name", N_("区划名称"), _by_name, placeholder=N_("请输入区划名称")),
        Filter("level", N_("级别"), _by_level, "select", lambda: [(one.name.lower(), one.label) for one in ADDABLE]),
        Filter("code", N_("区划代码"), _by_code, placeholder=N_("请输入代码或代码开头")),
    ),
    actions=(
        RowAction("edit", N_("编辑"), _edit, EDITORS, N_("已保存"), form=_edit_form, visible=_is_editable),
        RowAction(
            "end",
            N_("停用"),
            _end,
            EDITORS,
            N_("已停用"),
            visible=_is_editable,
            style="danger",
            confirm=N_("停用后不能再选择这个区划，已有记录保留名称。确定停用？"),
            on_list=False,
        ),
    ),
    creation=Creation(
        _new_form,
        _create,
        EDITORS,
        label=N_("新增区划"),
        lead=N_("在官方区划之外增加自设区划（如新区），再把街道移到其下。代码由系统分配。"),
    ),
    empty_title=N_("没有符合条件的区划"),
    export_name="areas",
)


class AreaView(ScreenView):
    """The tree, a node at a time: what lies below it, and where it may go."""

    route_base = "/areas-of-region"
    screen = SCREEN

    def toolbar(self) -> Sequence[Link]:
        top = current_scope().area_prefix or ""
        name = area_tree.current().names.get(top, "")
        down = [Link(gettext("从%(area)s逐级查看", area=name), _page_of(top))] if name else []
        created, *others = super().toolbar()
        return [created, *down, *others]

    def row_links(self, row: Area) -> Sequence[Link]:
        return [*_move_links(row), *super().row_links(row)]

    def detail_page(self, row: Area, tab: str) -> DetailPage:  # noqa: ARG002 - one page has no tabs
        state = _state(row)
        has_above = row.parent_code and row.code != current_scope().area_prefix
        urls = {"above": _page_of(str(row.parent_code))} if has_above else {}
        facts = [
            Field(gettext(column.label), _text(column.value(row)), url=urls.get(column.key, ""))
            for column in SCREEN.columns
        ]
        links = [self.action_link(action, row) for action in self.usable_actions(row)]
        return DetailPage(
            title=areas.full_name(row.code),
            status=state,
            sections=[Section("", facts)],
            table=_below(row),
            empty=EmptyState(gettext("没有下级区划或小区")),
            links=[*_move_links(row), *links],
            back=Link(gettext(SCREEN.title), url_for("AreaView.list")),
        )


def _page_of(code: str) -> str:
    return url_for("AreaView.show", key=int(code))


def _text(value: Cell | str) -> str:
    return value.text if isinstance(value, Cell) else value


def _move_links(row: Area) -> list[Link]:
    if row.ended_at is not None or area_level(row.code) not in MOVABLE:
        return []
    return [Link(gettext("移动"), url_for("AreaMoveView.ask", area=row.code))]


def _below(row: Area) -> tuple[Sequence[Column], Sequence[Row]]:
    """Return the areas right below, or the compounds of a community, with where each may go."""
    columns = [Column("name", gettext("下级区划或小区")), Column("code", gettext("区划代码"), "mono")]
    if area_level(row.code) is AreaLevel.COMMUNITY:
        return columns, [_compound_row(venue) for venue in _compounds(row)]
    children = select(Area).where(Area.parent_code == row.code, Area.ended_at.is_(None)).order_by(Area.code)
    found = db.session.execute(children.limit(_MOST_SHOWN)).scalars().all()
    return columns, [
        Row(
            key=one.code,
            cells=[Cell(one.name), Cell(one.code)],
            links=_move_links(one),
            url=_page_of(one.code),
        )
        for one in found
    ]


def _compounds(row: Area) -> Sequence[Venue]:
    query = select(Venue).where(Venue.area_code == row.code, Venue.kind.in_(VenueFamily.COMPOUND.kinds))
    return db.session.execute(query.order_by(Venue.id).limit(_MOST_SHOWN)).scalars().all()


def _compound_row(venue: Venue) -> Row:
    move = Link(gettext("移动"), url_for("AreaMoveView.ask", venue=venue.id))
    return Row(key=str(venue.id), cells=[Cell(venue.name), Cell(venue.area_code)], links=[move])


def register(appbuilder: AppBuilder) -> None:
    """Add the screen."""
    appbuilder.add_view(
        AreaView(), "AreaView", label=SCREEN.title, category="accounts", category_label=N_("账号与权限")
    )
