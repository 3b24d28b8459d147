"""The search of a screening list: keyword, days, status and, for the city, district and dispatch."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from flask_babel import gettext
from sqlalchemy import Select

from app.domain.documents import DocumentType
from app.domain.labels import N_
from app.domain.screening import ScreeningKind, initial_status, outcomes
from app.domain.text import clean, digits
from app.models import ScreeningEntry
from app.models.encryption import document_index, phone_index
from app.services import screening
from app.services.lists import ScreeningList
from app.views.declarations import Filter
from app.views.format import profile
from app.views.person_filters import starts_with
from app.views.screening_columns import CITY

SCREENED = "screened"  # the filter's word for any outcome


def _by_keyword(query: Select[Any], value: str) -> Select[Any]:
    """Narrow to a whole phone or document number, else to names that begin so (blind indexes find nothing partial)."""
    number = digits(value).upper()
    if not any(character.isdigit() for character in number):
        return query.where(starts_with(ScreeningEntry.name, clean(value)))
    documents = [document_index(kind.name, number) for kind in DocumentType]
    found = ScreeningEntry.document_index.in_(documents) | (ScreeningEntry.phone_index == phone_index(number))
    return query.where(found)


def by_status(kind: ScreeningKind, query: Select[Any], value: str) -> Select[Any]:
    if value == SCREENED:
        return query.where(ScreeningEntry.status.in_([status.name for status in outcomes(kind)]))
    return query.where(ScreeningEntry.status == value)


def by_dispatched(query: Select[Any], value: str) -> Select[Any]:
    if value == "yes":
        return query.where(ScreeningEntry.dispatched_at.is_not(None))
    return query.where(ScreeningEntry.area_code == profile().area_code, ScreeningEntry.dispatched_at.is_(None))


def _since(query: Select[Any], value: date) -> Select[Any]:
    return query.where(ScreeningEntry.listed_on >= value)


def _until(query: Select[Any], value: date) -> Select[Any]:
    return query.where(ScreeningEntry.listed_on <= value)


def _by_district(query: Select[Any], value: str) -> Select[Any]:
    return query.where(ScreeningEntry.area_code == value, ScreeningEntry.dispatched_at.is_not(None))


def _status_choices(declared: ScreeningList) -> list[tuple[str, str]]:
    first = initial_status(declared.kind)
    rest = [(status.name, f"· {gettext(status.label)}") for status in outcomes(declared.kind)]
    return [(first.name, first.label), (SCREENED, declared.screened_label), *rest]


def filters(declared: ScreeningList) -> list[Filter]:
    placeholder = N_("姓名、完整手机号或证件号")
    dispatched = [("yes", N_("已下发")), ("no", N_("未下发"))]
    return [
        Filter("keyword", N_("关键字"), _by_keyword, placeholder=placeholder),
        Filter("since", N_("开始日期"), _since, "date"),
        Filter("until", N_("结束日期"), _until, "date"),
        Filter("status", N_("状态"), partial(by_status, declared.kind), "select", partial(_status_choices, declared)),
        Filter(
            "district",
            N_("区县"),
            _by_district,
            "select",
            lambda: list(screening.district_labels().items()),
            roles=CITY,
        ),
        Filter("dispatched", N_("下发"), by_dispatched, "select", lambda: dispatched, roles=CITY),
    ]
