"""The particulars of a sector's venues as columns and filters of its screens, from the kind's declaration (Z-V1, Z-V3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select

from app.access import current_scope
from app.domain.areas import AreaLevel
from app.domain.labels import N_
from app.domain.sectors import Particular, Sector
from app.domain.text import clean, digits, without_blanks
from app.models import Venue
from app.models.encryption import phone_index
from app.services import area_tree, areas
from app.views.declarations import Filter, ListColumn
from app.views.format import label_text
from app.views.person_filters import starts_with

_HINTS = {
    Particular.CONTACT_PHONE: N_("请输入完整手机号"),
    Particular.CONTACT_NAME: N_("请输入姓名"),
    Particular.PLATE: N_("请输入车牌号"),
}


def particular_filter(sector: Sector, particular: Particular) -> Filter:
    """Return the filter by one particular, called as the kind calls it."""
    key, field = particular.value, sector.field(particular)
    if particular is Particular.DISTRICT:
        return Filter(
            key, field.label, lambda query, code: query.where(starts_with(Venue.area_code, code)), "select", _areas
        )
    apply = _by_phone if particular is Particular.CONTACT_PHONE else _containing(particular)
    return Filter(key, field.label, apply, placeholder=field.hint or _HINTS.get(particular, ""))


def _areas() -> Sequence[tuple[str, str]]:
    """Return the region's districts that the account may see."""
    scope = current_scope()
    return [(one.code, one.name) for one in area_tree.current().districts if scope.covers(one.code)]


def _by_phone(query: Select[Any], value: str) -> Select[Any]:
    return query.where(Venue.contact_phone_index == phone_index(digits(value)))


def _containing(particular: Particular) -> Callable[[Select[Any], Any], Select[Any]]:
    """Return a filter by a part of the value, typed as people type it."""
    column = getattr(Venue, particular.value)
    is_code = particular in (Particular.PLATE, Particular.SOCIAL_CREDIT_CODE)

    def apply(query: Select[Any], value: str) -> Select[Any]:
        typed = without_blanks(value).upper() if is_code else clean(value)
        return query.where(column.contains(typed, autoescape=True))

    return apply


def particular_column(sector: Sector, particular: Particular) -> ListColumn:
    """Return the column of one particular; the contact's phone is masked."""
    kind: Any = "mono" if particular in (Particular.CONTACT_PHONE, Particular.SOCIAL_CREDIT_CODE) else "text"
    field = sector.field(particular)
    read = _READ.get(particular, _plain(particular))
    return ListColumn(particular.value, field.column or field.label, read, kind=kind)


def _plain(particular: Particular) -> Callable[[Venue], str]:
    def read(row: Venue) -> str:
        # A venue that never was in the pool has its name only.
        return str(getattr(row, particular.value) or "")

    return read


_READ: dict[Particular, Callable[[Venue], str]] = {
    Particular.DISTRICT: lambda row: areas.full_name(row.area_code, top=AreaLevel.DISTRICT),
    Particular.SUBTYPE: lambda row: label_text(row.subtype),
    Particular.CONTACT_PHONE: lambda row: row.masked_contact_phone,
}
