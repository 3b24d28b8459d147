"""「小区账号管理」 and 「账号管理」: every level appoints the one below it (Z-A6, Z-A7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, abort, jsonify, request
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.domain.labels import N_
from app.domain.masking import mask_phone
from app.domain.roles import Role
from app.domain.text import digits
from app.domain.venues import VenueKind
from app.models import Account, AccountVenue, Venue
from app.services import account_states, accounts, second_factor
from app.services.accounts import Appointment, Correction
from app.services.audit import Actor
from app.services.reveal import Revealed
from app.views import reveal
from app.views.account_forms import (
    AppointmentForm,
    NewCompoundAccountForm,
    ReasonForm,
    appointment_form,
    correction_form,
    find_compounds,
    new_compound_account_form,
)
from app.views.account_imports import import_link
from app.views.account_pages import account_page, compound_names, full_link, last_sign_in, state_cell
from app.views.declarations import Creation, Filter, ListColumn, RowAction, Screen
from app.views.format import label_text
from app.views.identity import account
from app.views.operation_log import ACTIONS
from app.views.page import DetailPage, Link
from app.views.screen_view import ScreenView

COMPOUND_APPOINTERS = frozenset(role for role in Role if role.can_appoint(Role.COMPOUND_ADMIN))
APPOINTERS = frozenset(role for role in Role if role.appoints - {Role.COMPOUND_ADMIN})
_SENT = N_("账号已开通，密码已以短信发送到该手机")


def _compound_accounts() -> Select[Any]:
    links = selectinload(Account.venue_links).joinedload(AccountVenue.venue)
    return select(Account).where(Account.role == Role.COMPOUND_ADMIN).options(links, joinedload(Account.area))


def _appointed_accounts() -> Select[Any]:
    person = account()
    below = person.role.appoints - {Role.COMPOUND_ADMIN} if person.role else frozenset()
    return select(Account).where(accounts.appointed_by(person, below)).options(joinedload(Account.area))


def _by_phone(query: Select[Any], value: str) -> Select[Any]:
    return query.where(Account.username == digits(value))


def _by_compound(query: Select[Any], value: str) -> Select[Any]:
    named = select(Venue.id).where(Venue.name.contains(value, autoescape=True))
    return query.where(Account.id.in_(select(AccountVenue.account_id).where(AccountVenue.venue_id.in_(named))))


def _by_name(query: Select[Any], value: str) -> Select[Any]:
    return query.where(Account.first_name.contains(value, autoescape=True))


def _by_state(query: Select[Any], value: str) -> Select[Any]:
    return query.where(Account.active.is_(value == "active"))


def appoint_compound_manager(form: NewCompoundAccountForm, _actor: Actor) -> None:
    appointment = Appointment(
        phone=form.phone_number.data or "",
        name=form.name.data or "",
        role=Role.COMPOUND_ADMIN,
        venue_ids=frozenset(form.venue_ids.data or ()),
    )
    accounts.appoint(appointment, appointer=account())


def appoint(form: AppointmentForm, _actor: Actor) -> None:
    kind = form.venue_kind.data if "venue_kind" in form else ""
    appointment = Appointment(
        phone=form.phone_number.data or "",
        name=form.name.data or "",
        role=Role[form.role.data],
        area_code=form.area_code.data,
        venue_kind=VenueKind[kind] if kind else None,
    )
    accounts.appoint(appointment, appointer=account())


def correct(row: Account, form: Any, _actor: Actor) -> None:
    venue_ids = frozenset(form.venue_ids.data or ()) if "venue_ids" in form else None
    correction = Correction(form.phone_number.data or "", form.name.data or "", venue_ids)
    accounts.correct(row, correction, appointer=account())


def suspend(row: Account, form: ReasonForm, _actor: Actor) -> None:
    account_states.suspend(row, reason=form.reason.data or "", appointer=account())


def resume(row: Account, form: ReasonForm, _actor: Actor) -> None:
    account_states.resume(row, reason=form.reason.data or "", appointer=account())


def renew_password(row: Account, form: ReasonForm, _actor: Actor) -> None:
    account_states.renew_password(row, reason=form.reason.data or "", appointer=account())


def reset_second_factor(row: Account, form: ReasonForm, _actor: Actor) -> None:
    second_factor.reset(row, reason=form.reason.data or "", appointer=account())


def _actions(roles: frozenset[Role]) -> Sequence[RowAction]:
    def reasoned(name: str, label: str, perform: Any, *, done: str, confirm: str, **more: Any) -> RowAction:
        """An action that wants a reason and says beforehand what it does."""
        return RowAction(
            name, label, perform, roles, done=done, confirm=confirm, form=lambda _row: ReasonForm(), **more
        )

    return (
        RowAction("correct", N_("修改"), correct, roles, done=N_("已保存"), form=correction_form, visible=_is_below),
        reasoned(
            "renew_password",
            N_("重置密码"),
            renew_password,
            done=N_("新的临时密码已以短信发送到该手机"),
            confirm=N_("将向该手机发送新的临时密码，原密码立即失效，已登录的设备会退出。"),
            visible=lambda row: bool(row.active) and _is_below(row),
        ),
        reasoned(
            "reset_second_factor",
            N_("重置动态口令"),
            reset_second_factor,
            done=N_("动态口令已重置"),
            confirm=N_("重置后该账号只用密码即可登录，已登录的设备会退出；须启用动态口令的角色下次登录时重新启用。"),
            visible=_is_below,
            on_list=False,
        ),
        reasoned(
            "suspend",
            N_("停用"),
            suspend,
            done=N_("账号已停用"),
            confirm=N_("停用后该账号立即退出，不能再登录，直到重新启用。"),
            visible=lambda row: bool(row.active) and _is_below(row),
            style="danger",
        ),
        reasoned(
            "resume",
            N_("启用"),
            resume,
            done=N_("账号已启用"),
            confirm=N_("启用后可以用原来的密码登录；忘记密码或临时密码过期时，请再「重置密码」。"),
            visible=lambda row: not row.active and _is_below(row),
        ),
    )


def _is_below(row: Account) -> bool:
    return accounts.may_change(row, account())


_PHONE = ListColumn("phone", N_("手机号"), lambda row: mask_phone(row.username), kind="mono")
_NAME = ListColumn("name", N_("姓名"), lambda row: row.first_name)
_AREA = ListColumn("area", N_("管辖区域"), lambda row: row.area.name if row.area else "")
_STATE = ListColumn("state", N_("状态"), state_cell, kind="status")
_LAST = ListColumn("last_login", N_("最近登录"), last_sign_in, kind="datetime")
_PHONE_FILTER = Filter("phone", N_("手机号"), _by_phone, placeholder=N_("请输入手机号"))
_NAME_FILTER = Filter("name", N_("姓名"), _by_name)
_STATE_FILTER = Filter(
    "state", N_("状态"), _by_state, "select", lambda: [("active", N_("已启用")), ("suspended", N_("已停用"))]
)

COMPOUND_SCREEN = Screen(
    title=N_("小区账号管理"),
    roles=COMPOUND_APPOINTERS,
    query=_compound_accounts,
    subject=lambda row: row.first_name,
    order=(Account.id,),
    columns=(_PHONE, _NAME, ListColumn("compounds", N_("小区名称"), compound_names), _AREA, _STATE, _LAST),
    filters=(
        _PHONE_FILTER,
        Filter("compound", N_("小区名称"), _by_compound, placeholder=N_("请输入小区名称")),
        _NAME_FILTER,
        _STATE_FILTER,
    ),
    actions=_actions(COMPOUND_APPOINTERS),
    creation=Creation(
        new_compound_account_form, appoint_compound_manager, COMPOUND_APPOINTERS, label=N_("新增"), done=_SENT
    ),
    empty_title=N_("还没有小区管理员"),
    empty_hint=N_("点击「新增」为辖区内的小区开通管理员账号，密码会以短信发送到管理员手机。"),
    export_name="compound_accounts",
)

SCREEN = Screen(
    title=N_("账号管理"),
    roles=APPOINTERS,
    query=_appointed_accounts,
    order=(Account.id,),
    columns=(_PHONE, _NAME, ListColumn("role", N_("角色"), lambda row: label_text(row.role)), _AREA, _STATE, _LAST),
    filters=(_PHONE_FILTER, _NAME_FILTER, _STATE_FILTER),
    actions=_actions(APPOINTERS),
    creation=Creation(appointment_form, appoint, APPOINTERS, label=N_("新增"), done=_SENT),
    empty_title=N_("还没有下级账号"),
    empty_hint=N_("点击「新增」为下一级开通账号，密码会以短信发送到其手机。"),
    export_name="accounts",
)


class _AccountListView(ScreenView):
    """A list of accounts whose phones can be seen in full for a reason."""

    def toolbar(self) -> Sequence[Link]:
        created, *others = super().toolbar()
        return [created, import_link(), *others]

    def row_links(self, row: Account) -> Sequence[Link]:
        return [*super().row_links(row), full_link(row)]

    def detail_page(self, row: Account, tab: str) -> DetailPage:
        links = [self.action_link(action, row) for action in self.usable_actions(row)]
        return account_page(row, tab, links=links, endpoint=str(self.endpoint), title=self.screen.title)


class CompoundAccountView(_AccountListView):
    route_base = "/compound-accounts"
    screen = COMPOUND_SCREEN

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {**super().permitted_roles(), "can_options": cls.screen.roles}

    @expose("/compounds")
    @has_access
    @permission_name("options")
    def options(self) -> Response:
        """Return the compounds in scope whose name has `q` in it, for the form's search."""
        found = find_compounds(request.args.get("q", "")[:40])
        return jsonify(options=[{"value": venue.id, "label": venue.name} for venue in found])


class AccountView(_AccountListView):
    route_base = "/accounts"
    screen = SCREEN


def _full(row: Account) -> list[Revealed]:
    if not _is_below(row):  # a colleague's, or one's own
        abort(404)
    return [Revealed(N_("姓名"), row.first_name), Revealed(N_("手机号"), row.username)]


def register(appbuilder: AppBuilder) -> None:
    """Add both screens, and the phones that can be seen in full."""
    ACTIONS["renew_password"] = N_("重置密码")
    reveal.add_subject("account", Account, _full, COMPOUND_APPOINTERS | APPOINTERS)
    for view in (CompoundAccountView(), AccountView()):
        appbuilder.add_view(
            view, type(view).__name__, label=view.screen.title, category="accounts", category_label=N_("账号与权限")
        )
