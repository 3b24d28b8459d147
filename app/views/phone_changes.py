"""「健康码换手机号」: who came to the office with the document because the old phone is gone; two people (Z-H2, X3)."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Select, select
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length

from app import clock
from app.domain.documents import DocumentType, check_document, check_phone
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.text import clean
from app.models import PhoneChange, PhoneChangeState
from app.services import phone_changes
from app.services.audit import Actor
from app.services.phone_changes import OfficeRequest
from app.services.screening import account_names
from app.views.decisions import decisions
from app.views.declarations import Creation, Filter, ListColumn, Screen
from app.views.first_page import WAITING, Waiting
from app.views.format import label_text, moment_text, today
from app.views.health_cells import MENU, MENU_LABEL, indexes_of, may_decide, time_left
from app.views.identity import account
from app.views.operation_log import ACTIONS
from app.views.page import Cell, DetailPage, Field, Link, Section
from app.views.screen_view import ScreenView

OFFICES = frozenset({Role.CITY_ADMIN, Role.DISTRICT_ADMIN, Role.STREET_ADMIN, Role.COMMUNITY_ADMIN})
_TONES = {PhoneChangeState.PROPOSED: "yellow", PhoneChangeState.APPROVED: "green"}


class OfficeForm(FlaskForm):
    """「录入」: whose code, the new phone, and what the office has looked at."""

    document_type = RadioField(
        lazy_gettext("证件类型"),
        choices=[(kind.name, lazy_gettext(kind.label)) for kind in DocumentType],
        default=DocumentType.ID_CARD.name,
    )
    document_number = StringField(lazy_gettext("证件号"), [InputRequired(lazy_gettext("请填写证件号")), Length(max=30)])
    phone = StringField(lazy_gettext("新手机号"), [InputRequired(lazy_gettext("请填写新手机号")), Length(max=11)])
    seen = StringField(
        lazy_gettext("已核对的证件"),
        [
            InputRequired(lazy_gettext("请写明核对了什么证件")),
            Length(min=4, max=200, message=lazy_gettext("请写明核对了什么证件（4 至 200 个字）")),
        ],
        description=lazy_gettext("例如：本人持身份证原件到场，人证一致。"),
    )


def _propose(form: OfficeForm, _actor: Actor) -> PhoneChange:
    kind = DocumentType[form.document_type.data]
    wanted = OfficeRequest(
        document_type=kind,
        document_number=check_document(kind, clean(form.document_number.data or ""), today=today()),
        phone=check_phone(clean(form.phone.data or "")),
        seen=form.seen.data or "",
    )
    return phone_changes.propose(wanted, account=account())


def _is_decidable(row: PhoneChange) -> bool:
    is_open = row.state is PhoneChangeState.PROPOSED and row.approve_by > clock.now()
    return is_open and may_decide(row.proposed_by_id, row.area_code, deciders=OFFICES)


def _state(row: PhoneChange) -> Cell:
    if row.state is PhoneChangeState.PROPOSED and row.approve_by <= clock.now():
        return Cell(gettext("已失效"), tone="gray")
    return Cell(label_text(row.state), tone=_TONES.get(row.state, "gray"))


def _left(row: PhoneChange) -> Cell:
    return time_left(row.approve_by) if row.state is PhoneChangeState.PROPOSED else Cell("")


def _by_document(query: Select[Any], value: str) -> Select[Any]:
    return query.where(PhoneChange.document_index.in_(indexes_of(value)))


def _by_state(query: Select[Any], value: str) -> Select[Any]:
    return query.where(PhoneChange.state == PhoneChangeState[value])


SCREEN = Screen(
    title=N_("健康码换手机号"),
    lead=N_("原手机号已停用的居民持证件到场办理，须由另一人批准；批准后此码从所有手机上移除，用新手机号重新打开。"),
    roles=OFFICES | {Role.AUDITOR},
    query=lambda: select(PhoneChange),
    order=(PhoneChange.id,),
    columns=(
        ListColumn("name", N_("姓名"), lambda row: row.masked_name),
        ListColumn("document_number", N_("证件号码"), lambda row: row.masked_document, kind="mono"),
        ListColumn("phone", N_("新手机号"), lambda row: row.masked_phone, kind="mono"),
        ListColumn("state", N_("状态"), _state, kind="status"),
        ListColumn("left", N_("剩余时间"), _left, kind="status"),
        ListColumn("proposed_at", N_("提交时间"), lambda row: moment_text(row.proposed_at), kind="datetime"),
    ),
    filters=(
        Filter("document_number", N_("证件号码"), _by_document, placeholder=N_("请输入完整证件号码")),
        Filter(
            "state", N_("状态"), _by_state, "select", lambda: [(each.name, each.label) for each in PhoneChangeState]
        ),
    ),
    subject=lambda row: f"{row.masked_name} {row.masked_phone}",
    creation=Creation(
        OfficeForm,
        _propose,
        OFFICES,
        label=N_("录入"),
        done=N_("已提交，24 小时内由另一人批准后生效"),
        lead=N_("请核对本人和证件。须由同级或上级的另一人在时限内批准，否则自动失效。"),
    ),
    actions=decisions(
        roles=OFFICES,
        approve=phone_changes.approve,
        reject=phone_changes.reject,
        is_decidable=_is_decidable,
        confirm=N_("批准后此码从所有手机上移除，改用新手机号打开。确定已核对本人吗？"),
        done=N_("已批准，手机号已更换"),
    ),
    empty_title=N_("没有更换手机号的申请"),
    empty_hint=N_("持有原手机号的居民可在健康码页面自行更换。"),
    export_name="phone_changes",
)


class PhoneChangeView(ScreenView):
    """A request with what was looked at, and who decided."""

    route_base = "/phone-changes"
    screen = SCREEN

    def detail_page(self, row: PhoneChange, tab: str) -> DetailPage:  # noqa: ARG002 - one page has no tabs
        names = account_names((row.proposed_by_id, row.decided_by_id))
        facts = [
            Field(gettext("姓名"), row.masked_name, is_masked=True),
            Field(gettext("证件号码"), row.masked_document, is_masked=True),
            Field(gettext("新手机号"), row.masked_phone, is_masked=True),
            Field(gettext("已核对的证件"), row.seen, is_wide=True),
            Field(gettext("提交人"), names.get(row.proposed_by_id, "")),
            Field(gettext("提交时间"), moment_text(row.proposed_at)),
            Field(gettext("审批人"), names.get(row.decided_by_id or 0, "")),
            Field(gettext("审批时间"), moment_text(row.decided_at)),
            Field(gettext("审批意见"), row.decision_reason or "", is_wide=True),
        ]
        return DetailPage(
            title=row.masked_name,
            status=_state(row),
            sections=[Section(gettext("申请内容"), facts)],
            links=[self.action_link(action, row) for action in self.usable_actions(row)],
            back=Link(gettext(SCREEN.title), url_for("PhoneChangeView.list")),
        )


def _waiting() -> Select[Any]:
    return select(PhoneChange.id).where(
        PhoneChange.state == PhoneChangeState.PROPOSED, PhoneChange.approve_by > clock.now()
    )


def register(appbuilder: AppBuilder) -> None:
    """Add the screen, and what waits to the first page."""
    ACTIONS.update(
        {
            "change_code_phone": N_("更换健康码手机号"),
            "propose_phone_change": N_("申请更换健康码手机号"),
            "reject_phone_change": N_("驳回更换健康码手机号"),
        }
    )
    appbuilder.add_view(
        PhoneChangeView(), "PhoneChangeView", label=SCREEN.title, category=MENU, category_label=MENU_LABEL
    )
    WAITING.append(Waiting(N_("健康码换手机号"), OFFICES, _waiting, "PhoneChangeView.list", {"state": "PROPOSED"}))
