"""What the pages of a comparison show."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict

from app.domain.comparison import ComparisonState, MatchBasis
from app.domain.labels import N_
from app.models import Comparison, ComparisonMatch
from app.services import comparisons
from app.spreadsheets.comparison_sheet import COMPARED
from app.spreadsheets.sheet_search import row_label
from app.views.declarations import ListColumn, Screen
from app.views.export_routes import export_links
from app.views.format import label_text, moment_text
from app.views.health_cells import color_cell
from app.views.listing import read_slice
from app.views.page import Cell, Column, EmptyState, Field, Figure, Link, ListPage, PageNav, Row, Section
from app.views.progress import ProgressPage
from app.views.watched import failure_notes

_TONES = {
    ComparisonState.AWAITING_COLUMNS: "yellow",
    ComparisonState.DONE: "green",
    ComparisonState.FAILED: "red",
    ComparisonState.EXPIRED: "gray",
}


def _person(attribute: str) -> Any:
    """A masked field of the person; empty where the person is out of reach meanwhile."""
    return lambda row: getattr(row.person, attribute) if row.person else ""


def _doubt(row: ComparisonMatch) -> Cell:
    return Cell(gettext("存疑"), tone="yellow") if row.is_doubtful else Cell("")


RESULT = Screen(
    title=N_("对比结果"),
    roles=comparisons.COMPARERS,
    query=lambda: select(ComparisonMatch),
    order=(ComparisonMatch.id,),
    columns=(
        ListColumn("row_number", N_("行号"), lambda row: row_label(row.row_number), kind="number"),
        ListColumn("name", N_("姓名"), _person("masked_name")),
        ListColumn("document", N_("证件号"), _person("masked_document"), kind="mono"),
        ListColumn("phone", N_("手机号"), _person("masked_phone"), kind="mono"),
        ListColumn("basis", N_("识别依据"), lambda row: label_text(row.basis)),
        ListColumn("doubt", N_("是否存疑"), _doubt, kind="status"),
        ListColumn("compound", N_("所属小区"), lambda row: row.compound or ""),
        ListColumn("color", N_("健康码"), lambda row: color_cell(row.color), kind="status"),
        ListColumn("last_entry_at", N_("最近进出时间"), lambda row: moment_text(row.last_entry_at), kind="datetime"),
        ListColumn("last_entry_place", N_("最近进出地点"), lambda row: row.last_entry_place or ""),
    ),
    export_name="comparison_matches",
)


def matches_query(found: Comparison) -> Select[Any]:
    """Who is known of that list."""
    query = select(ComparisonMatch).where(ComparisonMatch.comparison_id == found.id)
    return query.options(joinedload(ComparisonMatch.person))


def state_cell(found: Comparison) -> Cell:
    """The state as a coloured label."""
    return Cell(label_text(found.state), tone=_TONES.get(found.state, "blue"))


def figures(found: Comparison) -> list[Figure]:
    """How many rows the list has, how many of them are known, and by what."""
    known = sum(found.counts.values())
    numbers = [Figure(gettext("总行数"), f"{found.done:,}", key="rows")]
    if found.state is not ComparisonState.DONE:
        return numbers
    numbers.append(Figure(gettext("已知人员行数"), f"{known:,}", "green" if known else "", key="known"))
    numbers += [
        Figure(label_text(basis), f"{found.counts[basis.name]:,}", key=basis.name)
        for basis in MatchBasis
        if found.counts.get(basis.name)
    ]
    return [*numbers, Figure(gettext("未登记行数"), f"{found.done - known:,}", key="unknown")]


def matches_page(found: Comparison, args: MultiDict[str, str]) -> ListPage:
    """Who is known, in pages."""
    page = read_slice(matches_query(found), RESULT.order, args)
    here = url_for("ComparisonView.show", key=found.id)
    return ListPage(
        title=f"{gettext(RESULT.title)} · {found.file_name}",
        lead=_read_columns(found),
        columns=[Column(column.key, gettext(column.label), column.kind) for column in RESULT.columns],
        rows=[Row(str(row.id), [_cell(column.value(row)) for column in RESULT.columns]) for row in page.rows],
        nav=PageNav(
            "",
            first_url=here if page.previous else None,
            previous_url=f"{here}?before={page.previous}" if page.previous else None,
            next_url=f"{here}?after={page.following}" if page.following else None,
        ),
        empty=EmptyState(gettext("名单中没有已登记的人员"), gettext("只对比本辖区登记过的人员。")),
        figures=figures(found),
        live_note=gettext("结果为 %(when)s 时的情况。", when=moment_text(found.finished_at)),
        toolbar=[
            *export_links("ComparisonView.export", {"comparison": found.id}),
            Link(gettext("返回"), url_for("ComparisonView.list")),
        ],
    )


def _cell(value: Cell | str) -> Cell:
    return value if isinstance(value, Cell) else Cell(value)


def _read_columns(found: Comparison) -> str:
    """Which columns of the file were taken for what, so that a wrong one is seen."""
    titles, positions = comparisons.titles_of(found), found.positions or {}
    named = [
        f"{gettext(column.title)}（{titles[positions[column.key]]}）"
        for column in COMPARED.columns
        if positions.get(column.key, len(titles)) < len(titles)
    ]
    return gettext("识别的列：%(columns)s", columns=gettext("、").join(named))


def progress_page(found: Comparison) -> ProgressPage:
    """How far it is, or why there is no result."""
    return ProgressPage(
        title=gettext("数据对比"),
        lead=found.file_name,
        status=state_cell(found),
        done=found.done,
        total=max(found.total, found.done),
        is_finished=found.state is not ComparisonState.RUNNING,
        progress_url=url_for("ComparisonView.progress", key=found.id),
        refresh_url=url_for("ComparisonView.show", key=found.id),
        figures=figures(found),
        notes=failure_notes(found.failure),
        sections=[Section(gettext("对比信息"), _facts(found))],
        back=Link(gettext("数据对比"), url_for("ComparisonView.list")),
    )


def _facts(found: Comparison) -> list[Field]:
    return [
        Field(gettext("编号"), str(found.id)),
        Field(gettext("对比原因"), found.reason),
        Field(gettext("上传时间"), moment_text(found.created_at)),
        Field(gettext("完成时间"), moment_text(found.finished_at)),
        Field(gettext("到期时间"), moment_text(found.expires_at)),
    ]
