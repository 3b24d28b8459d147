"""What the code page says, in the reader's language: colour, reasons with their rule, appeals, who looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import force_locale, gettext

from app.domain.colors import Color
from app.domain.health import Reason
from app.domain.masking import mask_name
from app.models import Appeal, AppealState
from app.scan_pages import rendering
from app.services import appeals, double_sightings, look_ups, relatives
from app.services.health_colors import PersonColor
from app.services.held_codes import ShownCode

_GROUP = 4
_LOOK_UPS_SHOWN = 10
_DOUBLES_SHOWN = 3


@dataclass(frozen=True)
class BriefCode:
    """One of several codes on a phone: the relation of a relative's, and the digits by which 何* and 何* are told apart."""

    masked_name: str
    relation: str
    last_digits: str
    url: str


@dataclass(frozen=True)
class AppealView:
    """An appeal: where it stands, until when it will be answered, and the answer."""

    state: str
    is_open: bool
    sent_at: str
    due_at: str
    is_overdue: bool
    answer: str


@dataclass(frozen=True)
class ReasonView:
    """Why: one sentence, what to do, when it ends (empty: nobody knows yet), by which version of the rules."""

    tone: str
    word: str
    sentence: str
    advice: str
    since: str
    ends_at: str
    version: str
    appeal_url: str
    appeals: tuple[AppealView, ...]


@dataclass(frozen=True)
class LookUpView:
    office: str
    looked_at: str


@dataclass(frozen=True)
class DoubleView:
    """The code was shown at two places at once."""

    first: str
    second: str


@dataclass(frozen=True)
class CodeView:
    """The code page. `groups` are the twelve digits as they are read out."""

    tone: str
    word: str
    hint: str
    masked_name: str
    groups: tuple[str, ...]
    server_now: str
    clock: str
    changes_at: str
    reasons: tuple[ReasonView, ...]
    settled: tuple[AppealView, ...]
    look_ups: tuple[LookUpView, ...]
    doubles: tuple[DoubleView, ...]


def choice(shown: Sequence[ShownCode], language: str) -> list[BriefCode]:
    """Return the choice between codes (「切换健康码」), a line each."""
    relations = relatives.relations(shown)
    with force_locale(language):
        return [
            BriefCode(
                masked_name=mask_name(one.name),
                relation=gettext(relations[one.relative_id].label) if one.relative_id in relations else "",
                last_digits=one.number[-_GROUP:],
                url=url_for("code.show", held_id=one.id),
            )
            for one in shown
        ]


def code_view(shown: ShownCode, colored: PersonColor, moment: datetime, language: str) -> CodeView:
    """Return the page of a code at `moment`."""
    now = moment.astimezone(rendering.profile().zone)
    sent = list(appeals.of_person(shown.document_index))
    held = {reason.fact_key for reason in colored.reasons}
    with force_locale(language):
        return CodeView(
            tone=colored.color.tone,
            word=rendering.color_word(colored.color),
            hint=_hint(colored.color, language),
            masked_name=mask_name(shown.name),
            groups=tuple(shown.number[at : at + _GROUP] for at in range(0, len(shown.number), _GROUP)),
            server_now=now.isoformat(timespec="seconds"),
            clock=_minute(moment, seconds=True),
            changes_at=_minute(colored.changes_at) if colored.changes_at else "",
            reasons=tuple(_reason(one, shown, sent, moment, language) for one in colored.reasons),
            settled=tuple(_appeal(one, moment) for one in sent if one.evidence_id not in held),
            look_ups=tuple(
                LookUpView(one.office, _minute(one.looked_at))
                for one in look_ups.of_person(shown.document_index, most=_LOOK_UPS_SHOWN)
            ),
            doubles=tuple(
                DoubleView(
                    f"{_minute(one.first_seen_at, seconds=True)} {one.first_place}",
                    f"{_minute(one.second_seen_at, seconds=True)} {one.second_place}",
                )
                for one in double_sightings.of_person(shown.document_index, most=_DOUBLES_SHOWN)
            ),
        )


def _hint(color: Color, language: str) -> str:
    """What to do: of the colour itself; the reasons add theirs."""
    hints = rendering.profile().codes.hints
    return hints[color].in_(language) if color in hints else ""


def _reason(reason: Reason, shown: ShownCode, sent: list[Appeal], moment: datetime, language: str) -> ReasonView:
    own = [appeal for appeal in sent if appeal.evidence_id == reason.fact_key]
    is_waiting = any(appeal.state is AppealState.OPEN for appeal in own)
    url = url_for("code.appeal", held_id=shown.id, evidence_id=reason.fact_key)
    return ReasonView(
        tone=reason.color.tone,
        word=rendering.color_word(reason.color),
        sentence=reason.sentence.in_(language),
        advice=reason.advice.in_(language),
        since=_minute(reason.began_at),
        ends_at=_minute(reason.ends_at) if reason.ends_at else "",
        version=reason.version,
        appeal_url="" if is_waiting else url,
        appeals=tuple(_appeal(appeal, moment) for appeal in own),
    )


def _appeal(appeal: Appeal, moment: datetime) -> AppealView:
    return AppealView(
        state=gettext(appeal.state.label),
        is_open=appeal.state is AppealState.OPEN,
        sent_at=_minute(appeal.created_at),
        due_at=_minute(appeal.due_at),
        is_overdue=appeal.is_overdue(moment),
        answer=appeal.answer or "",
    )


def _minute(moment: datetime, *, seconds: bool = False) -> str:
    """The moment on the region's clock."""
    local = moment.astimezone(rendering.profile().zone).replace(tzinfo=None)
    return local.isoformat(" ", "seconds" if seconds else "minutes")
