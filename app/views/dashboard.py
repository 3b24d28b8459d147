"""「数据看板」: today's figures of an area or a compound, and how entries go by the hour and by the day (issue 3, X13)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from sqlalchemy import Select

from app.domain.labels import N_
from app.domain.quarantine import QuarantineStatus
from app.domain.roles import Role
from app.models import Residency
from app.services import entry_trends
from app.services.entry_trends import Point
from app.views import entries
from app.views.first_page import residents_in_hand, todos
from app.views.format import moment_text, today, zone
from app.views.identity import account, current_venue_id
from app.views.listing import capped_count, capped_text
from app.views.page import Cell, Chart, Column, DashboardPage, Figure, Row

DAYS = 30
TITLE = N_("数据看板")


@dataclass(frozen=True)
class Counted:
    """A figure of the dashboard: rows, and the list that shows exactly these. Others add theirs to COUNTED."""

    label: str
    roles: frozenset[Role]
    query: Callable[[], Select[Any]]
    endpoint: str
    filters: dict[str, Any]
    tone: str = ""

    def figure(self) -> Figure:
        """Return the number, up to the most that is worth counting."""
        count = capped_count(self.query())
        return Figure(
            gettext(self.label), capped_text(count), self.tone if count else "", url_for(self.endpoint, **self.filters)
        )


def _in_quarantine(status: QuarantineStatus) -> Callable[[], Select[Any]]:
    def query() -> Select[Any]:
        return residents_in_hand((Residency.status == status) & Residency.ended_at.is_(None))

    return query


def _quarantined(status: QuarantineStatus, tone: str) -> Counted:
    listed = {"status": status.name}
    return Counted(status.label, entries.MANAGERS, _in_quarantine(status), "ResidentView.list", listed, tone)


COUNTED: list[Counted] = [
    _quarantined(QuarantineStatus.PENDING, "yellow"),
    _quarantined(QuarantineStatus.CONFIRMED, "red"),
]


def _waiting(figures: Sequence[Figure]) -> Sequence[Figure]:
    """Return what waits in the area, without what stands among the figures already."""
    shown = {figure.url for figure in figures}
    return [each for each in todos(is_overview=True) if each.url not in shown]


def _figures(role: Role | None) -> Sequence[Figure]:
    counts = entries.counts()
    abnormal = Figure(
        gettext("今日异常登记"),
        f"{counts.abnormal_today:,}",
        "red" if counts.abnormal_today else "",
        url_for("EntryView.list", from_day=today().isoformat(), color=entries.ABNORMAL),
    )
    return [*entries.entry_figures(), abnormal, *(each.figure() for each in COUNTED if role in each.roles)]


_COLUMNS = (
    ("entries", N_("进出登记")),
    ("abnormal", N_("异常登记")),
)


def _chart(key: str, title: str, first: str, rows: Sequence[Row]) -> Chart:
    numbers = [Column(name, gettext(label), "number") for name, label in _COLUMNS]
    return Chart(key, title, [Column("start", first), *numbers], rows)


def _rows(points: Sequence[Point], characters: slice, asked: Callable[[Point], dict[str, str]]) -> list[Row]:
    """Return a line for each point; its numbers open the entries that they count, found by what `asked` says."""
    rows = []
    for point in points:
        search = asked(point)
        cells = [
            Cell(moment_text(point.start)[characters]),
            _number(point.entries, search),
            _number(point.abnormal, {**search, "color": entries.ABNORMAL}),
        ]
        rows.append(Row(point.start.isoformat(), cells))
    return rows


def _number(count: int, search: dict[str, Any]) -> Cell:
    return Cell(str(count), url=url_for("EntryView.list", **search) if count else None)


def _of_hour(point: Point) -> dict[str, str]:
    return {"hour": entries.hour_word(point.start)}


def _of_day(point: Point) -> dict[str, str]:
    day = point.start.astimezone(zone()).date().isoformat()
    return {"from_day": day, "to_day": day}


_DAY, _HOUR = slice(5, 10), slice(5, 16)


def _charts() -> Sequence[Chart]:
    venue_id = current_venue_id()
    hours = [point for day in entries.days_by_hour() for point in entry_trends.by_hour(day, venue_id=venue_id)]
    days = entry_trends.by_day(today(), DAYS, venue_id=venue_id)
    return (
        _chart("hours", gettext("昨日和今日每小时进出登记"), gettext("时间"), _rows(hours, _HOUR, _of_hour)),
        _chart("days", gettext("最近%(days)s天每日进出登记", days=DAYS), gettext("日期"), _rows(days, _DAY, _of_day)),
    )


def _note() -> str:
    until = entry_trends.counted_until()
    if until is None:
        return gettext("趋势图数据每小时更新一次")
    return gettext("趋势图数据每小时更新一次") + gettext("（%(note)s）", note=moment_text(until))


class DashboardView(BaseView):
    """Figures are counted now, charts are drawn from the totals; behind each chart stands its table."""

    route_base = "/dashboard"
    default_view = "show"

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {"menu_access": entries.MANAGERS, "can_show": entries.MANAGERS}

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> str:
        """Draw the dashboard of the area or compound in hand."""
        figures = _figures(account().role)
        return render_template(
            "admin/dashboard.html",
            page=DashboardPage(
                title=gettext(TITLE),
                figures=figures,
                todos=_waiting(figures),
                charts=_charts(),
                live_note=_note(),
            ),
        )


def register(appbuilder: AppBuilder) -> None:
    """Add the screen."""
    appbuilder.add_view(
        DashboardView(), "DashboardView", label=TITLE, category="overview", category_label=N_("数据总览")
    )
