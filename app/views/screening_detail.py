"""One row of a screening list: its sheet's columns, its dispatch and status, its outcomes, its operation log."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext

from app.domain.dispatch import UndispatchedReason
from app.domain.labels import N_
from app.domain.screening import status_named
from app.models import ScreeningEntry
from app.services import screening
from app.services.lists import ScreeningList
from app.views.format import label_text, moment_text
from app.views.operation_log import log_rows
from app.views.page import Cell, Column, DetailPage, EmptyState, Field, Link, Row, Section, Tab

_TABS = {"": N_("基本信息"), "outcomes": N_("排查记录"), "log": N_("操作日志")}
Table = tuple[Sequence[Column], Sequence[Row]]


def detail_page(
    declared: ScreeningList, row: ScreeningEntry, tab: str, *, endpoint: str, links: Sequence[Link]
) -> DetailPage:
    """The page of a row, on one of its three tabs."""
    current = tab if tab in _TABS else ""
    table: Table | None = None
    empty = None
    if current == "outcomes":
        table, empty = _outcome_table(row), EmptyState(gettext("还没有排查记录"))
    elif current == "log":
        table, empty = log_rows(screening.operation_log(row)), EmptyState(gettext("没有操作记录"))
    return DetailPage(
        title=row.name or row.masked_phone or row.masked_document,
        status=Cell(label_text(status_named(row.kind, row.status))),
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
    ask = url_for("RevealView.ask", subject=f"screening-{declared.key}", key=row.id)
    return (
        Section(gettext("人员信息"), sheet, reveal=Link(gettext("查看完整"), ask, modal=True) if has_masked else None),
        Section(
            gettext("排查信息"),
            [
                Field(gettext("区县"), _district(row)),
                Field(gettext("下发时间"), moment_text(row.dispatched_at)),
                Field(gettext(declared.status_label), label_text(status_named(row.kind, row.status))),
                Field(gettext("备注"), row.remark or "", is_wide=True),
                Field(gettext("排查时间"), moment_text(row.worked_at)),
                Field(gettext("导入时间"), moment_text(row.created_at)),
            ],
        ),
    )


def _district(row: ScreeningEntry) -> str:
    if row.is_dispatched:
        return screening.district_labels().get(row.area_code, row.area_code)
    reason = label_text(UndispatchedReason[row.undispatched_reason]) if row.undispatched_reason else ""
    return f"{gettext('未下发')} {reason}".strip()


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
