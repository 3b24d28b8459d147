"""「小区管理」: the compounds of an area, their posters, new ones and those that are no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Select, select
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from app.access import current_scope
from app.domain.areas import AreaLevel, area_level, parent_code
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.venues import VenueFamily, VenueKind
from app.models import Venue
from app.profiles import AreaRecord
from app.services import area_tree, areas, venues
from app.services.audit import Actor
from app.views.compound_closures import CLOSE
from app.views.declarations import Creation, Filter, ListColumn, Screen
from app.views.format import label_text
from app.views.identity import account
from app.views.person_filters import starts_with
from app.views.venue_screens import STATE_COLUMNS, PosterListView, closing_actions, edit_action, name_filter

AREA_MANAGERS = frozenset({Role.CITY_ADMIN, Role.DISTRICT_ADMIN, Role.STREET_ADMIN, Role.COMMUNITY_ADMIN})
_KINDS = VenueFamily.COMPOUND.kinds


class VenueForm(FlaskForm):
    """「新建」 of a compound."""

    name = StringField(lazy_gettext("小区名称"), [InputRequired(lazy_gettext("请填写名称")), Length(max=120)])
    kind = SelectField(
        lazy_gettext("小区类型"), choices=[(kind.name, lazy_gettext(kind.label)) for kind in VenueFamily.COMPOUND.kinds]
    )
    area_code = SelectField(lazy_gettext("所属社区"), [InputRequired(lazy_gettext("请选择管辖范围内的社区"))])
    address = StringField(lazy_gettext("地址"), [Length(max=200)])


def _areas_within(level: AreaLevel) -> list[AreaRecord]:
    """Return the areas of `level` inside the scope in hand."""
    scope = current_scope()
    return [record for record in area_tree.current().records if record.level is level and scope.covers(record.code)]


def _new_form() -> VenueForm:
    form = VenueForm()
    communities = _areas_within(AreaLevel.COMMUNITY)
    groups: dict[str, list[tuple[str, str]]] = {}
    for record in communities:
        street = areas.full_name(record.parent_code or "", top=AreaLevel.DISTRICT)
        groups.setdefault(street, []).append((record.code, record.name))
    form.area_code.choices = groups
    return form


def _create(form: VenueForm, actor: Actor) -> Venue:
    return venues.create(
        kind=VenueKind[form.kind.data],
        name=form.name.data or "",
        area_code=form.area_code.data,
        address=form.address.data or "",
        actor=actor,
    )


def _query() -> Select[Any]:
    return select(Venue).where(Venue.kind.in_(_KINDS))


def _by_area(query: Select[Any], code: str) -> Select[Any]:
    return query.where(starts_with(Venue.area_code, code))


def _areas_below() -> Sequence[tuple[str, str]]:
    """Return the areas right below one's own, by which the list can be narrowed."""
    own = account().area_code or ""
    levels = list(AreaLevel)
    position = levels.index(area_level(own))
    if position + 1 >= len(levels):
        return ()
    return [
        (record.code, record.name) for record in _areas_within(levels[position + 1]) if parent_code(record.code) == own
    ]


def _edit_form(row: Venue) -> VenueForm:
    form = VenueForm(data={"name": row.name, "address": row.address})
    # Residents' ties lie in the compound's community, and what kind it is stands in its poster's number.
    del form.kind, form.area_code
    return form


def _edit(row: Venue, form: Any, actor: Actor) -> None:
    venues.edit(row, name=form.name.data or "", address=form.address.data or "", actor=actor)


SCREEN = Screen(
    title=N_("小区管理"),
    roles=AREA_MANAGERS,
    query=_query,
    subject=lambda row: row.name,
    order=(Venue.id,),
    columns=(
        ListColumn("name", N_("小区名称"), lambda row: row.name),
        ListColumn("kind", N_("小区类型"), lambda row: label_text(row.kind)),
        ListColumn("area", N_("所属区域"), lambda row: areas.full_name(row.area_code, top=AreaLevel.DISTRICT)),
        ListColumn("address", N_("地址"), lambda row: row.address or ""),
        *STATE_COLUMNS,
    ),
    filters=(
        name_filter(N_("小区名称"), N_("请输入小区名称")),
        Filter(
            "kind",
            N_("小区类型"),
            lambda query, value: query.where(Venue.kind == VenueKind[value]),
            "select",
            lambda: [(kind.name, kind.label) for kind in _KINDS],
        ),
        Filter(
            "area",
            N_("所属区域"),
            _by_area,
            "select",
            _areas_below,
            roles=AREA_MANAGERS - {Role.COMMUNITY_ADMIN},
        ),
    ),
    creation=Creation(_new_form, _create, AREA_MANAGERS, lead=N_("保存后即可下载二维码张贴。")),
    actions=(
        edit_action(_edit_form, _edit, AREA_MANAGERS),
        *closing_actions(
            AREA_MANAGERS,
            confirm=N_("确定停用这个小区吗？停用后它的二维码不能再登记，已有的居民和登记记录保留。"),
        ),
        CLOSE,
    ),
    empty_title=N_("还没有小区"),
    empty_hint=N_("点击「新建」添加小区，再下载二维码张贴。"),
    export_name="venues",
    has_detail=False,
)


class VenueView(PosterListView):
    """The compounds of an area."""

    route_base = "/compounds"
    screen = SCREEN


def register(appbuilder: AppBuilder) -> None:
    """Add the screens of this module."""
    appbuilder.add_view(
        VenueView(), "VenueView", label=SCREEN.title, category="compound", category_label=N_("小区后台管理")
    )
