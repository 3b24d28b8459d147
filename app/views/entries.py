"""「进出登记管理」 (Z-R10): every scan and every paper form is a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import g, request, url_for
from flask_appbuilder import AppBuilder
from flask_babel import get_locale, gettext
from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from app import clock
from app.domain.colors import Color
from app.domain.documents import DocumentType
from app.domain.labels import N_
from app.domain.roles import Role
from app.forms.paper import PaperEntryForm
from app.models import EntryOutcome, EntryRecord, EntrySource, Person, Venue
from app.services import by_hand, entries, entry_counts
from app.services.audit import Actor
from app.views.declarations import Creation, Filter, ListColumn, RowAction, Screen
from app.views.entry_detail import entry_sections, revealed
from app.views.format import label_text, moment_text, profile, today, tone, zone
from app.views.identity import compound_in_hand, current_venue_id
from app.views.page import Cell, DetailPage, Figure, Link
from app.views.person_filters import by_document, by_name, by_phone
from app.views.reveal import add_subject
from app.views.screen_view import ScreenView
from app.views.sites import here

AREA_MANAGERS = frozenset({Role.CITY_ADMIN, Role.DISTRICT_ADMIN, Role.STREET_ADMIN, Role.COMMUNITY_ADMIN})
MANAGERS = AREA_MANAGERS | {Role.COMPOUND_ADMIN}
_MINUTES = len("2020-02-20 10:00")


def outcome_cell(row: EntryRecord) -> Cell:
    """Return what the result page told the guard: strangers are refused, and only some colours pass (Z-S4, D3)."""
    if row.outcome is EntryOutcome.REFUSED:
        return Cell(gettext("拒绝"), tone="red")
    if not profile().may_pass(row.color):
        return Cell(gettext("禁止出入"), tone=tone(row.color))
    return Cell(gettext("准入"), tone="green")


def color_cell(row: EntryRecord) -> Cell:
    return Cell(label_text(row.color), tone=tone(row.color))


def _query() -> Select[Any]:
    return select(EntryRecord).options(
        joinedload(EntryRecord.person, innerjoin=True), joinedload(EntryRecord.venue, innerjoin=True)
    )


def from_day(query: Select[Any], day: date) -> Select[Any]:
    return query.where(EntryRecord.recorded_at >= clock.day_bounds(day, zone())[0])


def to_day(query: Select[Any], day: date) -> Select[Any]:
    return query.where(EntryRecord.recorded_at < clock.day_bounds(day, zone())[1])


def by_source(query: Select[Any], value: str) -> Select[Any]:
    # Said in the statement itself: SQLite takes the index of the paper forms for no parameter.
    source: BindParameter[Any] = bindparam("source", EntrySource[value], literal_execute=True, unique=True)
    return query.where(EntryRecord.source == source)


ABNORMAL = "ABNORMAL"


def by_color(query: Select[Any], value: str) -> Select[Any]:
    colors = profile().abnormal_colors if value == ABNORMAL else (Color[value],)
    return query.where(EntryRecord.color.in_(colors))


def color_choices() -> list[tuple[str, str]]:
    """Return the colours that the region has, and all of them that are abnormal."""
    known = {*profile().guard_hints.by_color, *profile().abnormal_colors}
    return [(ABNORMAL, N_("异常")), *((color.name, color.label) for color in Color if color in known)]


def days_by_hour() -> tuple[date, date]:
    """Return the days whose hours can be looked at one by one: yesterday and today."""
    return today() - timedelta(days=1), today()


def hour_word(start: datetime) -> str:
    """Return an hour as the search names it: the region's day and time at which it begins."""
    return moment_text(start)[:_MINUTES]


def _hour_choices() -> list[tuple[str, str]]:
    """Return the hours of these days that have begun, the latest first."""
    start, end = clock.day_bounds(days_by_hour()[0], zone())[0], clock.now()
    found = []
    while start <= end:
        found.append((hour_word(start), hour_word(start)))
        start = clock.hour_bounds(start, zone())[1]
    return found[::-1]


def _in_hour(query: Select[Any], value: str) -> Select[Any]:
    start, end = clock.hour_bounds(datetime.fromisoformat(value).replace(tzinfo=zone()), zone())
    return query.where(EntryRecord.recorded_at >= start, EntryRecord.recorded_at < end)


def _by_compound(query: Select[Any], value: str) -> Select[Any]:
    return query.where(EntryRecord.venue_id.in_(select(Venue.id).where(Venue.name.contains(value, autoescape=True))))


def counts() -> entry_counts.EntryCounts:
    """Return the two numbers of this page, for its figures and its pager; the entry of a moment ago is among them."""
    if "entry_counts" not in g:
        g.entry_counts = entry_counts.entry_counts(venue_id=current_venue_id())
    found: entry_counts.EntryCounts = g.entry_counts
    return found


