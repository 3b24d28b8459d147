"""「境外排查完成率」, 「排查统计」, 「筛查管理统计」: sums on top, a line for every district or list (Z-T4, Z-T10, Z-T12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import request, url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext
from sqlalchemy import Select, select

from app.domain.completion import Completion
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.screening import ScreeningKind, screened
from app.models import ScreeningEntry
from app.services import screening_statistics
from app.services.lists import LISTS, list_of
from app.services.screening import district_labels
from app.services.screening_list import ScreeningList
from app.services.screening_statistics import Line, Search, Sums
from app.views.declarations import Filter, Screen
from app.views.identity import account
from app.views.page import Cell, Column, Figure
from app.views.screening_columns import CITY
from app.views.screening_filters import SCREENED, date_filters, unscreened_word
from app.views.screening_names import list_endpoint
from app.views.statistics_view import Counted, StatisticsView

_CITY_AND_DISTRICT = CITY | {Role.DISTRICT_ADMIN}


def _no_rows() -> Select[Any]:
    return select(ScreeningEntry)


def _screen(title: str, *, lead: str, name: str, roles: frozenset[Role], filters: Sequence[Filter]) -> Screen:
    return Screen(
        title=title,
        lead=lead,
        roles=roles,
        query=_no_rows,
        order=(ScreeningEntry.id,),
        columns=(),
        filters=filters,
        export_name=name,
        has_detail=False,
    )


def _asked() -> dict[str, str]:
    """The words of this page's search, which the links to the rows carry on."""
    return {key: request.args[key] for key in ("since", "until", "category") if request.args.get(key)}


def _figures(done: Completion, endpoint: str, kind: ScreeningKind) -> list[Figure]:
    asked: dict[str, Any] = _asked()
    waiting = {**asked, "status": unscreened_word(kind)}
    return [
        Figure(gettext("应排查"), f"{done.total:,}", "", url_for(endpoint, **asked)),
        Figure(gettext("已排查"), f"{done.screened:,}", "green", url_for(endpoint, **asked, status=SCREENED)),
        Figure(gettext("未排查"), f"{done.unscreened:,}", "yellow", url_for(endpoint, **waiting)),
        Figure(gettext("考核完成率"), done.rate, "blue"),
    ]


def _number(count: int, endpoint: str, search: dict[str, Any]) -> Cell:
    return Cell(f"{count:,}", url=url_for(endpoint, **search) if count else None)


class CompletionView(StatisticsView):
    """The districts of one list; subclasses name it, and whether its results have columns of their own."""

    kind: ClassVar[ScreeningKind]
    shows_results: ClassVar[bool] = False

    def counted(self, search: Search) -> Counted:
        lines = screening_statistics.by_district(self.kind, search, account().area_code or "")
        done = screening_statistics.total(lines)
        results = screened(self.kind) if self.shows_results else ()
        labels = [N_("区域"), N_("应排查"), N_("已排查"), N_("考核完成率")]
        columns = [Column(label, gettext(label), "number" if at else "text") for at, label in enumerate(labels)]
        columns += [Column(status.name, gettext(status.label), "number") for status in results]
        sums = [gettext("合计"), str(done.total), str(done.screened), done.rate]
        sums += [str(sum(line.by_status.get(status.name, 0) for line in lines)) for status in results]
        return Counted(_figures(done, self._endpoint(), self.kind), columns, [self._line(line) for line in lines], sums)

    def _endpoint(self) -> str:
        return list_endpoint(list_of(self.kind))

    def _line(self, line: Line) -> list[Cell]:
        """A district's numbers, each opening its rows; what waits for its district opens the tray."""
        place = {"dispatched": "no"} if line.district is None else {"district": line.district}
        search: dict[str, Any] = {**_asked(), **place}
        endpoint = self._endpoint()
        name = gettext("未下发") if line.district is None else district_labels().get(line.district, line.district)
        cells = [
            Cell(name),
            _number(line.completion.total, endpoint, search),
            _number(line.completion.screened, endpoint, {**search, "status": SCREENED}),
            Cell(line.completion.rate),
        ]
        if not self.shows_results:
            return cells
        counts = ((s.name, line.by_status.get(s.name, 0)) for s in screened(self.kind))
        return cells + [_number(count, endpoint, {**search, "status": status}) for status, count in counts]


