"""「小区居民管理」 (Z-R1 to Z-R9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import current_app, url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.domain.labels import N_
from app.domain.quarantine import QuarantineStatus, days_in_quarantine
from app.domain.roles import Role
from app.models import Person, Residency, Venue
from app.services import quarantine, residents
from app.views.declarations import Creation, Filter, ListColumn, Screen
from app.views.form_sections import person_section, return_section
from app.views.format import (
    date_text,
    label_text,
    moment_text,
    profile,
    quarantine_cell,
    today,
    tone,
    yes_no,
)
from app.views.identity import current_venue_id
from app.views.operation_log import log_rows
from app.views.page import Cell, Column, DetailPage, EmptyState, Field, Link, Row, Section, Tab
from app.views.person_color import health_section
from app.views.person_filters import by_document, by_name, by_phone
from app.views.resident_actions import ACTIONS, AREA_MANAGERS, MANAGERS
from app.views.resident_form import create, empty_form
from app.views.screen_view import ScreenView

_DAY = timedelta(days=1)
TOMORROW = "tomorrow"
_ENDS = ((TOMORROW, N_("明日期满")), ("over", N_("已经期满")))


def _status_cell(row: Residency) -> Cell:
    return quarantine_cell(row.status) if row.is_active else Cell(gettext("已解除关联"), tone="gray")


def _days(row: Residency) -> str:
    if row.quarantine_since is None or row.status in (QuarantineStatus.NOT_REQUIRED, QuarantineStatus.RELEASED):
        return ""
    return str(days_in_quarantine(row.quarantine_since, today()))


def _row_tone(row: Residency) -> str:
    return tone(row.color_on(today(), profile().quarantine)) if row.is_active else ""


def _query() -> Select[Any]:
    return select(Residency).options(
        joinedload(Residency.person, innerjoin=True), joinedload(Residency.venue, innerjoin=True)
    )


def by_status(query: Select[Any], value: str) -> Select[Any]:
    return query.where(Residency.status == QuarantineStatus[value])


def _by_ended(query: Select[Any], value: bool) -> Select[Any]:
    return query if value else query.where(Residency.ended_at.is_(None))


def by_end(query: Select[Any], value: str) -> Select[Any]:
    """Narrow to those whose confirmed quarantine ends tomorrow, or whose days are over already (Z-R11)."""
    ends = quarantine.ending_on(today() + _DAY) if value == TOMORROW else quarantine.over_by(today())
    return query.where(ends)


def _by_compound(query: Select[Any], value: str) -> Select[Any]:
    return query.where(Residency.venue_id.in_(select(Venue.id).where(Venue.name.contains(value, autoescape=True))))


SCREEN = Screen(
    title=N_("小区居民管理"),
    roles=MANAGERS,
    query=_query,
    order=(Residency.id,),
    by_compound=True,
    columns=(
        ListColumn("name", N_("姓名"), lambda row: row.person.name),
        ListColumn(
            "document_number",
            N_("证件号码"),
            lambda row: row.person.masked_document,
            kind="mono",
            full=lambda row: row.person.document_number,
        ),
        ListColumn(
            "phone", N_("联系电话"), lambda row: row.person.masked_phone, kind="mono", full=lambda row: row.person.phone
        ),
        ListColumn("venue", N_("所属小区"), lambda row: row.venue.name, roles=AREA_MANAGERS),
        ListColumn("status", N_("隔离状态"), _status_cell, kind="status"),
        ListColumn("since", N_("隔离开始日期"), lambda row: date_text(row.quarantine_since), kind="datetime"),
        ListColumn("days", N_("隔离天数"), _days, kind="number"),
        ListColumn("created_at", N_("登记时间"), lambda row: moment_text(row.created_at), kind="datetime"),
    ),
    filters=(
        by_name(Residency),
        by_document(Residency),
        by_phone(Residency),
        Filter("status", N_("隔离状态"), by_status, "select", lambda: [(s.name, s.label) for s in QuarantineStatus]),
        Filter("ends", N_("隔离期满"), by_end, "select", lambda: _ENDS),
        Filter("compound", N_("小区名称"), _by_compound, placeholder=N_("请输入小区名称"), roles=AREA_MANAGERS),
        Filter("with_ended", N_("显示已删除关联人员"), _by_ended, "checkbox"),
    ),
    row_tone=_row_tone,
    subject=lambda row: f"{row.person.name} {row.person.masked_document}",
    actions=ACTIONS,
    creation=Creation(
        form=empty_form,
        perform=create,
        roles=frozenset({Role.COMPOUND_ADMIN}),
        lead=N_("录入已掌握的居家隔离人员，与本人扫码登记的内容相同。"),
    ),
    empty_title=N_("还没有居民"),
    empty_hint=N_(
        "居民扫描小区二维码登记后会出现在这里；也可以点击「新建」录入已掌握的人员，或「清除」查询条件查看全部。"
    ),
    export_name="residents",
    full_export_roles=MANAGERS,
    export_reads=(
        Residency.status,
        Residency.quarantine_since,
        Residency.created_at,
        Residency.ended_at,
        Person.name,
        Person.document_number,
        Person.phone,
        Venue.name,
    ),
)


class ResidentView(ScreenView):
    """Adds the poster to the toolbar and the three tabs to the record."""

    route_base = "/residents"
    screen = SCREEN

    def toolbar(self) -> Sequence[Link]:
        links = list(super().toolbar())
        if (venue_id := current_venue_id()) is not None and "PosterView.show" in current_app.view_functions:
            links.append(Link(gettext("二维码下载"), url_for("PosterView.show", key=venue_id)))
        return links

    def detail_page(self, row: Residency, tab: str) -> DetailPage:
        tabs = {"": N_("基本信息"), "abnormal": N_("异常信息"), "log": N_("操作日志")}
        current = tab if tab in tabs else ""
        sections, table, empty = self._tab(row, current)
        return DetailPage(
            title=row.person.name,
            status=_status_cell(row),
            tabs=[
                Tab(gettext(label), url_for(f"{self.endpoint}.show", key=row.id, tab=key or None), key == current)
                for key, label in tabs.items()
            ],
            sections=sections,
            table=table,
            empty=empty,
            links=[self.action_link(action, row) for action in self.usable_actions(row)],
            back=Link(gettext(SCREEN.title), url_for(f"{self.endpoint}.list")),
        )

    def _tab(
        self, row: Residency, tab: str
    ) -> tuple[Sequence[Section], tuple[Sequence[Column], Sequence[Row]] | None, EmptyState | None]:
        if tab == "abnormal":
            return (
                (),
                _abnormal_table(row),
                EmptyState(gettext("没有异常记录"), gettext("隔离期间外出、在其他小区被拒绝的扫码会出现在这里。")),
            )
        if tab == "log":
            return (), log_rows(residents.operation_log(row)), EmptyState(gettext("没有操作记录"))
        return _basic_sections(row), None, None


def _basic_sections(row: Residency) -> Sequence[Section]:
    return (
        person_section(row.person, row.registration, name=row.person.name, subject="residency", key=row.id),
        health_section(row),
        return_section(row.registration),
        Section(
            gettext("隔离信息"),
            [
                Field(gettext("隔离状态"), label_text(row.status)),
                Field(gettext("隔离开始日期"), date_text(row.quarantine_since)),
                Field(gettext("隔离天数"), _days(row)),
                Field(gettext("重点地区返回"), yes_no(row.is_key_area)),
                Field(gettext("原因"), gettext(row.status_reason) if row.status_reason else ""),
                Field(gettext("所属小区"), row.venue.name),
                Field(gettext("登记时间"), moment_text(row.created_at)),
                Field(gettext("解除关联时间"), moment_text(row.ended_at)),
                Field(gettext("解除关联备注"), row.ended_remark or ""),
            ],
        ),
    )


def _abnormal_table(row: Residency) -> tuple[Sequence[Column], Sequence[Row]] | None:
    rows = [
        Row(
            key=str(entry.id),
            cells=[
                Cell(moment_text(entry.recorded_at)),
                Cell(gettext("隔离期间外出"), "red")
                if entry.is_breach
                else Cell(gettext("非本小区人员，禁止入内"), "yellow"),
                Cell(entry.venue.name),
                Cell(label_text(entry.source)),
            ],
        )
        for entry in residents.abnormal_entries(row)
    ]
    columns = [
        Column("recorded_at", gettext("时间"), "datetime"),
        Column("kind", gettext("异常类型"), "status"),
        Column("venue", gettext("地点")),
        Column("source", gettext("登记来源")),
    ]
    return (columns, rows)


def register(appbuilder: AppBuilder) -> None:
    """Add the screens of this module."""
    appbuilder.add_view(
        ResidentView(), "ResidentView", label=SCREEN.title, category="compound", category_label=N_("小区后台管理")
    )
