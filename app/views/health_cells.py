"""How evidence, colours and their reasons read in the back office (X1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import get_locale, gettext
from sqlalchemy import Select

from app import clock
from app.domain.approval import Officer
from app.domain.areas import AreaLevel
from app.domain.colors import Color
from app.domain.documents import DocumentType
from app.domain.health import Reason
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.text import digits
from app.models import ChangeSet, ChangeSetState, Evidence, EvidenceState
from app.models.encryption import document_index
from app.services import areas, health_rules
from app.services.second_person import officer
from app.views.declarations import Filter
from app.views.format import label_text, moment_text
from app.views.identity import account
from app.views.page import Cell, Field
from app.views.person_filters import starts_with

NEAR_HOURS = 4
# Who works on evidence; who reads it too.
OFFICERS = frozenset({Role.CITY_ADMIN, Role.DISTRICT_ADMIN})
READERS = OFFICERS | {Role.AUDITOR}
MENU, MENU_LABEL = "health", N_("健康码管理")
_TONES = {
    EvidenceState.IN_FORCE: "red",
    EvidenceState.APPROVED: "red",
    EvidenceState.PROPOSED: "yellow",
    EvidenceState.WAITING: "yellow",
}


def color_cell(color: Color) -> Cell:
    """A colour in words, on its tint."""
    return Cell(gettext("%(color)s码", color=label_text(color)), tone=color.tone)


def change_text(name: str) -> str:
    """A change of colour as change sets write it: "GREEN>RED" reads 绿 → 红."""
    return " → ".join(label_text(Color[part]) for part in name.split(">"))


_CHANGE_TONES = {ChangeSetState.WAITING: "yellow", ChangeSetState.APPLIED: "green"}


def change_state(row: ChangeSet) -> Cell:
    """Where a change of many colours stands."""
    return Cell(label_text(row.state), tone=_CHANGE_TONES.get(row.state, "gray"))


def change_counts(row: ChangeSet) -> str:
    """How many people change from which colour to which."""
    parts = [f"{change_text(name)} {count:,}" for name, count in sorted(row.counts.items())]
    return gettext("；").join(parts) or gettext("没有人变色")


def kind_text(row: Evidence) -> str:
    """What the evidence is, with its level where it has one."""
    level = gettext("（%(note)s）", note=label_text(row.level)) if row.level else ""
    return label_text(row.kind) + level


def state_cell(row: Evidence) -> Cell:
    """Whether the evidence counts, waits, or is over."""
    if row.ended_at is not None:
        return Cell(gettext("已结束"), tone="gray")
    if row.state.counts and row.ends_at is not None and row.ends_at <= clock.now():
        return Cell(gettext("已到期"), tone="gray")
    return Cell(label_text(row.state), tone=_TONES.get(row.state, "gray"))


def owner_text(row: Any) -> str:
    """Which office answers for evidence or an appeal."""
    return areas.full_name(row.area_code, top=AreaLevel.CITY) + label_text(row.owner_role)


def ground_text(key: str | None) -> str:
    """A legal ground in the reader's language."""
    ground = health_rules.policy().ground(key) if key else None
    return ground.text.in_(get_locale()) if ground else ""


def ground_choices() -> list[tuple[str, str]]:
    """The legal grounds of the profile, for a drop-down."""
    return [(ground.key, ground.text.in_(get_locale())) for ground in health_rules.policy().grounds]


def evidence_fields(row: Evidence) -> list[Field]:
    """A piece of evidence as a record shows it, the person masked."""
    return [
        Field(gettext("姓名"), row.masked_name, is_masked=True),
        Field(gettext("证件号"), row.masked_document, is_masked=True),
        Field(gettext("依据类型"), kind_text(row)),
        Field(gettext("来源"), label_text(row.source_kind)),
        Field(gettext("状态"), state_cell(row).text),
        Field(gettext("责任单位"), owner_text(row)),
        Field(gettext("开始时间"), moment_text(row.began_at)),
        Field(gettext("结束时间"), moment_text(row.ended_at or row.ends_at)),
        Field(gettext("结束原因"), gettext(row.end_reason) if row.end_reason else ""),
        Field(gettext("录入时间"), moment_text(row.created_at)),
        Field(gettext("法律依据"), ground_text(row.ground), is_wide=True),
        Field(gettext("事由"), row.text or "", is_wide=True),
        Field(gettext("审批意见"), row.decision_reason or "", is_wide=True),
    ]


def reason_text(reason: Reason) -> str:
    """Why, in one sentence."""
    return reason.sentence.in_(get_locale())


def may_decide(
    proposer_id: int | None, area_code: str, owner: Role | None = None, *, deciders: frozenset[Role] = OFFICERS
) -> bool:
    """Whether the signed-in account may be the second person; the service decides, this only spares a button."""
    here = officer(account())
    is_own = proposer_id is not None and proposer_id == here.id
    covers = here.area_code is not None and area_code.startswith(here.area_code)
    is_ranked = owner is None or here.rank <= Officer(0, owner, area_code).rank
    return here.role in deciders and covers and not is_own and is_ranked


def time_left(moment: datetime | None) -> Cell:
    """How long until a deadline, marked where it is near or over."""
    if moment is None:
        return Cell("")
    minutes = int((moment - clock.now()).total_seconds() // 60)
    if minutes < 0:
        return Cell(gettext("已超时 %(hours)s 小时", hours=-minutes // 60), tone="red")
    hours, rest = divmod(minutes, 60)
    text = gettext("还剩 %(hours)s 小时 %(minutes)s 分", hours=hours, minutes=rest)
    return Cell(text, tone="yellow" if hours < NEAR_HOURS else "blue")


def near_deadline() -> datetime:
    """The moment up to which a deadline is marked as near."""
    return clock.now() + timedelta(hours=NEAR_HOURS)


def by_document() -> Filter:
    """「证件号码」: the whole number, found without reading any (blind index)."""

    def apply(query: Select[Any], value: str) -> Select[Any]:
        return query.where(Evidence.document_index.in_(indexes_of(value)))

    return Filter("document_number", N_("证件号码"), apply, placeholder=N_("请输入完整证件号码"))


def by_name() -> Filter:
    """「姓名」: the beginning of the name that came with the evidence."""

    def apply(query: Select[Any], value: str) -> Select[Any]:
        return query.where(starts_with(Evidence.name, value))

    return Filter("name", N_("姓名"), apply, placeholder=N_("请输入姓名"))


def indexes_of(number: str) -> Sequence[bytes]:
    """Where a document number would be found, whichever kind of document it is."""
    typed = digits(number).upper()
    return [document_index(kind.name, typed) for kind in DocumentType]
