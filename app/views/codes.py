"""「二维码列表」: every code of the pool, to be found by its number, revoked or replaced (Z-S7)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Select, select
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.sectors import CodeState
from app.domain.text import row_number
from app.domain.venues import VenueFamily, VenueKind
from app.models import Venue
from app.services import code_pool
from app.services.audit import Actor
from app.services.venue_posters import short_code
from app.views.declarations import Filter, ListColumn, RowAction, Screen
from app.views.format import label_text, moment_text
from app.views.identity import account
from app.views.page import Cell
from app.views.venue_screens import PosterListView, is_usable

MANAGERS = frozenset({Role.CITY_ADMIN, Role.SECTOR_ADMIN})
_TONES = {
    CodeState.GENERATED: "gray",
    CodeState.HANDED_OUT: "blue",
    CodeState.ACTIVE: "green",
    CodeState.REVOKED: "red",
}


class RevokeForm(FlaskForm):
    """「作废」 says why."""

    reason = StringField(lazy_gettext("原因"), [InputRequired(lazy_gettext("请填写原因")), Length(max=200)])


def kinds_in_hand() -> Sequence[VenueKind]:
    """Return the kinds whose codes the signed-in account manages."""
    own = account().venue_kind
    return [own] if own else VenueFamily.SECTOR.kinds


def kind_choices() -> Sequence[tuple[str, str]]:
    """Return them as choices."""
    return [(kind.name, label_text(kind)) for kind in kinds_in_hand()]


def state_cell(state: CodeState) -> Cell:
    """A code's state as a coloured label."""
    return Cell(label_text(state), tone=_TONES[state])


def _query() -> Select[Any]:
    return select(Venue).where(Venue.kind.in_(kinds_in_hand()))


def _set_pin(row: Venue, _form: Any, actor: Actor, *, is_wanted: bool) -> None:
    code_pool.set_pin(row, is_wanted=is_wanted, actor=actor)


def _ask_pin(roles: frozenset[Role]) -> RowAction:
    return RowAction(
        "ask_pin",
        N_("启用海报验证码"),
        partial(_set_pin, is_wanted=True),
        roles,
        done=N_("已启用，请下载印有验证码的新海报张贴"),
        visible=lambda row: is_usable(row) and row.poster_pin is None,
        confirm=N_("启用后，登记时须填写海报上的验证码，未填对的登记会标为疑似远程扫码。确定启用吗？"),
    )


def _drop_pin(roles: frozenset[Role]) -> RowAction:
    return RowAction(
        "drop_pin",
        N_("停用海报验证码"),
        partial(_set_pin, is_wanted=False),
        roles,
        done=N_("已停用海报验证码"),
        visible=lambda row: is_usable(row) and row.poster_pin is not None,
        confirm=N_("确定停用海报验证码吗？"),
    )


PIN_ACTIONS = (_ask_pin, _drop_pin)

SCREEN = Screen(
    title=N_("二维码列表"),
    roles=MANAGERS,
    query=_query,
    subject=lambda row: short_code(row.code),
    order=(Venue.id,),
    columns=(
        ListColumn("code", N_("编号"), lambda row: short_code(row.code), kind="mono"),
        ListColumn("kind", N_("行业类型"), lambda row: label_text(row.kind)),
        ListColumn("name", N_("名称"), lambda row: row.name),
        ListColumn("state", N_("状态"), lambda row: state_cell(row.code_state), kind="status"),
        ListColumn("batch", N_("批次"), lambda row: str(row.batch_id or ""), kind="number"),
        ListColumn("to", N_("领取人"), lambda row: row.handed_out_to or ""),
        ListColumn("handed_out_at", N_("下发时间"), lambda row: moment_text(row.handed_out_at), kind="datetime"),
        ListColumn("activated_at", N_("激活时间"), lambda row: moment_text(row.activated_at), kind="datetime"),
    ),
    filters=(
        Filter(
            "code",
            N_("编号"),
            lambda query, value: query.where(Venue.code == value.replace("-", "").strip().upper()),
            placeholder=N_("请输入海报上的编号"),
        ),
        Filter(
            "kind",
            N_("行业类型"),
            lambda query, value: query.where(Venue.kind == VenueKind[value]),
            "select",
            kind_choices,
            roles=frozenset({Role.CITY_ADMIN}),
        ),
        Filter(
            "state",
            N_("状态"),
            lambda query, value: query.where(Venue.code_state == CodeState[value]),
            "select",
            lambda: [(state.name, label_text(state)) for state in CodeState],
        ),
        Filter(
            "batch",
            N_("批次"),
            lambda query, value: query.where(Venue.batch_id == (row_number(value) or 0)),
        ),
    ),
    actions=(
        *(action(MANAGERS) for action in PIN_ACTIONS),
        RowAction(
            "replace",
            N_("更换二维码"),
            lambda row, _form, actor: code_pool.replace(row, actor=actor),
            MANAGERS,
            done=N_("已更换二维码，请下载新码张贴"),
            visible=is_usable,
            confirm=N_("确定更换吗？现在的二维码立即作废，请随后张贴新码。"),
        ),
        RowAction(
            "revoke",
            N_("作废"),
            lambda row, form, actor: code_pool.revoke(row, reason=form.reason.data or "", actor=actor),
            MANAGERS,
            done=N_("已作废"),
            form=lambda _row: RevokeForm(),
            visible=is_usable,
            style="danger",
        ),
    ),
    empty_hint=N_("在「二维码批次」中生成二维码，下发后由领取人扫码激活。"),
    export_name="codes",
    has_detail=False,
)


class CodeView(PosterListView):
    """Each usable code has its poster beside it."""

    route_base = "/codes"
    screen = SCREEN


def register(appbuilder: AppBuilder) -> None:
    """Add the screen."""
    appbuilder.add_view(CodeView(), "CodeView", label=SCREEN.title, category="codes", category_label=N_("二维码管理"))
