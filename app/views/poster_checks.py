"""「二维码核验」: who looked at which poster on which day, and whether it was the right one (checklist Z45)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from flask_appbuilder import AppBuilder
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.venues import VenueFamily
from app.models import PosterCheck, Venue
from app.services import poster_checks
from app.services.audit import Actor
from app.views.checkpoints import MANAGERS as CHECKPOINT_MANAGERS
from app.views.declarations import Creation, Filter, ListColumn, Screen
from app.views.first_page import WAITING, Waiting
from app.views.format import date_text, label_text, moment_text
from app.views.identity import account, compound_in_hand, current_venue_id
from app.views.poster_looks import RIGHT, UNCHECKED, WRONG, CompoundPosterForm, found_cell, keep
from app.views.screen_view import ScreenView
from app.views.sector_statistics import SECTOR_MANAGERS
from app.views.sectors import CATEGORY, CATEGORY_LABEL, list_endpoint
from app.views.venues import AREA_MANAGERS

_COMPOUND_MANAGERS = frozenset({Role.COMPOUND_ADMIN})
_WAITS = N_("今日未核验二维码")


def _confirm(form: CompoundPosterForm, actor: Actor) -> None:
    keep(compound_in_hand(), form, actor)


def _query() -> Select[Any]:
    return select(PosterCheck).options(joinedload(PosterCheck.venue, innerjoin=True))


def _on_day(query: Select[Any], day: date) -> Select[Any]:
    return query.where(PosterCheck.day == day)


def _by_result(query: Select[Any], value: str) -> Select[Any]:
    return query.where(PosterCheck.is_right == (value == RIGHT))


def _by_place(query: Select[Any], value: str) -> Select[Any]:
    return query.where(PosterCheck.venue_id.in_(select(Venue.id).where(Venue.name.contains(value, autoescape=True))))


def _compound_waits() -> Select[Any]:
    """Return the compound in hand, while nobody has looked at its poster today."""
    query = poster_checks.unchecked_today().where(Venue.kind.in_(VenueFamily.COMPOUND.kinds))
    return query.where(Venue.id == current_venue_id())


def _checkpoints_wait() -> Select[Any]:
    return poster_checks.unchecked_today().where(Venue.kind.in_(VenueFamily.CHECKPOINT.kinds))


def _sector_waits() -> Select[Any]:
    return poster_checks.unchecked_today().where(Venue.kind == account().venue_kind)


def _own_list() -> str:
    kind = account().venue_kind
    return list_endpoint(kind) if kind else ""


SCREEN = Screen(
    title=N_("二维码核验"),
    roles=AREA_MANAGERS | _COMPOUND_MANAGERS,
    query=_query,
    order=(PosterCheck.day, PosterCheck.id),
    by_compound=True,
    columns=(
        ListColumn("day", N_("核验日期"), lambda row: date_text(row.day)),
        ListColumn("venue", N_("所属小区"), lambda row: row.venue.name, roles=_COMPOUND_MANAGERS),
        ListColumn("place", N_("场所名称"), lambda row: row.venue.name, roles=AREA_MANAGERS | SECTOR_MANAGERS),
        ListColumn("kind", N_("场所类型"), lambda row: label_text(row.venue.kind), roles=AREA_MANAGERS),
        ListColumn("result", N_("核验结果"), lambda row: found_cell(row.is_right), kind="status"),
        ListColumn("checked_at", N_("核验时间"), lambda row: moment_text(row.checked_at), kind="datetime"),
    ),
    filters=(
        Filter("day", N_("核验日期"), _on_day, "date"),
        Filter("result", N_("核验结果"), _by_result, "select", lambda: ((RIGHT, N_("完好")), (WRONG, N_("异常")))),
        Filter(
            "place", N_("场所名称"), _by_place, placeholder=N_("请输入场所名称"), roles=AREA_MANAGERS | SECTOR_MANAGERS
        ),
    ),
    creation=Creation(
        CompoundPosterForm,
        _confirm,
        _COMPOUND_MANAGERS,
        label=N_("今日核验"),
        lead=N_(
            "请到现场扫一次本小区的二维码，确认打开的是本小区的登记页面，没有被覆盖或涂改。发现异常请立即重新下载张贴。"
        ),
    ),
    empty_title=N_("还没有核验记录"),
    empty_hint=N_("每天点击「今日核验」确认一次本小区张贴的二维码。"),
    export_name="poster_checks",
    has_detail=False,
)


class PosterCheckView(ScreenView):
    """The days on which somebody looked."""

    route_base = "/poster-checks"
    screen = SCREEN


class SectorPosterCheckView(ScreenView):
    """The same for a sector, whose posters are looked at from its list of places."""

    route_base = "/sectors/poster-checks"
    screen = replace(
        SCREEN,
        roles=SECTOR_MANAGERS,
        creation=None,
        empty_hint=N_("在列表管理中点击「核验二维码」，记录当天到现场核验的结果。"),
    )


def register(appbuilder: AppBuilder) -> None:
    """Add the screens, and their lines among what waits."""
    appbuilder.add_view(
        PosterCheckView(), "PosterCheckView", label=SCREEN.title, category="compound", category_label=N_("小区后台管理")
    )
    appbuilder.add_view(
        SectorPosterCheckView(),
        "SectorPosterCheckView",
        label=SCREEN.title,
        category=CATEGORY,
        category_label=CATEGORY_LABEL,
    )
    unchecked = {"poster": UNCHECKED}
    WAITING.append(Waiting(_WAITS, _COMPOUND_MANAGERS, _compound_waits, "PosterCheckView.add", {}))
    WAITING.append(Waiting(_WAITS, SECTOR_MANAGERS, _sector_waits, _own_list, unchecked))
    WAITING.append(
        Waiting(N_("今日未核验的卡口二维码"), CHECKPOINT_MANAGERS, _checkpoints_wait, "CheckpointView.list", unchecked)
    )
