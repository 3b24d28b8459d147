"""The search of a screening list: the person, days, status, and what the list is divided by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from flask_babel import gettext
from sqlalchemy import Select, false, or_, select

from app import clock
from app.domain.areas import AreaLevel
from app.domain.documents import DocumentType
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.screening import ScreeningKind, initial_status, screened, unscreened
from app.domain.text import clean, digits, person_name
from app.models import ScreeningEntry, Venue
from app.models.encryption import document_index, phone_index
from app.services import areas, attention, screening, tray
from app.services.list_dispatch import to_residence
from app.services.screening_list import Category, ScreeningList
from app.views.declarations import Filter
from app.views.format import profile
from app.views.listing import CHILD_MARK
from app.views.person_filters import starts_with
from app.views.screening_columns import CITY

# The filter's words for any status above and below the line that completion counts.
SCREENED, UNSCREENED = "screened", "unscreened"
_BELOW_DISTRICT = frozenset({Role.DISTRICT_ADMIN, Role.STREET_ADMIN, Role.COMMUNITY_ADMIN})
_AFTER_DIGITS = ":"


def unscreened_word(kind: ScreeningKind) -> str:
    """The filter's word for rows on which nobody has judged: the first status where there is no other such."""
    return UNSCREENED if len(unscreened(kind)) > 1 else initial_status(kind).name


def _by_keyword(query: Select[Any], value: str) -> Select[Any]:
    """Narrow to a whole phone or document number, else to names that begin so (blind indexes find nothing partial)."""
    number = digits(value).upper()
    if not any(character.isdigit() for character in number):
        return _by_name(query, value)
    documents = [document_index(kind.name, number) for kind in DocumentType]
    found = ScreeningEntry.document_index.in_(documents) | (ScreeningEntry.phone_index == phone_index(number))
    return query.where(found)


def _by_name(query: Select[Any], value: str) -> Select[Any]:
    return query.where(starts_with(ScreeningEntry.name, person_name(value)))


def _by_document(query: Select[Any], value: str) -> Select[Any]:
    number = digits(value).upper()
    return query.where(ScreeningEntry.document_index.in_([document_index(kind.name, number) for kind in DocumentType]))


def _by_phone(query: Select[Any], value: str) -> Select[Any]:
    return query.where(ScreeningEntry.phone_index == phone_index(digits(value)))


def _person_filters(declared: ScreeningList) -> list[Filter]:
    """A field for each column that the manual searches the list by (checklist Z115), else 关键字 (Z110)."""
    if not declared.searched_by:
        return [Filter("keyword", N_("关键字"), _by_keyword, placeholder=N_("姓名、完整手机号或证件号"))]
    ways = {
        "name": (_by_name, N_("请输入姓名")),
        "phone": (_by_phone, N_("请输入完整手机号")),
        "document_number": (_by_document, N_("请输入完整证件号码")),
    }
    return [Filter(key, declared.title_of(key), ways[key][0], placeholder=ways[key][1]) for key in declared.searched_by]


def by_status(kind: ScreeningKind, query: Select[Any], value: str) -> Select[Any]:
    """Narrow to a status, or to all of 已排查 or of 未排查 (checklist Z110: parent or child)."""
    if value in (SCREENED, UNSCREENED):
        members = screened(kind) if value == SCREENED else unscreened(kind)
        return query.where(ScreeningEntry.status.in_([status.name for status in members]))
    return query.where(ScreeningEntry.status == value)


def by_dispatched(query: Select[Any], value: str) -> Select[Any]:
    return query.where(~tray.is_in_tray() if value == "yes" else tray.is_in_tray())


def _since(query: Select[Any], value: date) -> Select[Any]:
    return query.where(ScreeningEntry.listed_on >= value)


def _until(query: Select[Any], value: date) -> Select[Any]:
    return query.where(ScreeningEntry.listed_on <= value)


