"""What is done to a resident: the manual's operations, each one service function (Z-R3 to Z-R7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.quarantine import QuarantineAction, allowed_actions, days_left
from app.domain.roles import Role
from app.models import Residency
from app.services import quarantine, residents
from app.services.audit import Actor
from app.views.declarations import RowAction
from app.views.format import profile, today
from app.views.resident_form import correct, filled_form

AREA_MANAGERS = frozenset({Role.CITY_ADMIN, Role.DISTRICT_ADMIN, Role.STREET_ADMIN, Role.COMMUNITY_ADMIN})
MANAGERS = AREA_MANAGERS | {Role.COMPOUND_ADMIN}


class ReleaseForm(FlaskForm):
    """「解除隔离」 (Z-R3)."""

    reason = TextAreaField(
        lazy_gettext("解除隔离原因"), [InputRequired(lazy_gettext("请填写解除隔离原因")), Length(max=200)]
    )
    has_health_certificate = BooleanField(
        lazy_gettext("是否已提交健康证明"), [InputRequired(lazy_gettext("请确认是否已提交健康证明"))]
    )


class LeaveForm(FlaskForm):
    """「未在本小区」 (Z-R6): which of the person's compounds, and a remark."""

    residency_id = SelectField(lazy_gettext("所属小区"), coerce=int)
    remark = TextAreaField(lazy_gettext("备注"), [Length(max=200)])


def leave_form(row: Residency) -> LeaveForm:
    form = LeaveForm()
    ties = residents.active_ties(row.person_id)
    form.residency_id.choices = [(tie.id, tie.venue.name) for tie in ties]
    if not form.is_submitted():
        form.residency_id.data = row.id
    return form


def leave(row: Residency, form: LeaveForm, actor: Actor) -> None:
    chosen = next((tie for tie in residents.active_ties(row.person_id) if tie.id == form.residency_id.data), None)
    if chosen is None:
        raise DomainError(N_("请选择所属小区"), code="tie", field="residency_id")
    residents.end_residency(chosen, remark=form.remark.data or "", actor=actor)


def release(row: Residency, form: ReleaseForm, actor: Actor) -> None:
    quarantine.release(
        row, reason=form.reason.data or "", has_health_certificate=form.has_health_certificate.data, actor=actor
    )


def release_notes(row: Residency) -> Sequence[str]:
    """Return 「此人隔离期 14 天」 for somebody from a key area, with the days left and what they mean (Z-R3)."""
    if not row.is_key_area:
        return ()
    days = profile().quarantine.days
    remaining = days_left(row.quarantine_since, today(), days=days)
    if not remaining:
        return [gettext("此人隔离期 %(days)s 天，已经期满", days=days)]
    # What the server will answer, said before anything is typed.
    return [
        gettext("此人隔离期 %(days)s 天，还剩 %(days_left)s 天，期满前不能解除隔离", days=days, days_left=remaining)
    ]


def _allows(action: QuarantineAction) -> Callable[[Residency], bool]:
    return lambda row: row.is_active and action in allowed_actions(row.status)


ACTIONS = (
    RowAction(
        "confirm",
        N_("确认隔离"),
        lambda row, _form, actor: quarantine.confirm(row, actor),
        MANAGERS,
        done=N_("已确认隔离"),
        visible=_allows(QuarantineAction.CONFIRM),
        confirm=N_("确定此人已经处于隔离状态吗？"),
        style="primary",
    ),
    RowAction(
        "release",
        N_("解除隔离"),
        release,
        MANAGERS,
        done=N_("已解除隔离"),
        form=lambda _row: ReleaseForm(),
        visible=_allows(QuarantineAction.RELEASE),
        notes=release_notes,
    ),
    RowAction(
        "not_arrived",
        N_("未到本小区"),
        lambda row, _form, actor: quarantine.mark_not_arrived(row, actor),
        MANAGERS,
        done=N_("已标记为未到本小区"),
        visible=_allows(QuarantineAction.MARK_NOT_ARRIVED),
        confirm=N_("确定此人未到本小区或者无法联系上吗？"),
    ),
    RowAction(
        "leave",
        N_("未在本小区"),
        leave,
        MANAGERS,
        done=N_("已解除与该小区的关联"),
        form=leave_form,
        visible=lambda row: row.is_active,
        style="danger",
    ),
    RowAction("edit", N_("编辑"), correct, MANAGERS, done=N_("已保存"), form=filled_form, style="quiet"),
)