def entry_figures() -> Sequence[Figure]:
    found = counts()
    listed = here("EntryView.list")
    return (
        Figure(gettext("今日进出人数"), f"{found.today:,}", url=url_for(listed, from_day=today().isoformat())),
        Figure(gettext("总计"), f"{found.total:,}", url=url_for(listed)),
    )


def _paper_form() -> PaperEntryForm:
    return PaperEntryForm(
        request.form if request.method == "POST" else None,
        profile=profile(),
        today=today(),
        language=get_locale().language,
        document_type=DocumentType.ID_CARD.name,
        recorded_at=clock.now().astimezone(zone()),
    )


def _record(form: PaperEntryForm, actor: Actor) -> None:
    by_hand.add_entry(form.filled, venue=compound_in_hand(), moment=form.moment(profile()), actor=actor)


SCREEN = Screen(
    title=N_("进出登记管理"),
    roles=MANAGERS,
    query=_query,
    order=(EntryRecord.recorded_at, EntryRecord.id),
    by_compound=True,
    columns=(
        ListColumn("recorded_at", N_("登记时间"), lambda row: moment_text(row.recorded_at), kind="datetime"),
        ListColumn("name", N_("姓名"), lambda row: row.person.name),
        ListColumn(
            "document_number",
            N_("证件号"),
            lambda row: row.person.masked_document,
            kind="mono",
            full=lambda row: row.person.document_number,
        ),
        ListColumn(
            "phone", N_("手机号"), lambda row: row.person.masked_phone, kind="mono", full=lambda row: row.person.phone
        ),
        ListColumn("venue", N_("所属小区"), lambda row: row.venue.name, roles=AREA_MANAGERS),
        ListColumn("source", N_("登记来源"), lambda row: label_text(row.source)),
        ListColumn("outcome", N_("通行结果"), outcome_cell, kind="status"),
        ListColumn("color", N_("状态颜色"), color_cell, kind="status"),
    ),
    filters=(
        Filter("from_day", N_("登记日期"), from_day, "date"),
        Filter("to_day", N_("登记日期至"), to_day, "date"),
        Filter("hour", N_("登记时段（昨日和今日）"), _in_hour, "select", _hour_choices),
        Filter("source", N_("登记来源"), by_source, "select", lambda: [(s.name, s.label) for s in EntrySource]),
        Filter("color", N_("状态颜色"), by_color, "select", color_choices),
        by_document(EntryRecord),
        by_name(EntryRecord),
        by_phone(EntryRecord, N_("手机号")),
        Filter("compound", N_("小区名称"), _by_compound, placeholder=N_("请输入小区名称"), roles=AREA_MANAGERS),
    ),
    figures=entry_figures,
    count=lambda: counts().total,
    creation=Creation(
        _paper_form,
        _record,
        frozenset({Role.COMPOUND_ADMIN}),
        lead=N_("录入老人、儿童等没有手机的人员填写的纸质登记表。"),
    ),
    actions=(
        RowAction(
            "delete",
            N_("删除"),
            lambda row, _form, actor: entries.delete(row, actor=actor),
            MANAGERS,
            done=N_("已删除"),
            visible=lambda row: row.source is EntrySource.MANUAL,
            confirm=N_("确定删除这条人工录入的登记信息吗？删除后不能恢复。"),
            style="danger",
        ),
    ),
    empty_title=N_("还没有进出登记"),
    empty_hint=N_("居民扫码后会出现在这里；老人和儿童的纸质登记表可以点击「新建」录入。"),
    export_name="entries",
    full_export_roles=MANAGERS,
    export_reads=(
        EntryRecord.source,
        EntryRecord.outcome,
        EntryRecord.color,
        Person.name,
        Person.document_number,
        Person.phone,
        Venue.name,
    ),
)


class EntryView(ScreenView):
    """The record is read-only (Z78); after a deletion there is no record to return to."""

    route_base = "/entries"
    screen = SCREEN

    def detail_page(self, row: EntryRecord, tab: str) -> DetailPage:  # noqa: ARG002 - there is one tab
        return DetailPage(
            title=row.person.name,
            status=color_cell(row),
            sections=entry_sections(row, outcome_cell(row).text),
            links=[self.action_link(action, row) for action in self.usable_actions(row)],
            back=Link(gettext(SCREEN.title), url_for(f"{self.endpoint}.list")),
        )

    def _done(self, key: int | None = None) -> Response:  # noqa: ARG002 - the row may be gone, so back to the list
        return super()._done()


def register(appbuilder: AppBuilder) -> None:
    """Add the screens of this module."""
    add_subject("entry", EntryRecord, revealed, MANAGERS)
    appbuilder.add_view(
        EntryView(), "EntryView", label=SCREEN.title, category="compound", category_label=N_("小区后台管理")
    )
