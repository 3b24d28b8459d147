"""The screening lists' screens, one for each declaration in services/lists.py (SPEC section 6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from flask import abort, g, redirect, url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as BaseResponse

from app.domain.labels import N_
from app.domain.screening import initial_status
from app.extensions import db
from app.models import ScreeningEntry
from app.services import attention, screening
from app.services.lists import LISTS
from app.services.reveal import Revealed
from app.services.screening_list import ScreeningList
from app.views.declarations import Creation, Screen
from app.views.identity import account
from app.views.listing import capped, capped_text
from app.views.navigation import BADGES
from app.views.operation_log import ACTIONS, FIELDS
from app.views.page import DetailPage, EmptyState, Figure, Link
from app.views.reveal import add_subject
from app.views.screen_view import ScreenView
from app.views.screening_actions import actions
from app.views.screening_columns import CITY, columns, export_reads
from app.views.screening_detail import detail_page
from app.views.screening_filters import SCREENED, by_dispatched, by_status, filters, unscreened_word
from app.views.screening_names import view_name
from app.views.sheet_form import create, creation_form


def _query(declared: ScreeningList) -> Select[Any]:
    query = select(ScreeningEntry).where(ScreeningEntry.kind == declared.row_kind)
    if declared.rows_of is not None:
        query = query.where(ScreeningEntry.source == declared.created_as)
    if account().role in declared.tray:
        query = by_dispatched(query, "no")
    return query.options(joinedload(ScreeningEntry.venue)) if declared.by_area else query


@dataclass(frozen=True)
class _Part:
    """One of the figures that make up the total: its rows, the search that opens them, the order to count them in."""

    label: str
    tone: str
    rows: Select[Any]
    search: dict[str, Any]
    order: Any = None


def _parts(declared: ScreeningList, query: Select[Any]) -> Sequence[_Part]:
    """已反馈, 未反馈 and, for the city alone, 未下发: every row of the list is in one of them."""
    kind = declared.row_kind
    first = unscreened_word(kind)
    done, untouched = by_status(kind, query, SCREENED), by_status(kind, query, first)
    found = [_Part(declared.screened_label, "green", done, {"status": SCREENED})]
    if account().role not in CITY:  # nothing waits in a district for its district
        return [*found, _Part(declared.unscreened_label, "yellow", untouched, {"status": first})]
    sent, waiting = by_dispatched(untouched, "yes"), by_dispatched(untouched, "no")
    # The city's code comes before those of its districts: of many that wait, none is read on the way to those sent.
    by_district = ScreeningEntry.area_code.desc()
    return [
        *found,
        _Part(declared.unscreened_label, "yellow", sent, {"status": first, "dispatched": "yes"}, by_district),
        _Part(N_("未下发"), "red", waiting, {"status": first, "dispatched": "no"}),
    ]


class ScreeningView(ScreenView):
    """The screen of one list; its subclasses are made from the declarations."""

    declared: ClassVar[ScreeningList]

    def toolbar(self) -> Sequence[Link]:
        links = list(super().toolbar())
        upload = f"{view_name(self.declared)}ImportView"
        if self.appbuilder.sm.has_access("can_upload", upload):
            links = [
                Link(gettext(self.declared.import_label), url_for(f"{upload}.upload"), style="primary"),
                Link(gettext("下载模板"), url_for(f"{upload}.template")),
                Link(gettext("导入记录"), url_for("ImportBatchView.list", kind=self.declared.kind.name)),
                *links,
            ]
        return links

    def figures(self) -> Sequence[Figure]:
        """总数, 已反馈, 未反馈, 未下发: each opens the rows that it counts, and the last three make up the first (X13)."""
        counts, query, endpoint = self._part_counts(), self.base_query(), f"{self.endpoint}.list"
        whole = _Part(N_("总数"), "", query, {})
        shown = zip([whole, *_parts(self.declared, query)], [sum(counts), *counts], strict=True)
        return [
            Figure(gettext(part.label), capped_text(count), part.tone, url_for(endpoint, **part.search))
            for part, count in shown
        ]

    def count(self, query: Select[Any], *, is_searched: bool) -> int:
        """Return the sum of the parts while nobody searches: it is beyond the mark exactly when the whole list is."""
        return super().count(query, is_searched=is_searched) if is_searched else sum(self._part_counts())

    def _part_counts(self) -> Sequence[int]:
        """Return how many rows each part has, counted once for the figures and the pager of a page."""
        if "screening_counts" not in g:
            parts = _parts(self.declared, self.base_query())
            g.screening_counts = db.session.execute(
                select(*(capped(part.rows, order=part.order) for part in parts))
            ).one()
        found: Sequence[int] = g.screening_counts
        return found

    def empty_state(self) -> EmptyState:
        return EmptyState(gettext("没有符合条件的人员"), gettext("名单导入并下发后会出现在这里。"))

    def detail_page(self, row: ScreeningEntry, tab: str) -> DetailPage:
        links = [
            replace(self.action_link(action, row), key="e" if action.name == "outcome" else "")
            for action in self.usable_actions(row)
        ]
        if (following := self._next_unscreened(row)) is not None:
            url = url_for(f"{self.endpoint}.show", key=following)
            links.append(Link(gettext("下一条"), url, style="quiet", key="n"))
        return detail_page(self.declared, row, tab, endpoint=self.endpoint, links=links)

    def _next_unscreened(self, row: ScreeningEntry) -> int | None:
        """Return the next row, in the list's order, on which nobody has worked: open, set, next."""
        if not self.declared.is_inquiry:
            return None
        query = self.base_query().where(
            ScreeningEntry.id < row.id, ScreeningEntry.status == initial_status(self.declared.row_kind).name
        )
        query = query.with_only_columns(ScreeningEntry.id).order_by(ScreeningEntry.id.desc()).limit(1)
        return db.session.execute(query).scalar()

    def _done(self, key: int | None = None) -> BaseResponse:
        """Return as always, but to the list where the row went to another district and is not ours any more."""
        if key is not None:
            db.session.expire_all()
            query = self.screen.query().where(ScreeningEntry.id == key).with_only_columns(ScreeningEntry.id)
            if db.session.execute(query).first() is None:
                return redirect(url_for(f"{self.endpoint}.list"))
        return super()._done(key)


