"""What the pages of an account show: its particulars, masked, and who changed it (Z-A7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from flask import url_for
from flask_babel import gettext

from app.domain.labels import N_
from app.domain.masking import mask_phone
from app.domain.roles import Role
from app.models import Account
from app.services import audit
from app.views.format import label_text, moment_text
from app.views.operation_log import log_rows
from app.views.page import Cell, DetailPage, EmptyState, Field, Link, Section, Tab


def state_cell(row: Account) -> Cell:
    return Cell(gettext("已启用"), "green") if row.active else Cell(gettext("已停用"), "gray")


def last_sign_in(row: Account) -> str:
    return moment_text(row.last_login.replace(tzinfo=UTC)) if row.last_login else ""


def compound_names(row: Account) -> str:
    return gettext("、").join(link.venue.name for link in row.venue_links)


def full_link(row: Account) -> Link:
    return Link(gettext("查看完整"), url_for("RevealView.ask", subject="account", key=row.id), style="quiet")


def _section(row: Account) -> Section:
    """What an account is, its phone masked."""
    fields = [
        Field(gettext("手机号"), mask_phone(row.username), is_masked=True),
        Field(gettext("姓名"), row.first_name),
        Field(gettext("角色"), label_text(row.role)),
        Field(gettext("管辖区域"), row.area.name if row.area else ""),
    ]
    if row.venue_kind is not None:
        fields.append(Field(gettext("行业"), label_text(row.venue_kind)))
    if row.role is Role.COMPOUND_ADMIN:
        fields.append(Field(gettext("小区名称"), compound_names(row)))
    fields += [
        Field(gettext("最近登录"), last_sign_in(row)),
        Field(gettext("密码修改时间"), moment_text(row.password_changed_at)),
        Field(gettext("临时密码到期时间"), moment_text(row.password_expires_at)),
    ]
    return Section(gettext("基本信息"), fields, reveal=full_link(row))


def account_page(row: Account, tab: str, *, links: Sequence[Link], endpoint: str, title: str) -> DetailPage:
    """The account with what may be done to it, or its operation log."""
    tabs = {"": N_("基本信息"), "log": N_("操作日志")}
    current = tab if tab in tabs else ""
    return DetailPage(
        title=row.first_name,
        status=state_cell(row),
        tabs=[
            Tab(gettext(label), url_for(f"{endpoint}.show", key=row.id, tab=key or None), key == current)
            for key, label in tabs.items()
        ],
        sections=() if current else (_section(row),),
        table=log_rows(audit.latest_about(row)) if current else None,
        empty=EmptyState(gettext("没有操作记录")) if current else None,
        links=links,
        back=Link(gettext(title), url_for(f"{endpoint}.list")),
    )
