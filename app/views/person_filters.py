"""Finding people in any list that ties rows to them: by name, by number, by phone (Z-R7: any one suffices)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, select

from app.domain.documents import DocumentType
from app.domain.labels import N_
from app.domain.text import digits, person_name
from app.models import Person
from app.models.encryption import document_index, phone_index
from app.views.declarations import Filter

_AFTER_ANY = "\U0010ffff"
_PERSON = Person.__table__.c


def starts_with(column: Any, value: str) -> ColumnElement[bool]:
    """Return a prefix match as a range, which an index answers on both databases."""
    return (column >= value) & (column < value + _AFTER_ANY)


def _people(condition: ColumnElement[bool]) -> Select[Any]:
    """Return the ids of people, of the table itself: whoever is tied to a row in scope is in scope by that very row.

    Asked of the model, the database would look for such a row of everybody of that name in the region.
    """
    return select(_PERSON.id).where(condition)


def by_name(model: Any) -> Filter:
    """Return the filter 「姓名」: the beginning of a name."""

    def apply(query: Select[Any], value: str) -> Select[Any]:
        return query.where(model.person_id.in_(_people(starts_with(_PERSON.name, person_name(value)))))

    return Filter("name", N_("姓名"), apply, placeholder=N_("请输入姓名"))


def by_document(model: Any) -> Filter:
    """Return the filter 「证件号码」: the whole number, found without reading any (blind index)."""

    def apply(query: Select[Any], value: str) -> Select[Any]:
        number = digits(value).upper()
        either = [document_index(kind.name, number) for kind in DocumentType]
        return query.where(model.person_id.in_(_people(_PERSON.document_index.in_(either))))

    return Filter("document_number", N_("证件号码"), apply, placeholder=N_("请输入完整证件号码"))


def by_phone(model: Any, label: str = N_("联系电话")) -> Filter:
    """Return the filter by phone number: the whole number."""

    def apply(query: Select[Any], value: str) -> Select[Any]:
        return query.where(model.person_id.in_(_people(_PERSON.phone_index == phone_index(digits(value)))))

    return Filter("phone", label, apply, placeholder=N_("请输入完整手机号"))
