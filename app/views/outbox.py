"""「短信发件箱」: what was sent or waits to be, for the system administrator (Z-A8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext
from sqlalchemy import Select, select

from app.clock import day_bounds
from app.domain.labels import N_
from app.domain.masking import mask_phone
from app.domain.roles import Role
from app.gateways.sms import SmsTemplate
from app.models import OutgoingMessage
from app.services.messages import DECOY, OUTBOX_REFERENCE, message_of
from app.services.reveal import Revealed
from app.views import reveal
from app.views.declarations import Filter, ListColumn, Screen
from app.views.format import moment_text, zone
from app.views.page import Cell, Link
from app.views.screen_view import ScreenView

READERS = frozenset({Role.SYSTEM_ADMIN})
_KINDS = {
    SmsTemplate.VERIFICATION_CODE: N_("验证码"),
    SmsTemplate.TEMPORARY_PASSWORD: N_("临时密码"),
    SmsTemplate.PASSWORD_LINK: N_("设置密码链接"),
    SmsTemplate.ACCOUNT_CREATED: N_("账号开通"),
    SmsTemplate.PHONE_CHANGED: N_("手机号变更"),
    SmsTemplate.ACCOUNT_NOTICE: N_("账号安全提醒"),
}
_FAULTS = {
    "sms_unavailable": N_("短信服务暂时不可用"),
    "sms_refused": N_("短信服务拒绝发送"),
    "sms_answer": N_("短信服务的应答无法识别"),
}


def _query() -> Select[Any]:
    return select(OutgoingMessage).where(OutgoingMessage.template != DECOY)


def _kind(row: OutgoingMessage) -> str:
    return gettext(_KINDS[SmsTemplate[row.template]])


def _state(row: OutgoingMessage) -> Cell:
    if row.sent_at and row.provider_reference == OUTBOX_REFERENCE:
        return Cell(gettext("已存入发件箱"), "blue")
    if row.sent_at:
        return Cell(gettext("已发送"), "green")
    if row.failure:
        return Cell(gettext(_FAULTS.get(row.failure, row.failure)), "red")
    return Cell(gettext("待发送"), "yellow")


def _reference(row: OutgoingMessage) -> str:
    return "" if row.provider_reference in (None, OUTBOX_REFERENCE) else str(row.provider_reference)


def _by_kind(query: Select[Any], value: str) -> Select[Any]:
    return query.where(OutgoingMessage.template == value)


def _by_state(query: Select[Any], value: str) -> Select[Any]:
    return query.where(OutgoingMessage.sent_at.is_not(None) if value == "sent" else OutgoingMessage.sent_at.is_(None))


def _by_day(query: Select[Any], value: date) -> Select[Any]:
    start, end = day_bounds(value, zone())
    return query.where(OutgoingMessage.created_at >= start, OutgoingMessage.created_at < end)


SCREEN = Screen(
    title=N_("短信发件箱"),
    roles=READERS,
    query=_query,
    order=(OutgoingMessage.id,),
    columns=(
        ListColumn("created_at", N_("时间"), lambda row: moment_text(row.created_at), kind="datetime"),
        ListColumn("phone", N_("手机号"), lambda row: mask_phone(row.phone), kind="mono"),
        ListColumn("kind", N_("短信类型"), _kind),
        ListColumn("state", N_("状态"), _state, kind="status"),
        ListColumn("sent_at", N_("发送时间"), lambda row: moment_text(row.sent_at), kind="datetime"),
        ListColumn("attempts", N_("发送次数"), lambda row: str(row.attempts), kind="number"),
        ListColumn("reference", N_("回执编号"), _reference, kind="mono"),
    ),
    filters=(
        Filter("day", N_("日期"), _by_day, "date"),
        Filter("kind", N_("短信类型"), _by_kind, "select", lambda: [(key.name, text) for key, text in _KINDS.items()]),
        Filter("state", N_("状态"), _by_state, "select", lambda: [("sent", N_("已发送")), ("waiting", N_("待发送"))]),
    ),
    lead=N_("短信内容含有验证码和密码，查看须写明原因并会被记录。"),
    empty_title=N_("没有短信"),
    empty_hint=N_("系统发出的验证码、密码等短信会出现在这里。"),
    export_roles=frozenset(),
    has_detail=False,
)


class OutboxView(ScreenView):
    """Messages are read one by one, each for a reason."""

    route_base = "/outbox"
    screen = SCREEN

    def row_links(self, row: OutgoingMessage) -> Sequence[Link]:
        return [Link(gettext("查看完整"), url_for("RevealView.ask", subject="message", key=row.id), style="quiet")]


def _full(row: OutgoingMessage) -> list[Revealed]:
    return [Revealed(N_("手机号"), row.phone), Revealed(N_("短信内容"), message_of(row).text)]


def register(appbuilder: AppBuilder) -> None:
    """Add the screen, and messages to what can be seen in full."""
    reveal.add_subject("message", OutgoingMessage, _full, READERS)
    appbuilder.add_view(
        OutboxView(), "OutboxView", label=SCREEN.title, category="accounts", category_label=N_("账号与权限")
    )
