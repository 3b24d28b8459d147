"""What a code's page says of relatives (F-P4): who applied for whom, what was declared, and the way to the other codes."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import force_locale, gettext

from app.domain.colors import Color
from app.domain.labels import N_
from app.domain.masking import mask_name
from app.domain.relatives import risky_answers
from app.models import Relative
from app.scan_pages import rendering
from app.services import held_codes, relatives
from app.services.held_codes import ShownCode

_BY_ANOTHER = N_(
    "%(name)s于 %(day)s 将您作为家人申领（%(relation)s），可在其手机上出示您的健康码。"
    "如未经您同意，请携带证件到所在社区更换手机号。"
)


@dataclass(frozen=True)
class RelativeView:
    """`told`: who applied for the code's owner; `declared`: the questions then answered by 是 that are a risk.

    Empty where nobody applied, as the addresses are where the page leads nowhere.
    """

    told: str = ""
    declared: tuple[str, ...] = ()
    apply_url: str = ""
    switch_url: str = ""


def relative_view(shown: ShownCode, device_index: bytes, *, color: Color, language: str) -> RelativeView:
    """Return it for the code on this phone; nothing where the region has no codes for relatives."""
    policy = relatives.policy()
    if policy is None:
        return RelativeView()
    row = relatives.about(shown.person_id)
    with force_locale(language):
        return RelativeView(
            told=_told(row, shown) if row else "",
            declared=tuple(
                one.text.in_(language) for one in risky_answers(policy.questions, row.answers if row else {})
            ),
            apply_url=url_for("code.ask_for_relative", held_id=shown.id) if relatives.may_apply(shown, color) else "",
            switch_url=url_for("code.start") if len(held_codes.held_on(device_index)) > 1 else "",
        )


def _told(row: Relative, shown: ShownCode) -> str:
    at = row.created_at.astimezone(rendering.profile().zone).date().isoformat()
    relation = gettext(row.relation.label)
    if not shown.is_own:
        return str(gettext("您于 %(day)s 为这位家人申领（%(relation)s）。", day=at, relation=relation))
    words = {"day": at, "name": mask_name(row.applicant.name), "relation": relation}
    return str(gettext(_BY_ANOTHER, **words))