def _view_class(declared: ScreeningList) -> type[ScreeningView]:
    name = f"{view_name(declared)}ScreeningView"
    creation = None
    if declared.creators:
        creation = Creation(partial(creation_form, declared), partial(create, declared), declared.creators)
    screen = Screen(
        title=declared.title,
        lead=declared.lead,
        roles=declared.users,
        query=partial(_query, declared),
        order=(ScreeningEntry.id,),
        columns=columns(declared),
        filters=filters(declared),
        subject=lambda row: row.name or row.masked_phone,
        actions=actions(declared),
        creation=creation,
        clear_label=declared.clear_label,
        export_name=declared.key,
        export_reads=export_reads(declared),
        full_export_roles=declared.readers,
        by_compound=declared.by_area or declared.rows_of is not None,
    )
    members = {"screen": screen, "declared": declared, "route_base": f"/screening/{declared.key}"}
    return type(name, (ScreeningView,), {**members, "__module__": __name__})


def _reader(declared: ScreeningList) -> Callable[[Any], list[Revealed]]:
    def read(row: ScreeningEntry) -> list[Revealed]:
        if row.kind is not declared.row_kind:
            abort(404)
        return [Revealed(found.label, found.value) for found in screening.particulars(row) if found.is_masked]

    return read


def _marked() -> str:
    """The number of returnees who need attention, for the menu (Z-T9)."""
    count = attention.count()
    return f"{attention.COUNT_CAP}+" if count > attention.COUNT_CAP else str(count or "")


def register(appbuilder: AppBuilder) -> None:
    """Add the screen of every list, its number to the menu, and its rows to 「查看完整」."""
    ACTIONS.update(
        {
            "record_outcome": N_("编辑"),
            "dispatch": N_("下发"),
            "dispatch_alike": N_("同名一起下发"),
            "reassign": N_("转派"),
            "receive": N_("已接收"),
            "add_entry": N_("新建"),
            "correct_entry": N_("修改信息"),
            "seen_by_forward_team": N_("扫北京专班码，系统更新状态"),
            "seen_at_quarantine_site": N_("扫集中隔离点码，系统更新状态"),
            "confirmed_by_compound": N_("小区确认隔离，系统更新状态"),
        }
    )
    FIELDS.update(
        {
            "outcome": N_("状态"),
            "has_remark": N_("备注"),
            "district": N_("区县"),
            "source": N_("来源"),
            "list": N_("名单"),
        }
    )
    for declared in LISTS:
        view = _view_class(declared)
        appbuilder.add_view(
            view(), view.__name__, label=declared.title, category="screening", category_label=N_("任务排查")
        )
        if declared.has_attention:
            BADGES[view.__name__] = _marked
        add_subject(f"screening-{declared.key}", ScreeningEntry, _reader(declared), declared.users)
