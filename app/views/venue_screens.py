"""What the lists of venues share: the poster beside each, and closing and reopening them (Z-R9)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import url_for
from flask_babel import gettext
from wtforms import Form

from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.sectors import CodeState
from app.models import Venue
from app.services import venues
from app.services.audit import Actor
from app.views.declarations import Filter, ListColumn, RowAction
from app.views.format import moment_text
from app.views.page import Cell, Link
from app.views.screen_view import ScreenView

Roles = frozenset[Role]


def is_usable(row: Venue) -> bool:
    """Whether the venue's poster is of use."""
    return row.is_open and row.code_state is not CodeState.REVOKED


class PosterListView(ScreenView):
    """Each venue of use has its poster beside it."""

    def row_links(self, row: Venue) -> Sequence[Link]:
        links = list(super().row_links(row))
        if is_usable(row):
            links.insert(0, Link(gettext("二维码下载"), url_for("PosterView.show", key=row.id), modal=True))
        return links


def _state(row: Venue) -> Cell:
    return Cell(gettext("已启用"), tone="green") if row.is_open else Cell(gettext("已停用"), tone="gray")


STATE_COLUMNS = (
    ListColumn("state", N_("状态"), _state, kind="status"),
    ListColumn("created_at", N_("创建时间"), lambda row: moment_text(row.created_at), kind="datetime"),
)


def name_filter(label: str, placeholder: str = "") -> Filter:
    """Return the search by a part of the name."""
    return Filter(
        "name",
        label,
        lambda query, value: query.where(Venue.name.contains(value, autoescape=True)),
        placeholder=placeholder,
    )


def edit_action(
    form: Callable[[Venue], Form], perform: Callable[[Venue, Form, Actor], None], roles: Roles
) -> RowAction:
    """Return 「编辑」 of an open venue."""
    return RowAction(
        "edit",
        N_("编辑"),
        perform,
        roles,
        done=N_("已保存"),
        form=form,
        visible=is_usable,
        submit_label=N_("保存"),
    )


def closing_actions(roles: Roles, *, confirm: str) -> tuple[RowAction, RowAction]:
    """Return 「停用」 and 「重新启用」."""
    close = RowAction(
        "close",
        N_("停用"),
        lambda row, _form, actor: venues.close(row, actor=actor),
        roles,
        done=N_("已停用"),
        visible=lambda row: row.is_open,
        confirm=confirm,
        style="danger",
    )
    reopen = RowAction(
        "reopen",
        N_("重新启用"),
        lambda row, _form, actor: venues.reopen(row, actor=actor),
        roles,
        done=N_("已重新启用，原来张贴的二维码可以继续使用"),
        visible=lambda row: not row.is_open,
        confirm=N_("确定重新启用吗？原来张贴的二维码又可以登记了。"),
    )
    return close, reopen