def _by_district(declared: ScreeningList, query: Select[Any], value: str) -> Select[Any]:
    own = _within([value]) if declared.dispatch is to_residence else ScreeningEntry.area_code == value
    return query.where(own)


def _within(codes: Sequence[str]) -> Any:
    """Rows in any of these areas or below."""
    column = ScreeningEntry.area_code
    ranges = [(column >= code) & (column < code + _AFTER_DIGITS) for code in codes]
    return or_(*ranges) if ranges else false()


def _by_area(level: AreaLevel, query: Select[Any], value: str) -> Select[Any]:
    return query.where(_within(areas.codes_named(clean(value), level, profile().area_code)))


def _by_compound(query: Select[Any], value: str) -> Select[Any]:
    return query.where(ScreeningEntry.venue_id.in_(select(Venue.id).where(starts_with(Venue.name, clean(value)))))


def _by_attention(query: Select[Any], value: str) -> Select[Any]:
    marked = attention.is_marked(clock.now())
    return query.where(marked if value == "yes" else ~marked)


def _status_choices(declared: ScreeningList) -> list[tuple[str, str]]:
    kind = declared.row_kind
    waiting, done = unscreened(kind), screened(kind)
    first = [(unscreened_word(kind), declared.unscreened_label if len(waiting) > 1 else waiting[0].label)]
    children = [(s.name, CHILD_MARK + gettext(s.label)) for s in waiting] if len(waiting) > 1 else []
    return [
        *first,
        *children,
        (SCREENED, declared.screened_label),
        *((s.name, CHILD_MARK + gettext(s.label)) for s in done),
    ]


def _category_filter(category: Category) -> Filter:
    def apply(query: Select[Any], value: str) -> Select[Any]:
        return query.where(ScreeningEntry.category == value)

    return Filter("category", category.label, apply, "select", lambda: [(c.name, c.label) for c in category.choices])


def _area_filters() -> list[Filter]:
    """所属区县, 街道办, 所属社区, 所属小区, typed (checklist Z117)."""
    levels = (
        ("area_district", N_("所属区县"), AreaLevel.DISTRICT),
        ("area_street", N_("街道办"), AreaLevel.STREET),
        ("area_community", N_("所属社区"), AreaLevel.COMMUNITY),
    )
    typed = [Filter(key, label, partial(_by_area, level), roles=_BELOW_DISTRICT) for key, label, level in levels]
    return [*typed, Filter("compound", N_("所属小区"), _by_compound, roles=_BELOW_DISTRICT)]


def date_filters() -> list[Filter]:
    """开始日期 and 结束日期, of the day by which a list is searched."""
    return [
        Filter("since", N_("开始日期"), _since, "date"),
        Filter("until", N_("结束日期"), _until, "date"),
    ]


def filters(declared: ScreeningList) -> list[Filter]:
    """The fields of the list's search form."""
    narrow = partial(by_status, declared.row_kind)
    found = [
        *_person_filters(declared),
        *date_filters(),
        Filter("status", N_("状态"), narrow, "select", partial(_status_choices, declared)),
    ]
    if declared.category:
        found.append(_category_filter(declared.category))
    if declared.has_attention:
        marks = [("yes", N_("需重点关注")), ("no", N_("不需关注"))]
        found.append(Filter("attention", N_("重点关注"), _by_attention, "select", lambda: marks))
    if declared.by_area:
        found += _area_filters()
    return [*found, *_city_filters(declared)]


def _city_filters(declared: ScreeningList) -> list[Filter]:
    dispatched = [("yes", N_("已下发")), ("no", N_("未下发"))]
    names = lambda: list(screening.district_labels().items())  # noqa: E731 - one word for the choices
    return [
        Filter("district", N_("区县"), partial(_by_district, declared), "select", names, roles=CITY),
        Filter("dispatched", N_("下发"), by_dispatched, "select", lambda: dispatched, roles=CITY),
    ]
