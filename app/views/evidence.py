"""「健康码依据」 and 「待审批」: what colours people, proposed by one and approved by another (X1, X3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Select, select
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app import clock
from app.domain.documents import DocumentType
from app.domain.health import EvidenceKind
from app.domain.labels import N_
from app.domain.risk import RiskLevel
from app.models import Evidence, EvidenceSource, EvidenceState
from app.services import evidence, evidence_desk, look_ups
from app.services.audit import Actor
from app.services.evidence_desk import Proposal
from app.views.decisions import ReasonForm, decisions
from app.views.declarations import Creation, Filter, ListColumn, RowAction, Screen
from app.views.first_page import WAITING, Waiting
from app.views.format import label_text, moment_text
from app.views.health_cells import (
    MENU,
    MENU_LABEL,
    OFFICERS,
    READERS,
    by_document,
    by_name,
    evidence_fields,
    ground_choices,
    kind_text,
    may_decide,
    owner_text,
    state_cell,
    time_left,
)
from app.views.identity import account
from app.views.operation_log import ACTIONS, FIELDS
from app.views.page import DetailPage, Link, Section
from app.views.screen_view import ScreenView


class ProposalForm(FlaskForm):
    """「录入依据」: about whom, what, on which legal ground (issue 2.3)."""

    document_type = RadioField(
        lazy_gettext("证件类型"),
        choices=[(kind.name, lazy_gettext(kind.label)) for kind in DocumentType],
        default=DocumentType.ID_CARD.name,
    )
    document_number = StringField(lazy_gettext("证件号"), [InputRequired(lazy_gettext("请填写证件号")), Length(max=30)])
    name = StringField(lazy_gettext("姓名"), [InputRequired(lazy_gettext("请填写姓名")), Length(min=2, max=64)])
    kind = SelectField(
        lazy_gettext("依据类型"), choices=[(kind.name, lazy_gettext(kind.label)) for kind in EvidenceKind]
    )
    level = SelectField(
        lazy_gettext("风险等级"),
        choices=[("", lazy_gettext("不适用")), *((level.name, lazy_gettext(level.label)) for level in RiskLevel)],
        description=lazy_gettext("只有「中高风险地区旅居史」需要选择。"),
    )
    from_day = DateField(lazy_gettext("开始日期"), [InputRequired(lazy_gettext("请填写开始日期"))])
    until_day = DateField(lazy_gettext("结束日期"), [Optional()], description=lazy_gettext("留空时按规则的天数结束。"))
    ground = SelectField(lazy_gettext("法律依据"), [InputRequired(lazy_gettext("请选择法律依据"))])
    text = TextAreaField(
        lazy_gettext("事由"), [InputRequired(lazy_gettext("请写明事由（不超过 1000 字）")), Length(max=1000)]
    )


def _form() -> ProposalForm:
    form = ProposalForm()
    form.ground.choices = [("", gettext("请选择")), *ground_choices()]
    return form


def _propose(form: ProposalForm, _actor: Actor) -> Evidence:
    proposal = Proposal(
        document_type=DocumentType[form.document_type.data],
        document_number=form.document_number.data or "",
        name=form.name.data or "",
        kind=EvidenceKind[form.kind.data],
        level=RiskLevel[form.level.data] if form.level.data else None,
        from_day=form.from_day.data,
        until_day=form.until_day.data,
        ground=form.ground.data,
        text=form.text.data or "",
    )
    return evidence_desk.propose(proposal, account=account())


def _end(row: Evidence, form: ReasonForm, _actor: Actor) -> None:
    evidence_desk.end(row, reason=form.reason.data or "", account=account())


def _is_endable(row: Evidence) -> bool:
    return row.state.counts and row.ended_at is None and may_decide(None, row.area_code, row.owner_role)


def _is_decidable(row: Evidence) -> bool:
    is_open = row.state is EvidenceState.PROPOSED and row.approve_by is not None and row.approve_by > clock.now()
    return is_open and may_decide(row.brought_by_id, row.area_code)


def _by_state(query: Select[Any], value: str) -> Select[Any]:
    return query.where(Evidence.state == EvidenceState[value])


def _by_kind(query: Select[Any], value: str) -> Select[Any]:
    return query.where(Evidence.kind == EvidenceKind[value])


def _by_source(query: Select[Any], value: str) -> Select[Any]:
    return query.where(Evidence.source_kind == EvidenceSource[value])


def _subject(row: Evidence) -> str:
    return f"{row.masked_name} {row.masked_document} · {kind_text(row)}"


_PERSON = (
    ListColumn("name", N_("姓名"), lambda row: row.masked_name),
    ListColumn("document_number", N_("证件号码"), lambda row: row.masked_document, kind="mono"),
    ListColumn("kind", N_("依据类型"), kind_text),
)
_KIND = Filter("kind", N_("依据类型"), _by_kind, "select", lambda: [(each.name, each.label) for each in EvidenceKind])
_DECISIONS = decisions(
    roles=OFFICERS,
    approve=evidence.approve,
    reject=evidence.reject,
    is_decidable=_is_decidable,
    confirm=N_("批准后此人的健康码会立即变色。确定依据属实吗？"),
    done=N_("已批准，依据已生效"),
)

SCREEN = Screen(
    title=N_("健康码依据"),
    lead=N_("每一种颜色都来自这里的依据；人工录入的依据须写明法律依据，由另一人批准。"),
    roles=READERS,
    query=lambda: select(Evidence),
    order=(Evidence.id,),
    columns=(
        *_PERSON,
        ListColumn("source", N_("来源"), lambda row: label_text(row.source_kind)),
        ListColumn("state", N_("状态"), state_cell, kind="status"),
        ListColumn("began_at", N_("开始时间"), lambda row: moment_text(row.began_at), kind="datetime"),
        ListColumn("owner", N_("责任单位"), owner_text),
        ListColumn("created_at", N_("录入时间"), lambda row: moment_text(row.created_at), kind="datetime"),
    ),
    filters=(
        by_name(),
        by_document(),
        _KIND,
        Filter("state", N_("状态"), _by_state, "select", lambda: [(each.name, each.label) for each in EvidenceState]),
        Filter("source", N_("来源"), _by_source, "select", lambda: [(s.name, s.label) for s in EvidenceSource]),
    ),
    subject=_subject,
    creation=Creation(
        _form,
        _propose,
        OFFICERS,
        label=N_("录入依据"),
        done=N_("已提交，24 小时内由另一人批准后生效"),
        lead=N_("须由同级或上级的另一人在时限内批准，否则自动失效。"),
    ),
    actions=(
        RowAction(
            "end",
            N_("结束依据"),
            _end,
            OFFICERS,
            done=N_("依据已结束，颜色已更新"),
            form=lambda _row: ReasonForm(),
            visible=_is_endable,
            style="danger",
        ),
        *_DECISIONS,
    ),
    empty_title=N_("没有健康码依据"),
    export_name="evidence",
)

PROPOSALS = Screen(
    title=N_("待审批"),
    lead=N_("人工录入的依据，须由同级或上级的另一人批准；到时限未批准的自动失效。"),
    roles=READERS,
    query=lambda: select(Evidence).where(Evidence.state == EvidenceState.PROPOSED),
    order=(Evidence.id,),
    columns=(
        *_PERSON,
        ListColumn("text", N_("事由"), lambda row: row.text or ""),
        ListColumn("left", N_("剩余时间"), lambda row: time_left(row.approve_by), kind="status"),
        ListColumn("owner", N_("录入单位"), owner_text),
        ListColumn("created_at", N_("录入时间"), lambda row: moment_text(row.created_at), kind="datetime"),
    ),
    filters=(by_name(), by_document(), _KIND),
    subject=_subject,
    actions=_DECISIONS,
    empty_title=N_("没有待审批的依据"),
    empty_hint=N_("人工录入的依据提交后会出现在这里。"),
    export_name="proposals",
)


class _EvidenceScreen(ScreenView):
    def detail_page(self, row: Evidence, tab: str) -> DetailPage:  # noqa: ARG002 - one page has no tabs
        # Reasons are looked at: the person sees by which office (issue 2.3).
        look_ups.looked(row.document_index, account=account())
        return DetailPage(
            title=f"{row.masked_name} · {kind_text(row)}",
            status=state_cell(row),
            sections=[Section(gettext("依据"), evidence_fields(row))],
            links=[self.action_link(action, row) for action in self.usable_actions(row)],
            back=Link(gettext(self.screen.title), url_for(f"{self.endpoint}.list")),
        )


class EvidenceView(_EvidenceScreen):
    """All evidence of the area, whatever became of it."""

    route_base = "/evidence"
    screen = SCREEN


class ProposalView(_EvidenceScreen):
    """What waits for a second person."""

    route_base = "/evidence-proposals"
    screen = PROPOSALS


def _waiting() -> Select[Any]:
    return select(Evidence.id).where(Evidence.state == EvidenceState.PROPOSED, Evidence.approve_by > clock.now())


_ACTIONS = {
    "propose_evidence": N_("录入依据"),
    "approve_evidence": N_("批准依据"),
    "reject_evidence": N_("驳回依据"),
    "lapse_evidence": N_("依据超时未批，自动失效"),
    "bring_evidence": N_("依据生效"),
    "end_evidence": N_("结束依据"),
    "alarm_manual_evidence": N_("人工录入过多，已报警"),
    "alarm_declared_origins": N_("卡口填报赋码过多，已报警"),
    "look_up_person": N_("查看健康码依据"),
}
_SCREENS: Sequence[tuple[type[ScreenView], Screen]] = ((EvidenceView, SCREEN), (ProposalView, PROPOSALS))


def register(appbuilder: AppBuilder) -> None:
    """Add the screens, and what waits to the first page."""
    ACTIONS.update(_ACTIONS)
    FIELDS.update({"kind": N_("类型"), "state": N_("状态"), "ground": N_("法律依据")})
    for view, screen in _SCREENS:
        appbuilder.add_view(view(), view.__name__, label=screen.title, category=MENU, category_label=MENU_LABEL)
    WAITING.append(Waiting(N_("待审批的依据"), OFFICERS, _waiting, "ProposalView.list", {}))
