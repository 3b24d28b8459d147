"""The back offices of the sectors, all from one table of declarations (SPEC section 5): two screens for each kind."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import AppBuilder

from app.domain.labels import N_
from app.domain.sectors import SECTORS, Sector
from app.domain.venues import VenueKind
from app.models import Venue
from app.views import medical_entries
from app.views.declarations import Screen
from app.views.reveal import add_subject
from app.views.screen_view import ScreenView
from app.views.sector_list import SectorListView, list_screen, revealed
from app.views.sector_statistics import SECTOR_MANAGERS, SectorStatisticsView, statistics_screen

CATEGORY, CATEGORY_LABEL = "sector", N_("行业后台管理")
_STATISTICS, _LIST = "statistics", "venues"
# What the manual calls the two screens of each kind; of 景区 it says nothing (D12).
TITLES: dict[VenueKind, tuple[str, str]] = {
    VenueKind.BUS: (N_("公交扫码统计"), N_("公交列表管理")),
    VenueKind.METRO_STATION: (N_("地铁扫码数据统计"), N_("地铁列表管理")),
    VenueKind.TAXI: (N_("出租车扫码数据统计"), N_("出租车列表管理")),
    VenueKind.RETAIL_STORE: (N_("商超扫码统计"), N_("商超列表管理")),
    VenueKind.PUBLIC_SERVICE: (N_("公共服务扫码统计"), N_("公共服务列表管理")),
    VenueKind.COMPANY_SHUTTLE: (N_("公司班车扫码数据统计"), N_("公司班车列表管理")),
    VenueKind.MEDICAL_INSTITUTION: (N_("医疗机构扫码数据统计"), N_("医疗机构列表管理")),
    VenueKind.FARMERS_MARKET: (N_("农贸市场扫码数据统计"), N_("农贸市场列表管理")),
    VenueKind.SPECIALTY_MARKET: (N_("专业市场扫码数据统计"), N_("专业市场列表管理")),
    VenueKind.OTHER: (N_("其他扫码数据统计"), N_("其他列表管理")),
    VenueKind.SCENIC_SPOT: (N_("景区扫码数据统计"), N_("景区列表管理")),
}


def _view(base: type[ScreenView], sector: Sector, screen: Screen, part: str) -> ScreenView:
    """Return the view of one of the kind's screens; its class name is its endpoint and the name of its permission."""
    kind = sector.kind.name
    members: dict[str, Any] = {
        "__module__": __name__,
        "__doc__": base.__doc__,
        "route_base": f"/sectors/{kind.lower().replace('_', '-')}/{part}",
        "screen": screen,
        "venue_kind": sector.kind,
    }
    view: ScreenView = type(_view_name(sector.kind, part), (base,), members)()
    return view


def _view_name(kind: VenueKind, part: str) -> str:
    return f"{''.join(word.title() for word in kind.name.split('_'))}{part.title()}View"


def list_endpoint(kind: VenueKind) -> str:
    """Return where 「列表管理」 of the kind stands."""
    return f"{_view_name(kind, _LIST)}.list"


def register(appbuilder: AppBuilder) -> None:
    """Add the screens of every declared sector, and the one that medical institutions alone have."""
    add_subject("sector_venue", Venue, revealed, SECTOR_MANAGERS)
    for sector in SECTORS.values():
        statistics_title, list_title = TITLES[sector.kind]
        views = [
            _view(SectorStatisticsView, sector, statistics_screen(sector, statistics_title), _STATISTICS),
            _view(SectorListView, sector, list_screen(sector, list_title), _LIST),
        ]
        if sector.kind is medical_entries.KIND:
            views.append(medical_entries.MedicalEntryView())
        for view in views:
            name, title = type(view).__name__, view.screen.title
            appbuilder.add_view(view, name, label=title, category=CATEGORY, category_label=CATEGORY_LABEL)
    medical_entries.register_subject()
