"""「扫码统计」 of a sector: four numbers on top, a row for each venue, and a sum that follows the search (Z-V1, Z-V2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import g
from flask_babel import gettext
from sqlalchemy import Select

from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.sectors import Particular, Sector
from app.domain.venues import VenueKind
from app.models import Venue
from app.services import sector_statistics
from app.services.sector_statistics import Period, SectorSums
from app.views.declarations import Filter, ListColumn, Screen
from app.views.format import moment_text
from app.views.page import Figure
from app.views.screen_view import ScreenView
from app.views.sector_filters import particular_column, particular_filter

SECTOR_MANAGERS = frozenset({Role.SECTOR_ADMIN})
_MINUTES = len("2020-02-20 10:51")


def statistics_screen(sector: Sector, title: str) -> Screen:
    """Return the screen of one kind."""
    names = [*sector.named_by, *(one for one in sector.statistics_by if one is Particular.DISTRICT)]
    return Screen(
        title=title,
        roles=SECTOR_MANAGERS,
        query=lambda: sector_statistics.venues_of(sector.kind),
        order=(Venue.id,),
        columns=(
            ListColumn("id", N_("序号"), lambda row: str(row.id), kind="serial"),
            *(particular_column(sector, name) for name in names),
            _number("entries", N_("扫码总次数")),
            _number("abnormal", N_("扫码异常总次数")),
            _number("entries_today", N_("今日扫码次数")),
            _number("abnormal_today", N_("今日异常扫码次数")),
            ListColumn("counted_at", N_("更新时间"), lambda _row: _counted_at(sector.kind), kind="datetime"),
        ),
        filters=(
            # The days narrow the numbers, not the venues: a venue without scans is what one looks for (Z87).
            Filter("from_day", N_("扫码日期"), lambda query, _day: query, "date"),
            Filter("to_day", N_("扫码日期至"), lambda query, _day: query, "date"),
            *(particular_filter(sector, particular) for particular in sector.statistics_by),
            Filter("most", N_("当日扫码数量小于等于"), lambda query, _most: query, "number"),
        ),
        figures=lambda: _figures(_sums_on_top(sector.kind)),
        empty_title=N_("还没有已激活的二维码"),
        empty_hint=N_("二维码激活后会出现在这里；也可以修改查询条件，或点击「清除」查看全部。"),
        export_name=f"{sector.kind.name.lower()}_statistics",
        has_detail=False,
    )


def _number(key: str, label: str) -> ListColumn:
    return ListColumn(key, label, lambda row: str(getattr(row, key) or 0), kind="number")


def _sums_on_top(kind: VenueKind) -> SectorSums:
    if "sector_sums" not in g:  # one page asks for the numbers, the note and the last column
        g.sector_sums = sector_statistics.sums_of_kind(kind)
    found: SectorSums = g.sector_sums
    return found


def _counted_at(kind: VenueKind) -> str:
    return moment_text(_sums_on_top(kind).counted_at)[:_MINUTES]


def _figures(sums: SectorSums) -> Sequence[Figure]:
    return (
        Figure(gettext("扫码总次数"), f"{sums.entries:,}"),
        Figure(gettext("扫码异常次数"), f"{sums.abnormal:,}", tone="red" if sums.abnormal else ""),
        Figure(gettext("今日扫码次数"), f"{sums.entries_today:,}"),
        Figure(gettext("今日异常扫码次数"), f"{sums.abnormal_today:,}", tone="red" if sums.abnormal_today else ""),
    )


class SectorStatisticsView(ScreenView):
    """Subclasses name the kind; the security manager opens them to that kind's managers only."""

    venue_kind: ClassVar[VenueKind]

    def base_query(self) -> Select[Any]:
        """Return the venues that were scanned seldom enough, with the numbers of the days that are searched."""
        period, most = self._period(), self._searched_value("most")
        query = sector_statistics.with_numbers(super().base_query(), period)
        if most is None:
            return query
        day = period.last or sector_statistics.today()
        return query.where(sector_statistics.seldom_scanned(day, most))

    def _period(self) -> Period:
        return Period(self._searched_value("from_day"), self._searched_value("to_day"))

    def _searched_value(self, key: str) -> Any:
        """Return what was typed into one field, nothing where it has a fault."""
        form, _declared = self.search_form()
        form.validate()
        return None if form[key].errors else form[key].data

    def searched_figures(self, query: Select[Any], *, is_searched: bool) -> Sequence[Figure]:
        """Return the sum below the search: it follows what was searched, while the figures on top do not (Z88)."""
        if is_searched or self._searched_value("most") is not None:
            sums = sector_statistics.sums_of(query, self._period())
        else:
            sums = sector_statistics.sums_of_kind(self.venue_kind, self._period())
        labels = (
            gettext("查询结果合计：扫码总次数"),
            gettext("扫码异常次数"),
            gettext("今日扫码次数"),
            gettext("今日异常扫码次数"),
        )
        values = sums.entries, sums.abnormal, sums.entries_today, sums.abnormal_today
        return [Figure(label, f"{value:,}") for label, value in zip(labels, values, strict=True)]

    def live_note(self) -> str:
        """Return that the numbers are of the last full hour, and when they were counted (Z84)."""
        counted_at = _counted_at(self.venue_kind)
        if not counted_at:
            return gettext("数据每小时更新一次")
        return gettext("数据每小时更新一次") + gettext("（%(note)s）", note=counted_at)
