"""「卡口管理」: airports and stations with their codes (Z-S6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Select, select
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from app.access import current_scope
from app.domain.areas import AreaLevel
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.venues import VenueFamily, VenueKind
from app.models import Venue
from app.services import area_tree, areas, code_pool, venues
from app.services.audit import Actor
from app.views.codes import PIN_ACTIONS
from app.views.declarations import Creation, Filter, ListColumn, RowAction, Screen
from app.views.format import label_text, moment_text
from app.views.page import Cell, Link
from app.views.screen_view import ScreenView

_MANAGERS = frozenset({Role.CITY_ADMIN, Role.DISTRICT_ADMIN})
_KINDS = VenueFamily.CHECKPOINT.kinds


class CheckpointForm(FlaskForm):
    """「新建」 of a checkpoint."""

    name = StringField(lazy_gettext("卡口名称"), [InputRequired(lazy_gettext("请填写名称")), Length(max=120)])
    kind = SelectField(lazy_gettext("卡口类型"), choices=[(kind.name, lazy_gettext(kind.label)) for kind in _KINDS])
    area_code = SelectField(lazy_gettext("所属区县"), [InputRequired(lazy_gettext("请选择管辖范围内的区县"))])


def _new_form() -> CheckpointForm:
    form, scope = CheckpointForm(), current_scope()
    form.area_code.choices = [(one.code, one.name) for one in area_tree.current().districts if scope.covers(one.code)]
    return form


def _create(form: CheckpointForm, actor: Actor) -> Venue:
    kind, name = VenueKind[form.kind.data], form.name.data or ""
    return venues.create_checkpoint(kind=kind, name=name, district_code=form.area_code.data, actor=actor)


def _query() -> Select[Any]:
    return select(Venue).where(Venue.kind.in_(_KINDS), Venue.replaced_by_id.is_(None))


def _state(row: Venue) -> Cell:
    return Cell(gettext("已启用"), tone="green") if row.is_open else Cell(gettext("已停用"), tone="gray")


SCREEN = Screen(
    title=N_("卡口管理"),
    roles=_MANAGERS,
    query=_query,
    subject=lambda row: row.name,
    order=(Venue.id,),
    columns=(
        ListColumn("name", N_("卡口名称"), lambda row: row.name),
        ListColumn("kind", N_("卡口类型"), lambda row: label_text(row.kind)),
        ListColumn("area", N_("所属区县"), lambda row: areas.full_name(row.area_code, top=AreaLevel.DISTRICT)),
        ListColumn("state", N_("状态"), _state, kind="status"),
        ListColumn("created_at", N_("创建时间"), lambda row: moment_text(row.created_at), kind="datetime"),
    ),
    filters=(
        Filter("name", N_("卡口名称"), lambda query, value: query.where(Venue.name.contains(value, autoescape=True))),
    ),
    creation=Creation(_new_form, _create, _MANAGERS, lead=N_("保存后即可下载二维码张贴。")),
    actions=(
        *(action(_MANAGERS) for action in PIN_ACTIONS),
        RowAction(
            "replace",
            N_("更换二维码"),
            lambda row, _form, actor: code_pool.replace(row, actor=actor),
            _MANAGERS,
            done=N_("已更换二维码，请下载新码张贴"),
            visible=lambda row: row.is_open and row.replaced_by_id is None,
            confirm=N_("确定更换吗？现在的二维码立即作废，请随后张贴新码。"),
            style="danger",
        ),
        RowAction(
            "close",
            N_("停用"),
            lambda row, _form, actor: venues.close(row, actor=actor),
            _MANAGERS,
            done=N_("已停用"),
            visible=lambda row: row.is_open,
            confirm=N_("确定停用这个卡口吗？停用后它的二维码不能再登记，已有的登记记录保留。"),
            style="danger",
        ),
    ),
    empty_title=N_("还没有卡口"),
    empty_hint=N_("点击「新建」添加卡口，再下载二维码张贴。"),
    export_name="checkpoints",
    has_detail=False,
)


class CheckpointView(ScreenView):
    """Each open checkpoint has its poster beside it."""

    route_base = "/checkpoints"
    screen = SCREEN

    def row_links(self, row: Venue) -> Sequence[Link]:
        links = list(super().row_links(row))
        if row.is_open:
            links.insert(0, Link(gettext("二维码下载"), url_for("PosterView.show", key=row.id), modal=True))
        return links


def register(appbuilder: AppBuilder) -> None:
    """Add the screen."""
    appbuilder.add_view(
        CheckpointView(), "CheckpointView", label=SCREEN.title, category="codes", category_label=N_("二维码管理")
    )
