"""「卡口管理」: airports and stations with their codes (Z-S6)."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext
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
from app.services import area_tree, areas, code_pool, poster_checks, venues
from app.services.audit import Actor
from app.views.codes import PIN_ACTIONS
from app.views.declarations import Creation, ListColumn, RowAction, Screen
from app.views.format import label_text
from app.views.poster_looks import TODAY_COLUMN, TODAY_FILTER, look_action
from app.views.venue_screens import STATE_COLUMNS, PosterListView, closing_actions, edit_action, is_usable, name_filter

MANAGERS = frozenset({Role.CITY_ADMIN, Role.DISTRICT_ADMIN})
_KINDS = VenueFamily.CHECKPOINT.kinds


class CheckpointForm(FlaskForm):
    """「新建」 of a checkpoint."""

    name = StringField(lazy_gettext("卡口名称"), [InputRequired(lazy_gettext("请填写名称")), Length(max=120)])
    kind = SelectField(lazy_gettext("卡口类型"), choices=[(kind.name, lazy_gettext(kind.label)) for kind in _KINDS])
    area_code = SelectField(lazy_gettext("所属区县"), [InputRequired(lazy_gettext("请选择管辖范围内的区县"))])


def _new_form() -> CheckpointForm:
    return _with_districts(CheckpointForm())


def _with_districts(form: CheckpointForm) -> CheckpointForm:
    scope = current_scope()
    form.area_code.choices = [(one.code, one.name) for one in area_tree.current().districts if scope.covers(one.code)]
    return form


def _create(form: CheckpointForm, actor: Actor) -> Venue:
    kind, name = VenueKind[form.kind.data], form.name.data or ""
    return venues.create_checkpoint(kind=kind, name=name, district_code=form.area_code.data, actor=actor)


def _query() -> Select[Any]:
    return poster_checks.with_today(select(Venue).where(Venue.kind.in_(_KINDS), Venue.replaced_by_id.is_(None)))


def _edit_form(row: Venue) -> CheckpointForm:
    form = _with_districts(CheckpointForm(data={"name": row.name, "area_code": row.area_code}))
    del form.kind  # the poster's number says what kind of place it is
    return form


def _edit(row: Venue, form: Any, actor: Actor) -> None:
    venues.edit_checkpoint(row, name=form.name.data or "", district_code=form.area_code.data, actor=actor)


SCREEN = Screen(
    title=N_("卡口管理"),
    roles=MANAGERS,
    query=_query,
    subject=lambda row: row.name,
    order=(Venue.id,),
    columns=(
        ListColumn("name", N_("卡口名称"), lambda row: row.name),
        ListColumn("kind", N_("卡口类型"), lambda row: label_text(row.kind)),
        ListColumn("area", N_("所属区县"), lambda row: areas.full_name(row.area_code, top=AreaLevel.DISTRICT)),
        TODAY_COLUMN,
        *STATE_COLUMNS,
    ),
    filters=(name_filter(N_("卡口名称")), TODAY_FILTER),
    creation=Creation(_new_form, _create, MANAGERS, lead=N_("保存后即可下载二维码张贴。")),
    actions=(
        edit_action(_edit_form, _edit, MANAGERS),
        look_action(MANAGERS),
        *(action(MANAGERS) for action in PIN_ACTIONS),
        RowAction(
            "replace",
            N_("更换二维码"),
            lambda row, _form, actor: code_pool.replace(row, actor=actor),
            MANAGERS,
            done=N_("已更换二维码，请下载新码张贴"),
            visible=is_usable,
            confirm=N_("确定更换吗？现在的二维码立即作废，请随后张贴新码。"),
            style="danger",
        ),
        *closing_actions(MANAGERS, confirm=N_("确定停用这个卡口吗？停用后它的二维码不能再登记，已有的登记记录保留。")),
    ),
    empty_title=N_("还没有卡口"),
    empty_hint=N_("点击「新建」添加卡口，再下载二维码张贴。"),
    export_name="checkpoints",
    has_detail=False,
)


class CheckpointView(PosterListView):
    """The checkpoints of an area."""

    route_base = "/checkpoints"
    screen = SCREEN


def register(appbuilder: AppBuilder) -> None:
    """Add the screen."""
    appbuilder.add_view(
        CheckpointView(), "CheckpointView", label=SCREEN.title, category="codes", category_label=N_("二维码管理")
    )
