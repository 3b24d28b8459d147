"""「一码两处出示」: codes that were shown at two places at once, for whoever answers for their owners (X6)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext
from sqlalchemy import Select, select

from app import clock
from app.domain.areas import AreaLevel
from app.domain.labels import N_
from app.models import DoubleSighting
from app.services import areas, look_ups
from app.services.screening import account_names
from app.views.dashboard import COUNTED, Counted
from app.views.declarations import Filter, ListColumn, Screen
from app.views.format import moment_text, zone
from app.views.health_cells import MENU, MENU_LABEL, OFFICERS, READERS
from app.views.identity import account
from app.views.page import DetailPage, Field, Link, Section
from app.views.screen_view import ScreenView

_LATELY = timedelta(hours=24)
_SHOWN_DIGITS = 4


def masked_number(row: DoubleSighting) -> str:
    """The code's number but for its last digits: who knows it whole can look the code up."""
    return f"**** **** {row.number[-_SHOWN_DIGITS:]}"


def _apart(row: DoubleSighting) -> str:
    return str(abs(round((row.second_seen_at - row.first_seen_at).total_seconds())))


def _by_day(query: Select[Any], value: date) -> Select[Any]:
    start, end = clock.day_bounds(value, zone())
    return query.where(DoubleSighting.second_seen_at >= start, DoubleSighting.second_seen_at < end)


def _by_lately(query: Select[Any], value: bool) -> Select[Any]:
    return query.where(DoubleSighting.second_seen_at > clock.now() - _LATELY) if value else query


SCREEN = Screen(
    title=N_("一码两处出示"),
    lead=N_("同一健康码在很短时间内于两处出示，可能是截图或转借；请联系本人核实。"),
    roles=READERS,
    query=lambda: select(DoubleSighting),
    order=(DoubleSighting.id,),
    columns=(
        ListColumn("name", N_("姓名"), lambda row: row.masked_name),
        ListColumn("number", N_("健康码编号"), masked_number, kind="mono"),
        ListColumn("area", N_("所属区县"), lambda row: areas.full_name(row.area_code, top=AreaLevel.DISTRICT)),
        ListColumn("first_place", N_("先出示于"), lambda row: row.first_place),
        ListColumn("first_seen_at", N_("先出示时间"), lambda row: moment_text(row.first_seen_at), kind="datetime"),
        ListColumn("second_place", N_("后出示于"), lambda row: row.second_place),
        ListColumn("second_seen_at", N_("后出示时间"), lambda row: moment_text(row.second_seen_at), kind="datetime"),
        ListColumn("apart", N_("相隔秒数"), _apart, kind="number"),
    ),
    filters=(
        Filter("day", N_("日期"), _by_day, "date"),
        Filter("lately", N_("只看近24小时"), _by_lately, "checkbox"),
    ),
    subject=lambda row: row.masked_name,
    empty_title=N_("没有一码两处出示的记录"),
    empty_hint=N_("值守人员核验健康码时发现的会出现在这里。"),
    export_name="double_sightings",
)


class DoubleSightingView(ScreenView):
    """Both places, both moments, and who looked."""

    route_base = "/double-sightings"
    screen = SCREEN

    def detail_page(self, row: DoubleSighting, tab: str) -> DetailPage:  # noqa: ARG002 - one page has no tabs
        # Where somebody was is looked at: the person sees by which office.
        look_ups.looked(row.document_index, account=account())
        names = account_names((row.first_account_id, row.second_account_id))
        facts = [
            Field(gettext("健康码编号"), masked_number(row), is_masked=True),
            Field(gettext("所属区县"), areas.full_name(row.area_code, top=AreaLevel.DISTRICT)),
            Field(gettext("先出示于"), row.first_place),
            Field(gettext("先出示时间"), moment_text(row.first_seen_at)),
            Field(gettext("核验人"), names.get(row.first_account_id, "")),
            Field(gettext("后出示于"), row.second_place),
            Field(gettext("后出示时间"), moment_text(row.second_seen_at)),
            Field(gettext("核验人"), names.get(row.second_account_id, "")),
        ]
        return DetailPage(
            title=row.masked_name,
            sections=[Section(gettext("两处出示"), facts)],
            back=Link(gettext(SCREEN.title), url_for("DoubleSightingView.list")),
        )


def _lately() -> Select[Any]:
    return _by_lately(select(DoubleSighting.id), True)


def register(appbuilder: AppBuilder) -> None:
    """Add the screen, and the number of the last day to the dashboard."""
    appbuilder.add_view(
        DoubleSightingView(), "DoubleSightingView", label=SCREEN.title, category=MENU, category_label=MENU_LABEL
    )
    COUNTED.append(
        Counted(N_("一码两处（24小时）"), OFFICERS, _lately, "DoubleSightingView.list", {"lately": "y"}, "red")
    )
