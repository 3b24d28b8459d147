"""One row of a screening list: its sheet's columns, its dispatch and status, its outcomes, its operation log."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext

from app.domain.areas import AreaLevel
from app.domain.labels import N_
from app.domain.screening import status_named
from app.models import ScreeningEntry
from app.services import areas, screening
from app.services.screening_list import ScreeningList
from app.views.format import label_text, moment_text
from app.views.operation_log import log_rows
from app.views.page import Cell, Column, DetailPage, EmptyState, Field, Link, Row, Section, Tab
from app.views.screening_columns import attention_cell, district_cell, risk_cell, standing_text, status_cell
from app.views.screening_person import person_table
from app.views.sites import here

_TABS = {"": N_("基本信息"), "outcomes": N_("排查记录"), "person": N_("人员卡片"), "log": N_("操作日志")}
Table = tuple[Sequence[Column], Sequence[Row]]


def detail_page(
    declared: ScreeningList, row: ScreeningEntry, tab: str, *, endpoint: str, links: Sequence[Link]
) -> DetailPage:
    """The page of a row, on one of its tabs."""
    current = tab if tab in _TABS else ""
    table: Table | None = None
    empty = None
    if current == "outcomes":
        table, empty = _outcome_table(row), EmptyState(gettext("还没有排查记录"))
    elif current == "person":
        table = person_table(row)
    elif current == "log":
        table, empty = log_rows(screening.operation_log(row)), EmptyState(gettext("没有操作记录"))
    return DetailPage(
        title=row.name or row.masked_phone or row.masked_document,
        status=status_cell(declared, row),
        tabs=[
            Tab(gettext(label), url_for(f"{endpoint}.show", key=row.id, tab=key or None), key == current)
            for key, label in _TABS.items()
        ],
        sections=() if current else _sections(declared, row),
        table=table,
        empty=empty,
        links=links,
        back=Link(gettext(declared.title), url_for(f"{endpoint}.list")),
    )


def _sections(declared: ScreeningList, row: ScreeningEntry) -> Sequence[Section]:
    sheet = [Field(gettext(p.label), p.shown, is_masked=p.is_masked) for p in screening.particulars(row)]
    has_masked = any(field.is_masked for field in sheet)
    ask = url_for(here("RevealView.ask"), subject=f"screening-{declared.key}", key=row.id)
    return (
        Section(gettext("人员信息"), sheet, reveal=Link(gettext("查看完整"), ask, modal=True) if has_masked else None),
        Section(
            gettext("排查信息"),
            [
                *_place(declared, row),
                Field(gettext("下发时间"), moment_text(row.dispatched_at)),
                Field(gettext(declared.status_label), label_text(status_named(row.kind, row.status))),
                Field(gettext("备注"), row.remark or "", is_wide=True),
                Field(gettext("排查时间"), moment_text(row.worked_at)),
                Field(gettext("来源"), label_text(row.source)),
                Field(gettext("进入名单时间"), moment_text(row.created_at)),
            ],
        ),
    )


def _place(declared: ScreeningList, row: ScreeningEntry) -> list[Field]:
    found = [Field(gettext("区县"), district_cell(row).text)]
    if len(row.area_code) > AreaLevel.DISTRICT.code_length:
        found.append(Field(gettext("所属街道、社区"), areas.full_name(row.area_code, top=AreaLevel.STREET)))
    if row.venue:
        found.append(Field(gettext("所属小区"), row.venue.name))
    if declared.category:
        found.append(Field(gettext(declared.category.label), gettext(declared.category.label_of(row.category))))
    if declared.shows_risk:
        found.append(Field(gettext("风险等级"), risk_cell(row).text))
    if declared.shows_risk or declared.shows_residency:
        found.append(Field(gettext("小区人员管理"), standing_text(row)))
    if declared.has_attention and (mark := attention_cell(row)).text:
        found.append(Field(gettext("重点关注"), mark.text))
    return found


def _outcome_table(row: ScreeningEntry) -> Table:
    found = screening.outcomes_of(row)
    names = screening.account_names(outcome.recorded_by_id for outcome in found)
    columns = [
        Column("recorded_at", gettext("排查时间"), "datetime"),
        Column("status", gettext("状态"), "status"),
        Column("remark", gettext("备注"), is_wide=True),
        Column("recorded_by", gettext("排查人")),
    ]
    rows = [
        Row(
            key=str(outcome.id),
            cells=[
                Cell(moment_text(outcome.recorded_at)),
                Cell(label_text(status_named(row.kind, outcome.status))),
                Cell(outcome.remark or ""),
                Cell(names.get(outcome.recorded_by_id or 0, "")),
            ],
        )
        for outcome in found
    ]
    return columns, rows
