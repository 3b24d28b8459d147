"""「批准」 and 「驳回」: what a second person does with what somebody else has proposed (X3, X4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from app.domain.labels import N_
from app.domain.roles import Role
from app.views.declarations import RowAction
from app.views.identity import account


class ReasonForm(FlaskForm):
    """A decision with its reason."""

    reason = TextAreaField(lazy_gettext("理由"), [InputRequired(lazy_gettext("请填写理由")), Length(max=200)])


def reasoned(service: Callable[..., Any]) -> Callable[[Any, Any, Any], None]:
    """A service that takes the row's number, a reason and the account, as an action performs it."""

    def perform(row: Any, form: ReasonForm, _actor: Any) -> None:
        service(row.id, reason=form.reason.data or "", account=account())

    return perform


def decisions(
    *,
    roles: frozenset[Role],
    approve: Callable[..., Any],
    reject: Callable[..., Any],
    is_decidable: Callable[[Any], bool],
    confirm: str,
    done: str,
) -> tuple[RowAction, RowAction]:
    """The two actions; `approve(number, account=…)` and `reject(number, reason=…, account=…)` are services."""

    def agree(row: Any, _form: Any, _actor: Any) -> None:
        approve(row.id, account=account())

    return (
        RowAction(
            "approve", N_("批准"), agree, roles, done=done, visible=is_decidable, confirm=confirm, style="primary"
        ),
        RowAction(
            "reject",
            N_("驳回"),
            reasoned(reject),
            roles,
            done=N_("已驳回"),
            form=lambda _row: ReasonForm(),
            visible=is_decidable,
        ),
    )
