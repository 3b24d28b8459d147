"""「医疗机构人员进出列表」 (Z-V4, checklist Z95): who came and went, of medical institutions only."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, url_for
from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.domain.labels import N_
from app.domain.venues import VenueKind
from app.models import EntryRecord, EntrySource, Venue
from app.services.reveal import Revealed
from app.views.declarations import Filter, ListColumn, Screen
from app.views.entries import by_color, by_source, color_cell, color_choices, from_day, outcome_cell, to_day
from app.views.entry_detail import entry_sections, revealed
from app.views.format import label_text, moment_text
from app.views.page import DetailPage, Link
from app.views.person_filters import by_name, by_phone
from app.views.reveal import add_subject
from app.views.screen_view import ScreenView
from app.views.sector_statistics import SECTOR_MANAGERS

KIND = VenueKind.MEDICAL_INSTITUTION
SUBJECT = "medical_entry"
_VENUES = Venue.__table__.c


def _query() -> Select[Any]:
    return select(EntryRecord).options(
        joinedload(EntryRecord.person, innerjoin=True), joinedload(EntryRecord.venue, innerjoin=True)
    )


def _by_institution(query: Select[Any], value: str) -> Select[Any]:
    named = select(_VENUES.id).where(_VENUES.kind == KIND, _VENUES.name.contains(value, autoescape=True))
    return query.where(EntryRecord.venue_id.in_(named))


SCREEN = Screen(
    title=N_("医疗机构人员进出列表"),
    roles=SECTOR_MANAGERS,
    query=_query,
    order=(EntryRecord.recorded_at, EntryRecord.id),
    columns=(
        ListColumn("recorded_at", N_("登记日期"), lambda row: moment_text(row.recorded_at), kind="datetime"),
        ListColumn("source", N_("来源方式"), lambda row: label_text(row.source)),
        ListColumn("name", N_("姓名"), lambda row: row.person.name),
        ListColumn("phone", N_("联系电话"), lambda row: row.person.masked_phone, kind="mono"),
        ListColumn("venue", N_("医疗机构名称"), lambda row: row.venue.name),
        ListColumn("color", N_("扫码人员状态"), color_cell, kind="status"),
    ),
    filters=(
        Filter("from_day", N_("登记日期"), from_day, "date"),
        Filter("to_day", N_("登记日期至"), to_day, "date"),
        Filter("source", N_("来源方式"), by_source, "select", lambda: [(s.name, s.label) for s in EntrySource]),
        by_name(EntryRecord),
        by_phone(EntryRecord),
        Filter("institution", N_("医疗机构名称"), _by_institution, placeholder=N_("请输入医疗机构名称")),
        Filter("color", N_("扫码人员状态"), by_color, "select", color_choices),
    ),
    empty_title=N_("还没有人员进出"),
    empty_hint=N_("居民在医疗机构扫码后会出现在这里；也可以修改查询条件，或点击「清除」查看全部。"),
    export_name="medical_entries",
)


class MedicalEntryView(ScreenView):
    """The record is read-only."""

    route_base = "/sectors/medical-institution/entries"
    venue_kind: ClassVar[VenueKind] = KIND
    screen = SCREEN

    def detail_page(self, row: EntryRecord, tab: str) -> DetailPage:  # noqa: ARG002 - there is one tab
        return DetailPage(
            title=row.person.name,
            status=color_cell(row),
            sections=entry_sections(row, outcome_cell(row).text, subject=SUBJECT, place=N_("医疗机构名称")),
            back=Link(gettext(SCREEN.title), url_for("MedicalEntryView.list")),
        )


def register_subject() -> None:
    """Let a record of this list be shown in full, with a reason; other sectors' managers know nobody by name."""
    add_subject(SUBJECT, EntryRecord, _revealed, SECTOR_MANAGERS)


def _revealed(row: EntryRecord) -> list[Revealed]:
    return revealed(row) if row.venue.kind is KIND else abort(404)
