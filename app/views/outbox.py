"""「短信发件箱」: what was sent or waits to be, for the system administrator (Z-A8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import current_app, url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext
from sqlalchemy import Select, select

from app.clock import day_bounds
from app.domain.labels import N_
from app.domain.masking import mask_phone
from app.domain.roles import Role
from app.gateways.sms import SmsTemplate
from app.models import MessageState, OutgoingMessage
from app.services.message_receipts import UNDELIVERED
from app.services.messages import DECOY, HELD, OUTBOX_REFERENCE, TOO_LATE, message_of, resend
from app.services.reveal import Revealed
from app.views import reveal, sms_receipts
from app.views.declarations import Filter, ListColumn, RowAction, Screen
from app.views.first_page import WAITING, Waiting
from app.views.format import label_text, moment_text, zone
from app.views.identity import account
from app.views.listing import capped_count, count_text
from app.views.operation_log import ACTIONS
from app.views.page import Cell, Figure, Link
from app.views.screen_view import ScreenView
from config import DEMO_ENVIRONMENTS

READERS = frozenset({Role.SYSTEM_ADMIN})
_KINDS = {
    SmsTemplate.VERIFICATION_CODE: N_("验证码"),
    SmsTemplate.TEMPORARY_PASSWORD: N_("临时密码"),
    SmsTemplate.PASSWORD_LINK: N_("设置密码链接"),
    SmsTemplate.ACCOUNT_CREATED: N_("账号开通"),
    SmsTemplate.PASSWORD_RENEWED: N_("重置密码"),
    SmsTemplate.PHONE_CHANGED: N_("手机号变更"),
    SmsTemplate.CODE_PHONE_CHANGED: N_("健康码手机号变更"),
    SmsTemplate.CODE_OF_RELATIVE: N_("为家人申领健康码"),
    SmsTemplate.MANUAL_EVIDENCE_ALARM: N_("赋码报警"),
    SmsTemplate.DECLARED_ORIGIN_ALARM: N_("赋码报警"),
    SmsTemplate.ACCOUNT_NOTICE: N_("账号安全提醒"),
}
_ALARMS = (SmsTemplate.MANUAL_EVIDENCE_ALARM, SmsTemplate.DECLARED_ORIGIN_ALARM)
_FAULTS = {
    "sms_unavailable": N_("短信服务暂时不可用"),
    "sms_refused": N_("短信服务拒绝发送"),
    "sms_answer": N_("短信服务的应答无法识别"),
    UNDELIVERED: N_("运营商未能送达"),
    HELD: N_("已达发送上限，稍后自动发送"),
    TOO_LATE: N_("超过有效期，未再发送"),
}
_TONES = {
    MessageState.QUEUED: "yellow",
    MessageState.STORED: "blue",
    MessageState.SENT: "blue",
    MessageState.DELIVERED: "green",
    MessageState.FAILED: "red",
}
_HELD = "HELD"  # in the filter, beside the states


def _query() -> Select[Any]:
    return select(OutgoingMessage).where(OutgoingMessage.template != DECOY)


def _kind(row: OutgoingMessage) -> str:
    return gettext(_KINDS[SmsTemplate[row.template]])


def _state(row: OutgoingMessage) -> Cell:
    return Cell(label_text(row.state), _TONES[row.state])


def _reason(row: OutgoingMessage) -> str:
    """Why the message is not on its way, with the provider's own words where it gave some."""
    text = gettext(_FAULTS.get(row.failure, row.failure)) if row.failure else ""
    return text + gettext("（%(note)s）", note=row.failure_note) if row.failure_note else text


def held() -> Select[Any]:
    """The messages that wait because too many went out already."""
    return select(OutgoingMessage.id).where(
        OutgoingMessage.state == MessageState.QUEUED, OutgoingMessage.failure == HELD
    )


def _reference(row: OutgoingMessage) -> str:
    return "" if row.provider_reference in (None, OUTBOX_REFERENCE) else str(row.provider_reference)


