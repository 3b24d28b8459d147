"""「列表管理」 of a sector: the venues whose code was activated, searched and edited by their particulars (Z-V3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from flask import request, url_for
from flask_babel import gettext
from sqlalchemy import Select, case, func
from werkzeug.datastructures import MultiDict

from app import clock
from app.access import current_scope
from app.domain.labels import N_
from app.domain.sectors import CodeState, Particular, Sector
from app.domain.venues import VenueKind
from app.extensions import db
from app.forms.sector_venues import SectorVenueForm, form_class
from app.models import Venue
from app.services import poster_checks, sector_venues
from app.services.audit import Actor
from app.services.reveal import Revealed
from app.services.sector_statistics import venues_of
from app.views.declarations import Filter, ListColumn, RowAction, Screen
from app.views.format import label_text, moment_text, today, zone
from app.views.page import Cell, Figure, Link
from app.views.poster_looks import TODAY_COLUMN, TODAY_FILTER, look_action
from app.views.screen_view import ScreenView
from app.views.sector_filters import particular_column, particular_filter
from app.views.sector_statistics import SECTOR_MANAGERS

_PHONE = Particular.CONTACT_PHONE.value


def list_screen(sector: Sector, title: str) -> Screen:
    """Return the screen of one kind."""
    return Screen(
        title=title,
        roles=SECTOR_MANAGERS,
        query=lambda: poster_checks.with_today(venues_of(sector.kind)),
        order=(Venue.id,),
        subject=lambda row: row.name,
        columns=(
            ListColumn("id", N_("序号"), lambda row: str(row.id), kind="serial"),
            *(particular_column(sector, particular) for particular in sector.particulars),
            ListColumn("state", N_("状态"), _state),
            TODAY_COLUMN,
            ListColumn("activated_at", N_("激活时间"), lambda row: moment_text(row.activated_at), kind="datetime"),
        ),
        filters=(
            *(particular_filter(sector, particular) for particular in sector.list_by),
            Filter("activated_from", N_("激活日期"), _activated_from, "date"),
            TODAY_FILTER,
        ),
        actions=(
            RowAction(
                "edit",
                N_("编辑"),
                edit,
                SECTOR_MANAGERS,
                done=N_("已保存"),
                form=edit_form,
                visible=lambda row: row.code_state is CodeState.ACTIVE,
                submit_label=N_("保存"),
            ),
            look_action(SECTOR_MANAGERS),
        ),
        empty_title=N_("还没有已激活的二维码"),
        empty_hint=N_("二维码激活后会出现在这里；也可以修改查询条件，或点击「清除」查看全部。"),
        export_name=f"{sector.kind.name.lower()}_venues",
        has_detail=False,
    )


def _state(row: Venue) -> Cell:
    return Cell(label_text(row.code_state), tone="green" if row.code_state is CodeState.ACTIVE else "gray")


def _activated_from(query: Select[Any], day: date) -> Select[Any]:
    return query.where(Venue.activated_at >= _start(day))


def _start(day: date) -> datetime:
    return clock.day_bounds(day, zone())[0]


def edit_form(row: Venue) -> SectorVenueForm:
    """Return the form of 「编辑」; the phone on record shows masked and stays as it is while nothing is typed."""
    known = {particular.value: value for particular, value in sector_venues.values_of(row).items()}
    typed: MultiDict[str, str] | None = None
    if request.method == "POST":
        typed = MultiDict(request.form)
        typed[_PHONE] = typed.get(_PHONE, "").strip() or known[_PHONE]
    form = form_class(row.kind)(typed, area_prefix=current_scope().area_prefix or "", **known)
    phone = form[_PHONE]
    if phone.data == row.contact_phone and typed is None:
        phone.data = ""
    phone.render_kw = {**(phone.render_kw or {}), "placeholder": row.masked_contact_phone}
    phone.description = gettext("留空表示不修改")
    return form


def edit(row: Venue, form: SectorVenueForm, actor: Actor) -> None:
    sector_venues.edit(row, form.values, actor=actor)


def revealed(row: Venue) -> list[Revealed]:
    """Return what 「查看完整」 shows of a sector's venue."""
    return [Revealed(N_("联系人姓名"), row.contact_name or ""), Revealed(N_("联系人手机号"), row.contact_phone or "")]


class SectorListView(ScreenView):
    """Subclasses name the kind; the numbers on top are live (Z-V3)."""

    venue_kind: ClassVar[VenueKind]

    def figures(self) -> Sequence[Figure]:
        """Return how many codes were activated, in all and today; each number opens its rows."""
        is_of_today = case((Venue.activated_at >= _start(today()), 1), else_=0)
        numbers = func.count(), func.coalesce(func.sum(is_of_today), 0)
        query = venues_of(self.venue_kind).with_only_columns(*numbers)
        in_all, of_today = db.session.execute(query).one()
        listed = f"{self.endpoint}.list"
        return (
            Figure(gettext("二维码激活总数"), f"{in_all:,}", url=url_for(listed)),
            Figure(gettext("今日激活总数"), f"{of_today:,}", url=url_for(listed, activated_from=today().isoformat())),
        )

    def row_links(self, row: Venue) -> Sequence[Link]:
        shown = Link(gettext("查看完整"), url_for("RevealView.ask", subject="sector_venue", key=row.id), modal=True)
        return [*super().row_links(row), *([shown] if row.contact_phone else [])]