class OverseasCompletionView(CompletionView):
    """「境外排查完成率」: the city's total, and a line for every district (checklist Z142 to Z144)."""

    route_base = "/screening/overseas-completion"
    kind = ScreeningKind.OVERSEAS_RETURNEE
    screen = _screen(
        N_("境外排查完成率"),
        lead=N_("上面是全市排查汇总，下面是各区县的排查情况；点击数字查看对应人员。日期按预计入境时间。"),
        name="overseas_completion",
        roles=CITY,
        filters=date_filters(),
    )


class HeadquartersStatisticsView(CompletionView):
    """「排查统计」: what the districts found, by day and category (checklist Z112)."""

    route_base = "/screening/headquarters-statistics"
    kind = ScreeningKind.HEADQUARTERS
    shows_results = True
    screen = _screen(
        N_("排查统计"),
        lead=N_("对区县排查结果进行跟踪督促；点击数字查看对应人员。"),
        name="headquarters_statistics",
        roles=CITY,
        filters=[
            *date_filters(),
            Filter(
                "category",
                N_("分类"),
                lambda query, value: query.where(ScreeningEntry.category == value),
                "select",
                lambda: [(c.name, c.label) for c in _headquarters_categories()],
            ),
        ],
    )


def _headquarters_categories() -> list[Any]:
    category = list_of(ScreeningKind.HEADQUARTERS).category
    return list(category.choices) if category else []


class ScreeningStatisticsView(StatisticsView):
    """「筛查管理统计」: the numbers of all lists that the account reads."""

    route_base = "/screening/statistics"
    screen = _screen(
        N_("筛查管理统计"),
        lead=N_("各名单的排查情况；点击数字查看对应人员。"),
        name="screening_statistics",
        roles=_CITY_AND_DISTRICT,
        filters=date_filters(),
    )

    def counted(self, search: Search) -> Counted:
        role = account().role
        lists = [each for each in LISTS if each.is_inquiry and role in each.readers]
        lines = screening_statistics.by_list(lists, search)
        done = screening_statistics.total(lines)
        labels = [N_("名单"), N_("应排查"), N_("已排查"), N_("未排查"), N_("未下发"), N_("考核完成率")]
        columns = [Column(label, gettext(label), "number" if at else "text") for at, label in enumerate(labels)]
        waiting = sum(line.undispatched for line in lines)
        numbers = [str(done.total), str(done.screened), str(done.unscreened), str(waiting)]
        figures = [
            Figure(gettext("应排查"), f"{done.total:,}"),
            Figure(gettext("已排查"), f"{done.screened:,}", "green"),
            Figure(gettext("未排查"), f"{done.unscreened:,}", "yellow"),
            Figure(gettext("考核完成率"), done.rate, "blue"),
        ]
        cells = [_list_line(declared, line) for declared, line in zip(lists, lines, strict=True)]
        return Counted(figures, columns, cells, [gettext("合计"), *numbers, done.rate])


def _list_line(declared: ScreeningList, line: Sums) -> list[Cell]:
    endpoint, asked = list_endpoint(declared), _asked()
    searches = [
        (line.completion.total, asked),
        (line.completion.screened, {**asked, "status": SCREENED}),
        (line.completion.unscreened, {**asked, "status": unscreened_word(declared.row_kind)}),
    ]
    numbers = [_number(count, endpoint, search) for count, search in searches]
    tray = _number(line.undispatched, endpoint, {**asked, "dispatched": "no"})
    return [Cell(gettext(declared.title)), *numbers, tray, Cell(line.completion.rate)]


def register(appbuilder: AppBuilder) -> None:
    """Add the three pages below the lists."""
    for view in (OverseasCompletionView, HeadquartersStatisticsView, ScreeningStatisticsView):
        appbuilder.add_view(
            view(), view.__name__, label=view.screen.title, category="screening", category_label=N_("任务排查")
        )