def _by_kind(query: Select[Any], value: str) -> Select[Any]:
    alarms = [template.name for template in _ALARMS]
    return query.where(OutgoingMessage.template.in_(alarms if value in alarms else [value]))


def _kinds() -> list[tuple[str, str]]:
    return [(key.name, text) for key, text in _KINDS.items() if key is not SmsTemplate.DECLARED_ORIGIN_ALARM]


def _by_state(query: Select[Any], value: str) -> Select[Any]:
    if value == _HELD:
        return query.where(OutgoingMessage.state == MessageState.QUEUED, OutgoingMessage.failure == HELD)
    return query.where(OutgoingMessage.state == MessageState[value])


def _states() -> list[tuple[str, str]]:
    return [*((state.name, state.label) for state in MessageState), (_HELD, N_("暂缓发送"))]


def _by_day(query: Select[Any], value: date) -> Select[Any]:
    start, end = day_bounds(value, zone())
    return query.where(OutgoingMessage.created_at >= start, OutgoingMessage.created_at < end)


def _figures() -> list[Figure]:
    """What needs somebody's eye: messages held back, and those that failed."""
    counted = {
        _HELD: (N_("暂缓发送"), held()),
        MessageState.FAILED.name: (N_("发送失败"), _by_state(select(OutgoingMessage.id), MessageState.FAILED.name)),
    }
    figures = []
    for key, (label, query) in counted.items():
        if count := capped_count(query):
            url = url_for("OutboxView.list", state=key)
            figures.append(Figure(gettext(label), count_text(count), "red", url))
    return figures


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
        ListColumn("reason", N_("原因"), _reason),
        ListColumn("sent_at", N_("发送时间"), lambda row: moment_text(row.sent_at), kind="datetime"),
        ListColumn("delivered_at", N_("送达时间"), lambda row: moment_text(row.delivered_at), kind="datetime"),
        ListColumn("attempts", N_("发送次数"), lambda row: str(row.attempts), kind="number"),
        ListColumn("reference", N_("回执编号"), _reference, kind="mono"),
    ),
    filters=(
        Filter("day", N_("日期"), _by_day, "date"),
        Filter("kind", N_("短信类型"), _by_kind, "select", _kinds),
        Filter("state", N_("状态"), _by_state, "select", _states),
    ),
    actions=(
        RowAction(
            "resend",
            N_("重新发送"),
            lambda row, _form, _actor: resend(row, account=account()),
            READERS,
            done=N_("已重新排队发送"),
            confirm=N_("确定重新发送这条短信吗？"),
            visible=lambda row: row.state is MessageState.FAILED,
        ),
    ),
    figures=lambda: _figures(),
    lead=N_("查看短信内容须写明原因并会被记录；正式环境中验证码、密码和链接不显示。"),
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
        full = Link(gettext("查看完整"), url_for("RevealView.ask", subject="message", key=row.id), style="quiet")
        return [*super().row_links(row), full]


def _full(row: OutgoingMessage) -> list[Revealed]:
    message = message_of(row)
    is_open = current_app.config["ENVIRONMENT"] in DEMO_ENVIRONMENTS
    text = message.text if is_open else message.hidden_text
    return [Revealed(N_("手机号"), row.phone), Revealed(N_("短信内容"), text)]


def register(appbuilder: AppBuilder) -> None:
    """Add the screen, and messages to what can be seen in full."""
    sms_receipts.register(appbuilder)
    ACTIONS["resend_message"] = N_("重新发送短信")
    WAITING.append(
        Waiting(N_("短信超过发送上限，已暂缓"), READERS, held, "OutboxView.list", {"state": _HELD}, tone="red")
    )
    reveal.add_subject("message", OutgoingMessage, _full, READERS)
    appbuilder.add_view(
        OutboxView(), "OutboxView", label=SCREEN.title, category="accounts", category_label=N_("账号与权限")
    )
